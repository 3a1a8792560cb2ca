"""Use cases of plans: enter, change, put in force, conclude; load from files; restate. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.contracts.targets import PlanChanged
from libs.common.events.models import History
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.http.paging import Keyset, Paging, Slice
from libs.common.policy import Actor, Principal, allows, require_area, sees_area, system_actor
from libs.common.search import tsvector_text
from libs.common.service import Loaded
from libs.common.versions import check_version
from services.targets.plans import repository
from services.targets.plans.domain import (
    LIFE,
    Basis,
    Origin,
    ParentPlanInvalid,
    PlanAction,
    PlanCodeTaken,
    PlanExists,
    PlanFields,
    PlanLevel,
    PlanNotFound,
    PlanState,
    check_open,
    check_plan,
    is_over,
)
from services.targets.plans.models import Plan as Plan
from services.targets.plans.repository import PlanFilter as PlanFilter
from services.targets.plans.sources import DEMONSTRATION as DEMONSTRATION
from services.targets.plans.sources import for_year as for_year
from services.targets.plans.sources import id_of_plan as id_of_plan
from services.targets.plans.sources import read_plans
from services.targets.plans.sources import read_yaml as read_yaml
from services.targets.plans.sources import reason_of as reason_of

TARGETS = system_actor("targets")
BY_CODE = Keyset("plans-by-code", str)
WRITE = "targets.plan.write"


@dataclass(frozen=True)
class By:
    """Who takes a step and when (UTC). `version` is what they had read.

    `viewer` is None for the service's own steps.
    """

    actor: Actor
    now: datetime
    viewer: Principal | None = None
    version: int | None = None


async def read(session: AsyncSession, plan_id: UUID, viewer: Principal | None = None) -> Plan:
    """The plan; a draft for those alone who may write it. Raises `PlanNotFound`."""
    plan = await repository.get(session, plan_id)
    if plan is None or not visible(plan, viewer):
        raise PlanNotFound
    return plan


def visible(plan: Plan, viewer: Principal | None) -> bool:
    """Whether the viewer sees the plan: a draft is seen where it is written."""
    if viewer is None or plan.state != PlanState.DRAFT:
        return True
    return allows(viewer, WRITE) and sees_area(viewer, plan.area)


async def hidden_drafts(session: AsyncSession, viewer: Principal | None) -> frozenset[UUID]:
    """The drafts that the viewer does not see."""
    drafts = await repository.in_state(session, PlanState.DRAFT)
    return frozenset(plan.id for plan in drafts if not visible(plan, viewer))


async def read_many(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Plan]:
    """Those of the plans that exist, by id."""
    return {plan.id: plan for plan in await repository.get_many(session, ids)} if ids else {}


async def loaded(session: AsyncSession) -> dict[UUID, PlanFields]:
    """Every plan as plain values, by id: for loaders."""
    return {key: fields_of(plan) for key, plan in (await repository.everything(session)).items()}


async def in_force(session: AsyncSession) -> Sequence[Plan]:
    """The plans in force, by code."""
    return await repository.in_state(session, PlanState.IN_FORCE)


async def list_plans(
    session: AsyncSession, narrow: PlanFilter, paging: Paging, viewer: Principal | None
) -> Slice[Plan]:
    """A page of plans by code."""
    hidden = await hidden_drafts(session, viewer)
    last = BY_CODE.after(paging)
    rows = await repository.list_plans(session, narrow, hidden, paging.limit + 1, last[0] if last else None)
    total = await repository.count_plans(session, narrow, hidden) if paging.total else None
    return BY_CODE.slice(rows, paging, lambda plan: (plan.code,), total)


async def history(session: AsyncSession, plan: Plan) -> Sequence[History]:
    """The plan's steps, oldest first."""
    return await repository.history(session, plan.id)


async def enter(session: AsyncSession, plan_id: UUID, fields: PlanFields, by: By) -> tuple[Plan, bool]:
    """A new plan, a draft, and whether it was made now: the same again under its id is the plan that stands.

    Raises `PlanExists`, `PlanCodeTaken`, `PeriodInverted`, `ParentPlanInvalid`.
    """
    known = await repository.get(session, plan_id)
    if known is not None:
        if fields_of(known) != fields:
            raise PlanExists
        return known, False
    if await repository.code_taken(session, fields.code):
        raise PlanCodeTaken(pointer="/code", plan_code=fields.code)
    await _check(session, plan_id, fields, by)
    plan = Plan(id=plan_id, version=0, state=LIFE.initial)
    _assign(plan, fields, by.now)
    session.add(plan)
    return await _tell(session, plan, Change("enter", None, plan.state), by), True


async def change(session: AsyncSession, plan_id: UUID, changes: Mapping[str, Any], by: By) -> Plan:
    """Change what was written of a plan. The code and the origin stay.

    Raises `PlanNotFound`, `Stale`, `PlanConcluded`, `PeriodInverted`, `ParentPlanInvalid`.
    """
    plan = await locked(session, plan_id, by)
    check_open(PlanState(plan.state), plan.title_zh)
    before = fields_of(plan)
    after = replace(before, **changes)
    await _check(session, plan_id, after, by)
    _assign(plan, after, by.now)
    told = {name: {"from": getattr(before, name), "to": value} for name, value in changes.items()}
    return await _tell(session, plan, Change("change", plan.state, plan.state, fields=told), by)


