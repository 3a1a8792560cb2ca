"""Makes what the tests of tasks need: callers, units, duties, tasks, handovers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts import handover as said
from libs.common.contracts.handover import CHANNELS, Contents, MediaRef, Person, Place
from libs.common.db import Database
from libs.common.events.contract import Event
from libs.common.handover.consumers import handlers
from libs.common.handover.models import IncomingHandover
from libs.common.http.faults import Unauthenticated
from libs.common.ids import new_id
from libs.common.media.models import MediaObject, MediaUpload
from libs.common.policy import Actor, Principal, Role
from libs.common.service import Delivery
from services.tasks.assignments.consumers import HOOKS, KINDS
from services.tasks.directs import service as directs
from services.tasks.directs.service import Assignment
from services.tasks.duties import service as duties
from services.tasks.duties.domain import DutyFields
from services.tasks.duties.models import Duty
from services.tasks.tasks.models import Task
from services.tasks.tasks.service import By
from services.tasks.units import service as units
from services.tasks.units.domain import MemberRole, UnitFields
from services.tasks.units.models import Unit

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai on a working day."""

TOWN = "310101002"
ADMINISTRATOR = Actor("admin-1", Role.ADMINISTRATOR)


@dataclass
class Clock:
    """The time that the app is given."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def tick(self, span: timedelta = timedelta(minutes=1)) -> datetime:
        """Move on."""
        self.now += span
        return self.now


class Callers:
    """Takes the caller from a header that only the tests know: no signature is checked here."""

    async def authenticate(self, headers: Mapping[str, str], now: datetime) -> Principal:
        """The caller that `as_` wrote. Raises `Unauthenticated`."""
        if "x-test-caller" not in headers:
            raise Unauthenticated
        told = json.loads(headers["x-test-caller"])
        return Principal(
            subject=told["subject"],
            name=told["subject"],
            roles=frozenset(Role(role) for role in told["roles"]),
            areas=tuple(told["areas"]),
            unit_id=UUID(told["unit_id"]) if told["unit_id"] else None,
        )


def as_(
    *roles: Role,
    unit_id: UUID | None = None,
    areas: Sequence[str] = ("310101",),
    subject: str | None = None,
    key: str | None = None,
    version: int | None = None,
) -> dict[str, str]:
    """Headers of a caller, with a fresh Idempotency-Key and, where a version is given, If-Match."""
    told = {
        "subject": subject or f"{roles[0]}-1",
        "roles": roles,
        "areas": areas,
        "unit_id": str(unit_id) if unit_id else None,
    }
    headers = {"x-test-caller": json.dumps(told), "idempotency-key": key or str(new_id())}
    return headers | ({"if-match": f'"{version}"'} if version is not None else {})


@dataclass(frozen=True)
class Sent:
    """An event as it stands in the outbox."""

    type: str
    aggregate_id: UUID
    version: int
    payload: dict[str, Any] = field(default_factory=dict)


async def outbox(database: Database, topic: str | None = None) -> list[Sent]:
    """What was recorded, in order; of one topic where it is named."""

    async def work(session: AsyncSession) -> list[Sent]:
        query = (
            "SELECT type, aggregate_id, version, payload FROM outbox"
            " WHERE CAST(:topic AS text) IS NULL OR topic = :topic ORDER BY id"
        )
        rows = await session.execute(text(query), {"topic": topic})
        return [Sent(r.type, r.aggregate_id, r.version, json.loads(r.payload)) for r in rows]

    return await database.read(work)


def delivery_of(event: Event, aggregate_id: UUID, version: int = 1) -> Delivery:
    """How the bus would hand the event over."""
    return Delivery(new_id(), event.topic.name, aggregate_id, version, 1, version, MONDAY, False)


def unit_fields(code: str = "310101002.enforcement-team", **overrides: Any) -> UnitFields:
    """A team of a town."""
    values: dict[str, Any] = {
        "code": code,
        "name_zh": "南京东路街道综合行政执法队",
        "name_en": "Integrated Enforcement Team",
        "kind": "enforcement-team",
        "area": TOWN,
    }
    return UnitFields(**(values | overrides))


async def create_duty(
    database: Database, lead: UUID, category: str = "0202", area: str = TOWN, **overrides: Any
) -> Duty:
    """A row of the live list, entered by an administrator."""
    fields = DutyFields(category=category, area=area, lead_unit_ids=(lead,), **overrides)

    async def work(session: AsyncSession) -> Duty:
        return await duties.enter(session, fields, actor=ADMINISTRATOR, now=MONDAY)

    return await database.transact(work)


async def create_unit(database: Database, code: str = "310101002.enforcement-team", **overrides: Any) -> Unit:
    """A unit, registered by an administrator."""

    async def work(session: AsyncSession) -> Unit:
        return await units.register(session, unit_fields(code, **overrides), actor=ADMINISTRATOR, now=MONDAY)

    return await database.transact(work)


async def create_member(database: Database, unit_id: UUID, subject: str, role: MemberRole) -> None:
    """A person in the unit since long ago."""
    staffing = units.Staffing(subject, "张三", role, valid_from=date(2026, 1, 1))
    await database.transact(lambda s: units.add_member(s, unit_id, staffing, actor=ADMINISTRATOR, now=MONDAY))


async def create_task(database: Database, unit_id: UUID, **overrides: Any) -> Task:
    """A direct task, entered by the supervision office, due in two days."""
    values: dict[str, Any] = {
        "title": "楼道堆物专项整治",
        "description": "逐栋排查",
        "unit_id": unit_id,
        "due_at": MONDAY + timedelta(days=2),
    }
    given = Assignment(**(values | overrides))
    by = By(Actor("supervisor-1", Role.SUPERVISION_OFFICE), MONDAY)
    return await database.transact(lambda s: directs.enter(s, given, by))


async def stored(database: Database, task_id: UUID) -> Task:
    """The task as it stands in the database."""
    task = await database.read(lambda s: s.get(Task, task_id))
    assert task is not None
    return task


async def upload(database: Database, subject: str, name: str = "a" * 64) -> str:
    """A photo that the person has uploaded; answers its hash."""

    async def work(session: AsyncSession) -> None:
        session.add(
            MediaObject(
                hash=name, stored_digest=name, media_type="image/jpeg", size=1, width=1, height=1,
                touched_at=MONDAY, stored_at=MONDAY,
            )
        )  # fmt: skip
        session.add(MediaUpload(hash=name, subject=subject, at=MONDAY))

    await database.transact(work)
    return name


class Dispatcher:
    """Grid's side of one handover: says its steps, each delivered twice, as the bus may do."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.id = new_id()
        self.case_id = new_id()
        self.version = 0
        self.kind = "case-task"
        self.hears = handlers("tasks", sends={}, receives=dict.fromkeys(KINDS, HOOKS), clock=clock)

    async def request(self, unit_id: UUID | None, **overrides: Any) -> Task:
        """Hand the case over; answers the task that it became."""
        contents = Contents(
            title="楼道堆物",
            description="3号楼2层堆放纸箱，联系 13800001234",
            category="0202",
            place=Place(area=TOWN, address="秀沿路1028弄12号501室"),
            reporter=Person(name="王小明", phone="13800001234"),
            media=(MediaRef(hash="b" * 64, purpose="before"),),
        )
        values: dict[str, Any] = {
            "subject_type": "case",
            "subject_id": self.case_id,
            "subject_number": "G20261123-310101002-000017",
            "unit_id": unit_id,
            "area": TOWN,
            "due_at": self.clock.now + timedelta(hours=8),
            "contents": contents,
            "extension_limit": 2,
        }
        await self.say(said.Requested, **(values | overrides))
        return await self.task()

    async def request_repair(self, unit_id: UUID) -> Task:
        """Hand a repair order over, to be on site within an hour; answers its task."""
        due_at = self.clock.now + timedelta(hours=1)
        details = {"repair": {"urgency": "urgent", "arrive_due_at": due_at.isoformat()}}
        place = Place(area=TOWN, address="秀沿路1028弄12号501室")
        contents = Contents(title="房屋应急维修", category="0505", place=place, details=details)
        self.kind = "case-repair"
        return await self.request(unit_id, contents=contents, due_at=self.clock.now + timedelta(hours=24))

    async def say(self, base: type[said.Step], **fields: Any) -> None:
        """One step, delivered twice. It replies to all that the unit has said."""
        self.version += 1
        event = (
            CHANNELS["grid", "tasks"]
            .classes[base]
            .model_validate(
                {
                    "handover_id": self.id,
                    "kind": self.kind,
                    "replies_to": fields.pop("replies_to", await self._heard()),
                    "by": "dispatcher-1",
                    "role": "dispatcher",
                    "happened_at": self.clock.now,
                    **fields,
                }
            )
        )
        delivery = delivery_of(event, self.id, self.version)
        for _ in range(2):
            await self.database.transact(lambda s: self.hears[type(event)](s, event, delivery))

    async def task(self) -> Task:
        """The task as it stands in the database."""
        task = await self.database.read(lambda s: s.scalar(select(Task).where(Task.handover_id == self.id)))
        assert task is not None
        return task

    async def handover(self) -> IncomingHandover:
        """The receiver's side of the handover."""
        found = await self.database.read(lambda s: s.get(IncomingHandover, self.id))
        assert found is not None
        return found

    async def _heard(self) -> int:
        found = await self.database.read(lambda s: s.get(IncomingHandover, self.id))
        return found.version if found else 0
