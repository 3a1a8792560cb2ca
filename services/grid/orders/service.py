"""What every room does with an order: find it, lock it, take a step and tell it; its clocks and its case.

Nothing here commits. Whoever needs order and case locks the case first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import Limit, TimeUnit, due_after_pause, utc_now
from libs.common.contracts.grid import ReporterRevealed
from libs.common.contracts.orders import (
    OrderFact,
    OrderMarked,
    OrderProgressed,
    OrderReceived,
    OrderRestated,
)
from libs.common.events.models import History
from libs.common.events.record import Change, record, record_access, restate
from libs.common.policy import Actor, Principal, sees_area
from libs.common.versions import check_version
from services.grid.acceptances import service as acceptances
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.lifecycle.domain import OPEN as OPEN_CASES
from services.grid.lifecycle.domain import CaseState
from services.grid.orders import repository
from services.grid.orders.domain import (
    ENDED,
    LIFE,
    Clock,
    Extension,
    Mark,
    OrderAction,
    OrderNotFound,
    OrderState,
    marks_due,
    next_mark,
)
from services.grid.orders.models import HotlineOrder as HotlineOrder
from services.grid.orders.repository import Wanted as Wanted
from services.grid.rules import service as rules
from services.grid.rules.domain import Rules
from services.grid.terms.service import terms


@dataclass(frozen=True)
class Step:
    """A step that has been allowed and is not told yet."""

    order: HotlineOrder
    action: OrderAction
    before: OrderState
    after: OrderState
    by: By


async def find(session: AsyncSession, order_id: UUID, viewer: Principal) -> HotlineOrder:
    """The order, if it lies in the viewer's area. Raises `OrderNotFound`."""
    return _seen(await repository.get(session, order_id), viewer)


async def find_by_number(session: AsyncSession, channel: str, number: str, viewer: Principal) -> HotlineOrder:
    """The order with the hotline's own number, if it lies in the viewer's area. Raises `OrderNotFound`."""
    return _seen(await repository.get_by_number(session, channel, number), viewer)


def _seen(order: HotlineOrder | None, viewer: Principal) -> HotlineOrder:
    if order is None or not sees_area(viewer, order.area):
        raise OrderNotFound
    return order


async def locked(session: AsyncSession, order_id: UUID, by: By) -> HotlineOrder:
    """The order, locked. Raises `OrderNotFound`, `Stale`."""
    order = await repository.get_for_update(session, order_id)
    if order is None or (by.viewer is not None and not sees_area(by.viewer, order.area)):
        raise OrderNotFound
    if by.version is not None:
        check_version(order, by.version)
    return order


async def locked_with_case(session: AsyncSession, order_id: UUID, by: By) -> tuple[HotlineOrder, Case]:
    """The order and its case, both locked; of a merged case the one that goes on."""
    order = await repository.get(session, order_id)
    if order is None:
        raise OrderNotFound
    made = await cases.locked(session, order.case_id, By(by.actor, by.now))
    case = await acceptances.going_on(session, made, by.now)
    order = await locked(session, order_id, by)
    order.case_id, order.case_state = case.id, case.state
    await resume_clock(session, order, by.now)
    return order, case


async def open_order(session: AsyncSession, order: HotlineOrder, by: By) -> HotlineOrder:
    """A new order in its first state, told as received; its clocks run (接收工单)."""
    order.state, order.mark_at = OrderState.RECEIVED, None
    await repository.add(session, order)
    order.mark_at = next_mark(order, soon_of(await rules.rules(session)))
    change = Change("receive", after=OrderState.RECEIVED)
    told = OrderReceived(**order_facts(order, by.now))
    await record(session, order, told, actor=by.actor, now=by.now, change=change)
    return order


def begin(order: HotlineOrder, action: OrderAction, by: By) -> Step:
    """Whether the step may be taken. Raises `IllegalTransition`."""
    before = OrderState(order.state)
    return Step(order, action, before, LIFE.after(before, action), by)


