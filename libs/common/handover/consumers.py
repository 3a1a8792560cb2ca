"""Hearing the other side of a handover: one handler for every contract, the service's hooks by kind.

>>> table = handlers("grid", sends={"case-task": SenderHooks()}, receives={})
>>> sorted({event.topic.name for event in table})
['jiayuan.disputes.handover-grid.v1', 'jiayuan.tasks.handover-grid.v1']
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.contracts.handover import ReplyRestated, Requested, Restated, Step, heard_by
from libs.common.events.contract import Event
from libs.common.handover import repository, restating, service
from libs.common.handover.domain import ReceiverStep, SenderStep, State
from libs.common.handover.kinds import kind_of
from libs.common.handover.models import IncomingHandover, OutgoingHandover
from libs.common.handover.steps import Arrival, await_next, read
from libs.common.policy import system_actor
from libs.common.service import Delivery, Handler

SenderHook = Callable[[AsyncSession, OutgoingHandover, Any, datetime], Awaitable[None]]
"""`async def on_signed(session, handover, event, now)`: the row is changed already. Never commits."""

ReceiverHook = Callable[[AsyncSession, IncomingHandover, Any, datetime], Awaitable[None]]
"""The same for the receiver."""

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class SenderHooks:
    """What the sender's service does when a reply was applied; `on_recorded`: when it was only recorded.

    `on_restated`: the row was made anew from what the receiver knows: look at its state.
    """

    on_signed: SenderHook | None = None
    on_return_asked: SenderHook | None = None
    on_first_contact: SenderHook | None = None
    on_progress: SenderHook | None = None
    on_extension_asked: SenderHook | None = None
    on_answered: SenderHook | None = None
    on_recorded: SenderHook | None = None
    on_restated: SenderHook | None = None

    def of(self, step: ReceiverStep) -> SenderHook | None:
        """The hook of the step."""
        return {
            ReceiverStep.SIGN: self.on_signed,
            ReceiverStep.RETURN: self.on_return_asked,
            ReceiverStep.FIRST_CONTACT: self.on_first_contact,
            ReceiverStep.PROGRESS: self.on_progress,
            ReceiverStep.ASK_EXTENSION: self.on_extension_asked,
            ReceiverStep.ANSWER: self.on_answered,
        }[step]


@dataclass(frozen=True)
class ReceiverHooks:
    """What the receiver's service does when a step of the sender was applied.

    `on_restated`: the row was made anew from what the sender knows: the service's own record may be missing.
    """

    on_requested: ReceiverHook | None = None
    on_supplemented: ReceiverHook | None = None
    on_urged: ReceiverHook | None = None
    on_designated: ReceiverHook | None = None
    on_changed: ReceiverHook | None = None
    on_extension_granted: ReceiverHook | None = None
    on_extension_refused: ReceiverHook | None = None
    on_suspended: ReceiverHook | None = None
    on_resumed: ReceiverHook | None = None
    on_accepted: ReceiverHook | None = None
    on_rework_demanded: ReceiverHook | None = None
    on_taken_back: ReceiverHook | None = None
    on_withdrawn: ReceiverHook | None = None
    on_recorded: ReceiverHook | None = None
    on_restated: ReceiverHook | None = None

    def of(self, step: SenderStep) -> ReceiverHook | None:
        """The hook of the step."""
        return {
            SenderStep.REQUEST: self.on_requested,
            SenderStep.SUPPLEMENT: self.on_supplemented,
            SenderStep.URGE: self.on_urged,
            SenderStep.DESIGNATE: self.on_designated,
            SenderStep.CHANGE: self.on_changed,
            SenderStep.GRANT_EXTENSION: self.on_extension_granted,
            SenderStep.REFUSE_EXTENSION: self.on_extension_refused,
            SenderStep.SUSPEND: self.on_suspended,
            SenderStep.RESUME: self.on_resumed,
            SenderStep.ACCEPT: self.on_accepted,
            SenderStep.DEMAND_REWORK: self.on_rework_demanded,
            SenderStep.TAKE_BACK: self.on_taken_back,
            SenderStep.WITHDRAW: self.on_withdrawn,
        }[step]


def handlers(
    own: str,
    *,
    sends: Mapping[str, SenderHooks],
    receives: Mapping[str, ReceiverHooks],
    clock: Clock = utc_now,
) -> Mapping[type[Event], Handler]:
    """A handler for every handover contract that the service `own` reads, for its `SERVICE.handlers`.

    A step of a kind without hooks is taken in all the same. `clock` gives the time of the effects (UTC).
    """
    hears = _Hears(own, sends, receives, clock)
    return {contract: hears.handler(contract) for contract in heard_by(own)}


@dataclass(frozen=True)
class _Hears:
    own: str
    sends: Mapping[str, SenderHooks]
    receives: Mapping[str, ReceiverHooks]
    clock: Clock

    def handler(self, contract: type[Step]) -> Handler:
        """The handler of a contract."""
        if issubclass(contract, Restated | ReplyRestated):
            return self.restated
        if issubclass(contract, Requested):
            return self.request
        return self.sender_step if contract.by_sender else self.reply

    async def restated(
        self, session: AsyncSession, event: Restated | ReplyRestated, delivery: Delivery
    ) -> None:
        """The other side says again all that it knows."""
        now = self.clock()
        row = await restating.rebuild(session, event, delivery.version, now)
        if isinstance(row, OutgoingHandover):
            sender_hook = self.sends.get(row.kind, SenderHooks()).on_restated
            if sender_hook is not None:
                await sender_hook(session, row, event, now)
        elif row is not None:
            receiver_hook = self.receives.get(row.kind, ReceiverHooks()).on_restated
            if receiver_hook is not None:
                await receiver_hook(session, row, event, now)

    async def request(self, session: AsyncSession, event: Requested, delivery: Delivery) -> None:
        """A handover arrives: the receiver's row is made, unique on its id."""
        if await repository.find_for_update(session, IncomingHandover, event.handover_id):
            return
        now = self.clock()
        kind = kind_of(event.kind)
        row = IncomingHandover(
            id=event.handover_id,
            version=0,
            peer_version=0,
            kind=kind.name,
            peer=kind.sender,
            state=State.REQUESTED,
            requested_at=event.happened_at,
            first_due_at=event.due_at,
            designated=False,
            extensions=0,
            urges=0,
            reworks=0,
            waits=await repository.waits_of(session, kind, now),
            **{name: getattr(event, name) for name in service.REQUESTED_FIELDS if name != "contents"},
            contents=event.contents.model_dump(mode="json"),
        )
        await repository.add(session, row)
        await_next(row, now)
        await self._receive(session, row, Arrival(event, delivery, now))

    async def sender_step(self, session: AsyncSession, event: Step, delivery: Delivery) -> None:
        """A step of the sender, at the receiver."""
        row = await repository.get_for_update(session, IncomingHandover, event.handover_id)
        if not await repository.has_step(session, delivery.event_id):
            await self._receive(session, row, Arrival(event, delivery, self.clock()))

    async def _receive(self, session: AsyncSession, row: IncomingHandover, arrival: Arrival) -> None:
        why = await read(session, row, arrival)
        hooks = self.receives.get(row.kind, ReceiverHooks())
        hook = hooks.of(SenderStep(arrival.event.step)) if why is None else hooks.on_recorded
        if hook is not None:
            await hook(session, row, arrival.event, arrival.now)

    async def reply(self, session: AsyncSession, event: Step, delivery: Delivery) -> None:
        """A reply of the receiver, at the sender. What the sender does not verify it accepts at once."""
        row = await repository.get_for_update(session, OutgoingHandover, event.handover_id)
        if await repository.has_step(session, delivery.event_id):
            return
        now = self.clock()
        why = await read(session, row, Arrival(event, delivery, now))
        hooks = self.sends.get(row.kind, SenderHooks())
        hook = hooks.of(ReceiverStep(event.step)) if why is None else hooks.on_recorded
        if hook is not None:
            await hook(session, row, event, now)
        if row.state == State.ANSWERED and kind_of(row.kind).ends_on_answer:
            await service.accept(session, row.id, actor=system_actor(self.own), now=now)