async def step(session: AsyncSession, plan_id: UUID, action: PlanAction, note: str | None, by: By) -> Plan:
    """Put the plan in force or conclude it. Raises `PlanNotFound`, `Stale`, `IllegalTransition`."""
    return await _advance(session, await locked(session, plan_id, by), action, note, by)


async def locked(session: AsyncSession, plan_id: UUID, by: By) -> Plan:
    """The plan, locked. Raises `PlanNotFound`, `Stale`."""
    plan = await repository.lock(session, plan_id)
    if plan is None or not visible(plan, by.viewer):
        raise PlanNotFound
    if by.viewer is not None:
        require_area(by.viewer, plan.area)
    if by.version is not None:
        check_version(plan, by.version)
    return plan


async def load(session: AsyncSession, folder: Path) -> Loaded:
    """Load the plans of the files; those whose period is over are concluded, one without an end is not."""
    now = utc_now()
    by = By(TARGETS, now)
    rows, refused = read_plans(folder, local_date(now).year)
    present = await repository.everything(session)
    new = changed = concluded = 0
    for plan_id, fields in rows:
        plan = present.get(plan_id)
        if plan is None:
            plan = await _load_new(session, plan_id, fields, by)
            present[plan_id] = plan
            new += 1
        elif plan.file_digest != fields.digest:
            _assign(plan, fields, now)
            plan.file_digest = fields.digest
            await _tell(session, plan, Change("load", plan.state, plan.state), by)
            changed += 1
    for plan in present.values():
        concluded += await _conclude_if_over(session, plan, by)
    told = f"{len(rows)} plans: {new} new, {changed} changed, {concluded} concluded"
    sources = {fields.code: {"plans": 1} for _, fields in rows}
    return Loaded(told, tuple(refused), sources)


async def restate_plans(session: AsyncSession, limit: int, last: UUID | None) -> UUID | None:
    """Send the current state of the next plans through the log again."""
    plans = await repository.after(session, limit, last)
    said = [Entry(state_of(each, each.updated_at), each.id, each.version, TARGETS) for each in plans]
    await append_many(session, said)
    return plans[-1].id if len(plans) == limit else None


def fields_of(plan: Plan) -> PlanFields:
    """The row as plain values."""
    return PlanFields(
        code=plan.code,
        title_zh=plan.title_zh,
        title_en=plan.title_en,
        level=PlanLevel(plan.level),
        area=plan.area,
        doc_no=plan.doc_no,
        issued=plan.issued,
        period_from=plan.period_from,
        period_to=plan.period_to,
        period_inferred=plan.period_inferred,
        parent_id=plan.parent_id,
        parent_basis=Basis(plan.parent_basis) if plan.parent_basis else None,
        sources=tuple(plan.sources),
        missing=plan.missing,
        origin=Origin(plan.origin),
        demonstration=plan.demonstration,
    )


def state_of(plan: Plan, happened_at: datetime) -> PlanChanged:
    """The plan's full state, as published."""
    told = vars(fields_of(plan))
    return PlanChanged(happened_at=happened_at, state=plan.state, **told)


async def _load_new(session: AsyncSession, plan_id: UUID, fields: PlanFields, by: By) -> Plan:
    plan = Plan(id=plan_id, version=0, state=LIFE.initial, file_digest=fields.digest)
    _assign(plan, fields, by.now)
    session.add(plan)
    await _tell(session, plan, Change("load", None, plan.state), by)
    return await _advance(session, plan, PlanAction.PUT_IN_FORCE, None, by)


async def _conclude_if_over(session: AsyncSession, plan: Plan, by: By) -> int:
    """Conclude a file's plan whose period is over; what people entered they conclude themselves."""
    if plan.file_digest is None or plan.state != PlanState.IN_FORCE:
        return 0
    if not is_over(plan.period_to, local_date(by.now)):
        return 0
    await _advance(session, plan, PlanAction.CONCLUDE, "计划期已满", by)
    return 1


async def _advance(session: AsyncSession, plan: Plan, action: PlanAction, note: str | None, by: By) -> Plan:
    before = PlanState(plan.state)
    plan.state = LIFE.after(before, action)
    if action is PlanAction.PUT_IN_FORCE:
        plan.in_force_at = by.now
    else:
        plan.concluded_at = by.now
    plan.updated_at = by.now
    return await _tell(session, plan, Change(action, before, plan.state, note), by)


async def _check(session: AsyncSession, plan_id: UUID, fields: PlanFields, by: By) -> None:
    check_plan(plan_id, fields)
    if by.viewer is not None:
        require_area(by.viewer, fields.area)
    if fields.parent_id is not None:
        above = await repository.get(session, fields.parent_id)
        if above is None or not fields.area.startswith(above.area):
            raise ParentPlanInvalid(pointer="/parent_id")


def _assign(plan: Plan, fields: PlanFields, now: datetime) -> None:
    for name, value in vars(fields).items():
        setattr(plan, name, list(value) if isinstance(value, tuple) else value)
    told = (fields.code, fields.title_zh, fields.title_en, fields.doc_no or "")
    plan.words = tsvector_text(" ".join(told))
    plan.updated_at = now


async def _tell(session: AsyncSession, plan: Plan, step: Change, by: By) -> Plan:
    await record(session, plan, state_of(plan, by.now), actor=by.actor, now=by.now, change=step)
    return plan