async def finish(
    session: AsyncSession,
    step: Step,
    event: type[OrderFact],
    *,
    note: str | None = None,
    fields: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> HotlineOrder:
    """Put the order into its new state and tell it. `fields` go into the history, `facts` into the event."""
    order, by = step.order, step.by
    order.state = step.after
    order.ended_at = (order.ended_at or by.now) if step.after in ENDED else None
    order.mark_at = next_mark(order, soon_of(await rules.rules(session)))
    change = Change(step.action.value, step.before, step.after, note, fields or {})
    told = event(**order_facts(order, by.now), **(facts or {}))
    await record(session, order, told, actor=by.actor, now=by.now, change=change)
    return order


def soon_of(limits: Rules) -> timedelta:
    """How long before a deadline it is due soon."""
    return timedelta(hours=limits.hotlines().soon_hours)


def order_facts(order: HotlineOrder, now: datetime) -> dict[str, Any]:
    """What every event of the order carries."""
    own = OrderFact.model_fields.keys() - {"happened_at"}
    return {"happened_at": now, **{name: getattr(order, name) for name in own}}


def reply_limit(order: HotlineOrder, limits: Rules) -> Limit:
    """The limit of the reply that counts now: of the kind, of a re-handling, of complex matters."""
    if order.extension == Extension.GRANTED:
        return limits.limit("complex")
    if order.round > 1:
        return limits.limit("redo")
    stage = limits.orders[order.kind].reply
    return stage.limit


async def start_reply_clock(session: AsyncSession, order: HotlineOrder, since: datetime) -> None:
    """The reply is due by its limit from then on (UTC); nothing has been told of this deadline yet."""
    found = await terms(session)
    order.clock_started_at = since
    set_reply_due(order, found.due(since, reply_limit(order, found.rules)))


def set_reply_due(order: HotlineOrder, due: datetime | None) -> None:
    """Another deadline of the reply."""
    order.reply_due_at = due
    order.reply_soon_at = order.reply_overdue_at = None


async def follow(session: AsyncSession, now: datetime, limit: int = 200) -> int:
    """Let open orders know how their case stands (办理进展); the hotline is told. Answers how many."""
    found = await repository.list_to_follow(session, limit)
    for order, case in found:
        await _follow(session, order, await acceptances.going_on(session, case, now), now)
    return len(found)


async def _follow(session: AsyncSession, order: HotlineOrder, case: Case, now: datetime) -> None:
    step = begin(order, OrderAction.FOLLOW, By(cases.GRID, now))
    order.case_id, order.case_state = case.id, case.state
    await resume_clock(session, order, now)
    said = {"case_state": case.state}
    await finish(session, step, OrderProgressed, fields=said, facts=said)


async def resume_clock(session: AsyncSession, order: HotlineOrder, now: datetime) -> None:
    """After mediation the reply is due again: the final one by its own limit, else with what was left."""
    if order.reply_due_at is not None or order.interim_at is None or order.case_state == CaseState.CONVERTED:
        return
    found = await terms(session)
    if order.case_state in OPEN_CASES:
        due = found.due(order.clock_started_at, reply_limit(order, found.rules))
        pause = order.interim_at, now
        set_reply_due(order, due_after_pause(due, pause, TimeUnit.WORKING_DAYS, found.calendar))
    else:
        set_reply_due(order, found.due(now, found.rules.limit("final")))


async def mark(session: AsyncSession, now: datetime, limit: int = 200) -> int:
    """Tell of clocks that are due soon or overdue, each once (临期、超时). Answers how many orders."""
    soon = soon_of(await rules.rules(session))
    found = await repository.list_to_mark(session, now, limit)
    for order in found:
        for each in marks_due(order, soon, now):
            await _mark(session, order, each, now)
        order.mark_at = next_mark(order, soon)
    return len(found)


async def _mark(session: AsyncSession, order: HotlineOrder, told: Mark, now: datetime) -> None:
    step = begin(order, OrderAction.MARK, By(cases.GRID, now))
    setattr(order, f"{told.clock.value}_{'overdue' if told.overdue else 'soon'}_at", now)
    said = {"clock": told.clock.value, "overdue": told.overdue}
    await finish(session, step, OrderMarked, fields=said, facts=said)


async def listed(
    session: AsyncSession,
    viewer: Principal,
    wanted: Wanted,
    due: Clock | None,
    *,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[HotlineOrder]:
    """The latest orders; with `due` what is owed by that clock, the earliest deadline first."""
    if due is None:
        return await repository.list_latest(session, viewer, wanted, after=after, limit=limit)
    return await repository.list_due(session, viewer, due, wanted, after=after, limit=limit)


async def history(session: AsyncSession, order_id: UUID, viewer: Principal) -> Sequence[History]:
    """Every step of the order, the first one first. Raises `OrderNotFound`."""
    return await cases.history_of(session, (await find(session, order_id, viewer)).id)


async def reveal(
    session: AsyncSession, order_id: UUID, reason: str, *, actor: Actor, viewer: Principal, now: datetime
) -> HotlineOrder:
    """The order with the payload as it came, with a recorded reason (查看原始报文)."""
    await find(session, order_id, viewer)
    order = await repository.get_raw(session, order_id)
    assert order is not None, "it was found"
    event = ReporterRevealed(
        happened_at=now, subject_type="order", subject_id=order.id,
        fields=("raw", "claim_address"), purpose="order",
    )  # fmt: skip
    change = Change("reveal", note=reason, fields={"order": order.number})
    await record_access(session, event, actor=actor, now=now, change=change)
    return order


async def restate_orders(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next orders stand. Answers the last id, None at the end."""
    rows = await repository.list_after(session, after, limit)
    for order in rows:
        await restate(session, order, OrderRestated(**order_facts(order, utc_now())), actor=cases.GRID)
    return rows[-1].id if rows else None


get = repository.get
by_number = repository.get_by_number
list_by_ids = repository.list_by_ids
list_of_caller = repository.list_of_caller
made_by_case = repository.get_made_for_update
repeats_of = repository.repeats_of
"""Statements that other rooms need as they are."""
