"""A sender and a receiver with databases of their own, and a relay that delivers every message twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.handover import EVENTS, Contents, MediaRef, Person, Place
from libs.common.db import Database
from libs.common.events.contract import Event
from libs.common.events.models import Outbox
from libs.common.handover import repository, service
from libs.common.handover.consumers import ReceiverHooks, SenderHooks, handlers
from libs.common.handover.kinds import KINDS
from libs.common.handover.models import HandoverStep, IncomingHandover, OutgoingHandover
from libs.common.handover.orders import Order, Subject
from libs.common.ids import new_id
from libs.common.policy import Actor
from libs.common.service import Delivery, Handler

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
DISPATCHER = Actor("dispatcher-1", "dispatcher")
CLERK = Actor("clerk-1", "unit_clerk")
BEFORE = MediaRef(hash="aa" * 32, purpose="before")
AFTER = MediaRef(hash="bb" * 32, purpose="after")
CONTENTS = Contents(
    title="楼道堆物",
    description="3 号楼 2 层堆放纸箱",
    category="A01",
    place=Place(area="310101002", address="某路 1 号", lon=121.47, lat=31.23, crs="CGCS2000"),
    reporter=Person(name="王某", phone="13800001234"),
    media=(BEFORE,),
)
CLASSES: dict[str, type[Event]] = {event.type: event for event in EVENTS}

SENDER_HOOKS = tuple(SenderHooks.__dataclass_fields__)
RECEIVER_HOOKS = tuple(ReceiverHooks.__dataclass_fields__)


SHARED = (
    *("kind", "state", "subject_type", "subject_id", "subject_number", "unit_id", "area", "contents"),
    *("requested_at", "due_at", "first_due_at", "times", "joint_id", "lead", "replaces_id"),
    *("reporter_withheld", "consent_at", "signed_at", "designated", "suspended_at", "extension_until"),
    *("extensions", "extension_limit", "urges", "reworks", "answered_at", "answer", "on_time"),
    *("ended_at", "waiting_for"),
)
"""What both sides must hold alike."""
VOIDABLE = {"signed_at", "answered_at", "answer", "extension_until"}
"""What the receiver may keep of a reply that a withdrawal made void."""


@dataclass
class Post:
    """What one service has published, and how far the other has been given it."""

    source: Database
    target: Database
    handlers: dict[type[Event], Handler]
    read: int = 0

    async def deliver(self) -> int:
        """Give the other side everything new, each message twice. Answers how many messages."""
        query = select(Outbox).where(Outbox.id > self.read).order_by(Outbox.id)
        rows = (await self.source.read(lambda session: session.scalars(query))).all()
        for row in rows:
            event = CLASSES[row.type].model_validate_json(row.payload)
            for _ in range(2):
                await self.give(event, row)
            self.read = row.id
        return len(rows)

    async def give(self, event: Event, row: Outbox) -> None:
        """Give the other side one message, once."""
        await self.target.transact(partial(self._handle, event, row))

    async def _handle(self, event: Event, row: Outbox, session: AsyncSession) -> None:
        delivery = Delivery(
            event_id=row.event_id,
            topic=row.topic,
            aggregate_id=row.aggregate_id,
            version=row.version,
            epoch=1,
            position=row.id,
            time=START,
            restated=row.restatement,
        )
        await self.handlers[type(event)](session, event, delivery)


@dataclass
class World:
    """One kind of handover between two services. `now` moves by hand; `heard` lists the hooks called."""

    kind: str
    sender: Database
    receiver: Database
    now: datetime = START
    heard: list[str] = field(default_factory=list)
    details: list[tuple[Any, Any, datetime]] = field(default_factory=list)
    subject: Subject = field(default_factory=lambda: Subject("case", new_id(), "G20260302001"))

    def __post_init__(self) -> None:
        declared = KINDS[self.kind]
        sends = {self.kind: SenderHooks(**{name: self._hook(name) for name in SENDER_HOOKS})}
        receives = {self.kind: ReceiverHooks(**{name: self._hook(name) for name in RECEIVER_HOOKS})}
        at_sender = handlers(declared.sender, sends=sends, receives={}, clock=lambda: self.now)
        at_receiver = handlers(declared.receiver, sends={}, receives=receives, clock=lambda: self.now)
        self.down = Post(self.sender, self.receiver, dict(at_receiver))
        self.up = Post(self.receiver, self.sender, dict(at_sender))

    def _hook(self, name: str) -> Callable[[AsyncSession, Any, Any, datetime], Awaitable[None]]:
        async def hook(session: AsyncSession, handover: Any, event: Any, now: datetime) -> None:
            self.heard.append(name)
            self.details.append((handover, event, now))

        return hook

    def later(self, **span: float) -> datetime:
        """Move the clock, answer the new time."""
        self.now += timedelta(**span)
        return self.now

    async def skip_the_past(self) -> None:
        """Leave what was published before to those that published it."""
        for post in (self.down, self.up):
            await self.skip_the_past_of(post)

    async def skip_the_past_of(self, post: Post) -> None:
        """Lose what one side has published and the other not yet read."""
        newest = await post.source.read(lambda session: session.scalar(select(func.max(Outbox.id))))
        post.read = newest or 0

    async def republished(self, database: Database) -> int:
        """How many restatements the database's outbox holds."""
        counted = select(func.count()).select_from(Outbox).where(Outbox.restatement)
        return await database.read(lambda session: session.scalar(counted)) or 0

    def without_hooks(self) -> None:
        """Let both services hear without doing anything of their own."""
        declared = KINDS[self.kind]
        bare = {
            own: dict(handlers(own, sends={}, receives={}, clock=lambda: self.now))
            for own in (declared.sender, declared.receiver)
        }
        self.down.handlers = bare[declared.receiver]
        self.up.handlers = bare[declared.sender]

    async def flow(self) -> None:
        """Deliver both ways until nothing is under way."""
        while await self.down.deliver() + await self.up.deliver():
            pass

    async def deliver(self, post: Post, event: Event, version: int, *, restated: bool = False) -> None:
        """Deliver a message that no outbox holds."""
        row = Outbox(
            id=0, event_id=new_id(), topic=event.topic.name, aggregate_id=getattr(event, "handover_id", None),
            version=version, type=event.type, restatement=restated, actor="x",
        )  # fmt: skip
        await post.give(event, row)

    def order(self, **changes: Any) -> Order:
        """An order with a deadline in 8 hours."""
        given: dict[str, Any] = {
            "contents": CONTENTS,
            "area": "310101002",
            "unit_id": UUID(int=7),
            "due_at": self.now + timedelta(hours=8),
            "consent_at": START,
        }
        return Order(**{**given, **changes})

    async def request(self, **changes: Any) -> UUID:
        """Hand the subject over and deliver it."""
        row = await self.sender.transact(
            lambda s: service.request(
                s, self.kind, self.subject, self.order(**changes), actor=DISPATCHER, now=self.now
            )
        )
        await self.flow()
        return row.id

    async def send(self, step: Callable[..., Awaitable[OutgoingHandover]], *args: Any, **said: Any) -> None:
        """Take a step of the sender. Delivers nothing."""
        await self.sender.transact(lambda s: step(s, *args, **said, actor=DISPATCHER, now=self.now))

    async def reply(self, step: Callable[..., Awaitable[IncomingHandover]], *args: Any, **said: Any) -> None:
        """Take a step of the receiver. Delivers nothing."""
        await self.receiver.transact(lambda s: step(s, *args, **said, actor=CLERK, now=self.now))

    async def outgoing(self, handover_id: UUID) -> OutgoingHandover:
        """The sender's row."""
        return await self.sender.read(lambda s: repository.get(s, OutgoingHandover, handover_id))

    async def incoming(self, handover_id: UUID) -> IncomingHandover:
        """The receiver's row."""
        return await self.receiver.read(lambda s: repository.get(s, IncomingHandover, handover_id))

    async def steps(self, handover_id: UUID, *, at: str = "sender") -> list[HandoverStep]:
        """The steps as one side lists them."""
        database = self.sender if at == "sender" else self.receiver
        return list(await database.read(lambda s: repository.list_steps(s, handover_id)))

    async def agrees(self, handover_id: UUID) -> None:
        """Assert that both sides hold the same of what both must know."""
        out, back = await self.outgoing(handover_id), await self.incoming(handover_id)
        same = SHARED if out.state != "withdrawn" else [n for n in SHARED if n not in VOIDABLE]
        assert {n: getattr(out, n) for n in same} == {n: getattr(back, n) for n in same}
        listed = [
            {(s.id, s.author, s.version, s.step, s.replies_to, s.applied, s.why, s.note) for s in steps}
            for steps in (await self.steps(handover_id), await self.steps(handover_id, at="receiver"))
        ]
        assert listed[0] == listed[1]
