"""Makes what the tests of targets need: callers, units, plans, targets, allocations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.tasks import UnitChanged
from libs.common.db import Database
from libs.common.events.contract import Event
from libs.common.http.faults import Unauthenticated
from libs.common.ids import new_id, stable_id
from libs.common.policy import Actor, Principal, Role
from libs.common.service import Delivery
from services.targets.allocations import service as allocations
from services.targets.allocations.domain import Share
from services.targets.allocations.models import Allocation
from services.targets.directory.consumers import UNITS
from services.targets.figures.domain import Given
from services.targets.plans import service as plans
from services.targets.plans.domain import PlanAction, PlanFields, PlanLevel
from services.targets.plans.models import Plan
from services.targets.plans.service import By
from services.targets.reports import service as reports
from services.targets.reports.models import Report
from services.targets.targets import service as targets
from services.targets.targets.domain import Comparator, Kind, TargetFields, Wanted
from services.targets.targets.models import Target

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai on a working day."""

CITY = "31"
DISTRICT = "310107"
TOWN = "310107005"
OFFICER = Actor("officer-1", Role.TARGET_OFFICER)


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
    areas: Sequence[str] = (CITY,),
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


async def steps_of(database: Database, aggregate_id: UUID) -> list[str]:
    """The actions that the history holds of a record, in order."""

    async def work(session: AsyncSession) -> list[str]:
        query = "SELECT action FROM history WHERE aggregate_id = :id ORDER BY version"
        return [row.action for row in await session.execute(text(query), {"id": aggregate_id})]

    return await database.read(work)


def delivery_of(event: Event, aggregate_id: UUID, version: int = 1) -> Delivery:
    """How the bus would hand the event over."""
    return Delivery(new_id(), event.topic.name, aggregate_id, version, 1, version, MONDAY, False)


def by(now: datetime = MONDAY, actor: Actor = OFFICER, version: int | None = None) -> By:
    """A step of the officer's, without a viewer's scope."""
    return By(actor, now, version=version)


def unit_changed(code: str = "310107.housing-bureau", **overrides: Any) -> UnitChanged:
    """A bureau of Putuo as `tasks` publishes it."""
    values: dict[str, Any] = {
        "happened_at": MONDAY,
        "code": code,
        "name_zh": "普陀区房屋管理局",
        "name_en": "Housing Administration Bureau, Putuo",
        "kind": "housing-bureau",
        "area": code.partition(".")[0],
        "origin": "live",
    }
    return UnitChanged(**(values | overrides))


async def create_unit(database: Database, code: str = "310107.housing-bureau", **overrides: Any) -> UUID:
    """A unit as the directory knows it; answers its id, `stable_id("unit", code)`."""
    key = stable_id("unit", code)
    told = unit_changed(code, **overrides)
    await database.transact(lambda s: UNITS.keep(s, [(key, told)]))
    return key


def plan_fields(code: str = "test-2026", **overrides: Any) -> PlanFields:
    """A city plan of the present year."""
    values: dict[str, Any] = {
        "code": code,
        "title_zh": "上海市住宅小区治理年度计划",
        "title_en": "City plan for residential estates",
        "level": PlanLevel.CITY,
        "area": CITY,
        "period_from": date(2026, 1, 1),
        "period_to": date(2026, 12, 31),
    }
    return PlanFields(**(values | overrides))


async def create_plan(
    database: Database, code: str = "test-2026", *, in_force: bool = True, **overrides: Any
) -> Plan:
    """A plan, in force unless told otherwise; its id is `stable_id("plan", code)`."""

    async def work(session: AsyncSession) -> Plan:
        fields = plan_fields(code, **overrides)
        plan, _ = await plans.enter(session, stable_id("plan", code), fields, by())
        if in_force:
            plan = await plans.step(session, plan.id, PlanAction.PUT_IN_FORCE, None, by())
        return plan

    return await database.transact(work)


def target_fields(plan: Plan, code: str = "T-1", **overrides: Any) -> TargetFields:
    """A count of 160 estates over the year, in the plan's area; `value` and `unit` may be given plainly."""
    wanted = Wanted(
        value=overrides.pop("value", Decimal(160)),
        value_min=overrides.pop("value_min", None),
        value_max=overrides.pop("value_max", None),
        comparator=overrides.pop("comparator", Comparator.REACH),
        unit=overrides.pop("unit", "estate"),
    )
    kind = overrides.get("kind", Kind.COUNT)
    values: dict[str, Any] = {
        "code": code,
        "plan_id": plan.id,
        "title_zh": "小区雨污分流改造",
        "title_en": "Estates with rain and sewage separated",
        "level": PlanLevel(plan.level),
        "area": plan.area,
        "kind": kind,
        "wanted": wanted if kind.measured else Wanted(),
        "start": plan.period_from,
        "deadline": plan.period_to,
    }
    return TargetFields(**(values | overrides))


async def create_target(database: Database, plan: Plan, code: str = "T-1", **overrides: Any) -> Target:
    """A target of the plan; its id is `stable_id("target", code)`."""
    fields = target_fields(plan, code, **overrides)
    key = stable_id("target", code)
    target, _ = await database.transact(lambda s: targets.enter(s, key, fields, by()))
    return target


async def allocate(
    database: Database, target: Target, shares: Sequence[Share], reserve: Decimal | None = None
) -> list[Allocation]:
    """Share the target out; the units must be known."""

    async def work(session: AsyncSession) -> list[Allocation]:
        sheet = await allocations.allocate(session, target.id, list(shares), reserve, by())
        return list(sheet.items)

    return await database.transact(work)


async def stored(database: Database, target_id: UUID) -> Target:
    """The target as it stands in the database."""
    found = await database.read(lambda s: s.get(Target, target_id))
    assert found is not None
    return found


def with_(fields: TargetFields, **changes: Any) -> TargetFields:
    """The same target but for these fields."""
    return replace(fields, **changes)


async def expect_reports(database: Database, now: datetime = MONDAY) -> list[Report]:
    """Run the sweep that expects reports until it is done; answers those open, oldest first."""
    while await database.transact(lambda s: reports.expect(s, now)):
        pass

    async def work(session: AsyncSession) -> list[Report]:
        rows = select(Report).where(Report.state.in_(["expected", "sent_back"]))
        return list(await session.scalars(rows.order_by(Report.period_first, Report.area, Report.id)))

    return await database.read(work)


async def report(database: Database, row: Report, given: Given, now: datetime = MONDAY) -> Report:
    """The unit's clerk submits the figures and the officer accepts them."""
    clerk = By(Actor("clerk-1", Role.UNIT_CLERK, row.unit_id), now)

    async def work(session: AsyncSession) -> Report:
        told = reports.Told(given, "按月填报")
        await reports.submit(session, row.id, told, clerk)
        return await reports.accept(session, row.id, "", by(now))

    return await database.transact(work)
