"""Use cases of targets: enter, change, revise the value; read; restate. Never commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.targets import NamedActor, TargetChanged
from libs.common.events.models import History
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.http.paging import Keyset, Paging, Slice
from libs.common.policy import Principal, require_area
from libs.common.search import tsvector_text
from libs.common.versions import check_version
from services.targets.plans import service as plans
from services.targets.plans.domain import Basis, Origin, PlanLevel, PlanState, check_open
from services.targets.plans.service import TARGETS, By, Plan
from services.targets.targets import repository
from services.targets.targets.domain import (
    Aggregation,
    Comparator,
    Kind,
    Recurrence,
    Relation,
    TargetFields,
    Wanted,
    milestones_of,
    outlives_plan,
    parts_told,
    responsible_of,
    slices_of,
)
from services.targets.targets.models import Target as Target
from services.targets.targets.models import TargetValue as TargetValue
from services.targets.targets.refusals import (
    ChangeNotLater,
    RelationImpossible,
    TargetCodeTaken,
    TargetExists,
    TargetNotFound,
    check_relation,
    check_target,
)
from services.targets.targets.repository import TargetFilter as TargetFilter

BY_CODE = Keyset("targets-by-code", str)
DEPTH = 10
"""Most levels of parents that are walked; no plan has as many."""

_JSON = ("responsible", "milestones", "annual")


@dataclass(frozen=True)
class Revision:
    """A new value of a target (目标值调整): counts from a local day on, for a reason."""

    wanted: Wanted
    deadline: date | None
    effective_from: date
    reason: str


async def read(session: AsyncSession, target_id: UUID, viewer: Principal | None = None) -> Target:
    """The target; that of a draft for those alone who may write the plan. Raises `TargetNotFound`."""
    target = await repository.get(session, target_id)
    if target is None or target.plan_id in await plans.hidden_drafts(session, viewer):
        raise TargetNotFound
    return target


async def read_many(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Target]:
    """Those of the targets that exist, by id."""
    return {each.id: each for each in await repository.get_many(session, ids)} if ids else {}


async def of_plans(session: AsyncSession, plan_ids: Collection[UUID]) -> Sequence[Target]:
    """The targets of the plans, by code."""
    return await repository.of_plans(session, plan_ids)


async def children(session: AsyncSession, parent_ids: Collection[UUID]) -> Sequence[Target]:
    """The targets directly below any of these, by code."""
    return await repository.children(session, parent_ids)


async def below(session: AsyncSession, target_id: UUID, viewer: Principal) -> list[Target]:
    """The targets directly below it that the viewer sees, by code. Raises `TargetNotFound`."""
    target = await read(session, target_id, viewer)
    hidden = await plans.hidden_drafts(session, viewer)
    return [each for each in await repository.children(session, [target.id]) if each.plan_id not in hidden]


async def judged(session: AsyncSession) -> Sequence[Target]:
    """The targets that lights and sweeps look at: of plans in force, and those that outlive a concluded one.

    A figure that the text states as reached is not among them.
    """
    running = await repository.of_plans(session, [plan.id for plan in await plans.in_force(session)])
    outliving = await repository.outliving(session)
    of_them = await plans.read_many(session, {each.plan_id for each in outliving})
    late = [each for each in outliving if of_them[each.plan_id].state == PlanState.CONCLUDED]
    return [each for each in (*running, *late) if not each.already_met]


async def values_of(session: AsyncSession, target_ids: Collection[UUID]) -> dict[UUID, list[TargetValue]]:
    """Every value that the targets have or had, oldest first, by target; `value_on` picks one."""
    found: dict[UUID, list[TargetValue]] = defaultdict(list)
    for value in await repository.values_of(session, target_ids) if target_ids else ():
        found[value.target_id].append(value)
    return dict(found)


def value_on(values: Sequence[TargetValue], day: date) -> TargetValue:
    """The value that counted on the local day: the last one in effect by then, else the first."""
    in_effect = [each for each in values if each.effective_from is None or each.effective_from <= day]
    return max(in_effect, key=_since, default=values[0])


def _since(value: TargetValue) -> tuple[date, int]:
    return value.effective_from or date.min, value.target_version


async def list_targets(
    session: AsyncSession, narrow: TargetFilter, paging: Paging, viewer: Principal | None
) -> Slice[Target]:
    """A page of targets by code."""
    hidden = await plans.hidden_drafts(session, viewer)
    last = BY_CODE.after(paging)
    rows = await repository.list_targets(session, narrow, hidden, paging.limit + 1, last[0] if last else None)
    total = await repository.count_targets(session, narrow, hidden) if paging.total else None
    return BY_CODE.slice(rows, paging, lambda target: (target.code,), total)


async def history(session: AsyncSession, target: Target) -> Sequence[History]:
    """The target's steps, oldest first."""
    return await repository.history(session, target.id)


async def enter(session: AsyncSession, target_id: UUID, fields: TargetFields, by: By) -> tuple[Target, bool]:
    """A new target, and whether it was made now: the same again under its id is the one that stands.

    Raises `TargetExists`, `TargetCodeTaken`, `PlanNotFound`, `PlanConcluded`, `RelationImpossible` and what
    `check_target` raises.
    """
    known = await repository.get(session, target_id)
    if known is not None:
        if fields_of(known) != replace(fields, outlives=known.outlives):
            raise TargetExists
        return known, False
    if await repository.code_taken(session, fields.code):
        raise TargetCodeTaken(pointer="/code", target_code=fields.code)
    plan = await _writable_plan(session, fields.plan_id, by)
    await _check(session, fields, by)
    target = Target(id=target_id, version=0)
    assign(target, fields, plan.period_to, by.now)
    session.add(target)
    await session.flush()
    session.add(value_row(target, 1, None, "", by))
    return await tell(session, target, Change("enter"), by), True


async def change(session: AsyncSession, target_id: UUID, changes: Mapping[str, Any], by: By) -> Target:
    """Change what was written of a target, but its value. The code, the plan and the kind stay.

    Raises `TargetNotFound`, `Stale`, `PlanConcluded`, `RelationImpossible` and what `check_target` raises.
    """
    target = await locked(session, target_id, by)
    plan = await _writable_plan(session, target.plan_id, by)
    before = fields_of(target)
    after = replace(before, **changes)
    await _check(session, after, by)
    assign(target, after, plan.period_to, by.now)
    fields = {name: {"from": getattr(before, name), "to": value} for name, value in changes.items()}
    return await tell(session, target, Change("change", fields=fields), by)


async def revise(session: AsyncSession, target_id: UUID, revision: Revision, by: By) -> Target:
    """Put another value or deadline in force from a day on; the former ones stay readable (调整目标值).

    What was judged for days before keeps the value of those days. Raises `TargetNotFound`, `Stale`,
    `PlanConcluded`, `ChangeNotLater` and what `check_target` raises.
    """
    target = await locked(session, target_id, by)
    plan = await _writable_plan(session, target.plan_id, by)
    former = (await values_of(session, [target.id]))[target.id][-1]
    if former.effective_from and revision.effective_from < former.effective_from:
        raise ChangeNotLater(pointer="/effective_from", last=former.effective_from.isoformat())
    before = fields_of(target)
    after = replace(before, wanted=revision.wanted, deadline=revision.deadline, deadline_inferred=False)
    await _check(session, after, by)
    assign(target, after, plan.period_to, by.now)
    session.add(value_row(target, target.version + 1, revision.effective_from, revision.reason, by))
    fields = {
        "wanted": {"from": vars(before.wanted), "to": vars(after.wanted)},
        "deadline": {"from": before.deadline, "to": after.deadline},
        "effective_from": revision.effective_from,
    }
    return await tell(session, target, Change("revise", note=revision.reason, fields=fields), by)


async def locked(session: AsyncSession, target_id: UUID, by: By) -> Target:
    """The target, locked. Raises `TargetNotFound`, `Stale`."""
    if by.viewer is not None:
        require_area(by.viewer, (await read(session, target_id, by.viewer)).area)
    target = await repository.lock(session, target_id)
    if target is None:
        raise TargetNotFound
    if by.version is not None:
        check_version(target, by.version)
    return target


async def keep_reserve(
    session: AsyncSession, target: Target, reserve: Decimal | None, step: Change, by: By
) -> Target:
    """What is held back when the target is allocated, and the step in its history; it is locked."""
    target.reserve = reserve
    target.updated_at = by.now
    return await tell(session, target, step, by)


async def restate_targets(session: AsyncSession, limit: int, last: UUID | None) -> UUID | None:
    """Send the current state of the next targets through the log again."""
    targets = await repository.after(session, limit, last)
    said = [Entry(state_of(each, each.updated_at), each.id, each.version, TARGETS) for each in targets]
    await append_many(session, said)
    return targets[-1].id if len(targets) == limit else None


async def tell(session: AsyncSession, target: Target, step: Change, by: By) -> Target:
    """Write the step into history and log."""
    await record(session, target, state_of(target, by.now), actor=by.actor, now=by.now, change=step)
    return target


def wanted_of(row: Target | TargetValue) -> Wanted:
    """The figure that the row promises."""
    comparator = Comparator(row.comparator) if row.comparator else None
    return Wanted(row.value, row.value_min, row.value_max, comparator, row.unit)


def fields_of(target: Target) -> TargetFields:
    """The row as plain values."""
    same = {name: getattr(target, name) for name in _PLAIN}
    return TargetFields(
        **same,
        level=PlanLevel(target.level),
        kind=Kind(target.kind),
        wanted=wanted_of(target),
        aggregation=Aggregation(target.aggregation),
        recurrence=Recurrence(target.recurrence) if target.recurrence else None,
        milestones=milestones_of(target.milestones),
        annual=slices_of(target.annual),
        relation=Relation(target.relation) if target.relation else None,
        relation_basis=Basis(target.relation_basis) if target.relation_basis else None,
        responsible=responsible_of(target.responsible),
        responsible_basis=Basis(target.responsible_basis) if target.responsible_basis else None,
        also_in=tuple(target.also_in),
        origin=Origin(target.origin),
    )


_PLAIN = (
    "code", "plan_id", "title_zh", "title_en", "area", "theme", "baseline", "already_met", "denominator_zh",
    "denominator_en", "denominator_stated", "strength", "soft", "start", "deadline", "deadline_text",
    "deadline_inferred", "parent_id", "via", "outlives", "rhythm", "clause", "note", "demonstration",
)  # fmt: skip


def state_of(target: Target, happened_at: datetime) -> TargetChanged:
    """The target's full state, as published."""
    same = {name: getattr(target, name) for name in TargetChanged.model_fields if name not in _MADE}
    named = tuple(NamedActor.model_validate(each) for each in target.responsible)
    return TargetChanged(happened_at=happened_at, responsible=named, **same)


_MADE = frozenset({"happened_at", "responsible"})


def assign(target: Target, fields: TargetFields, plan_ends: date | None, now: datetime) -> None:
    """Write the fields into the row; whether it outlives its plan follows from the dates."""
    for name, value in vars(fields).items():
        if name in _JSON:
            setattr(target, name, parts_told(value))
        elif name != "wanted":
            setattr(target, name, list(value) if isinstance(value, tuple) else value)
    _assign_wanted(target, fields.wanted)
    target.outlives = outlives_plan(fields.deadline, plan_ends)
    words = (fields.code, fields.title_zh, fields.title_en, *(each.name for each in fields.responsible))
    target.words = tsvector_text(" ".join(words))
    target.updated_at = now


def _assign_wanted(target: Target, wanted: Wanted) -> None:
    for name, value in vars(wanted).items():
        setattr(target, name, value)
    target.base_unit, target.base_value = wanted.base_unit, wanted.floor


def value_row(target: Target, version: int, since: date | None, reason: str, by: By) -> TargetValue:
    """The target's present value as a row of its own: `since` is its first local day, None = always."""
    return TargetValue(
        target_id=target.id,
        target_version=version,
        effective_from=since,
        value=target.value,
        value_min=target.value_min,
        value_max=target.value_max,
        comparator=target.comparator,
        unit=target.unit,
        base_value=target.base_value,
        deadline=target.deadline,
        reason=reason,
        recorded_at=by.now,
        actor=by.actor.subject,
    )


async def _writable_plan(session: AsyncSession, plan_id: UUID, by: By) -> Plan:
    plan = await plans.read(session, plan_id, by.viewer)
    check_open(PlanState(plan.state), plan.title_zh)
    return plan


async def _check(session: AsyncSession, fields: TargetFields, by: By) -> None:
    check_target(fields)
    if by.viewer is not None:
        require_area(by.viewer, fields.area)
    if fields.parent_id is None:
        return
    parent = await repository.get(session, fields.parent_id)
    if parent is None:
        raise _no_parent(fields)
    check_relation(fields, fields_of(parent), await _codes_above(session, parent))


def _no_parent(fields: TargetFields) -> RelationImpossible:
    relation = fields.relation.value if fields.relation else ""
    return RelationImpossible(
        pointer="/parent_id",
        relation=relation,
        reason_zh="上级目标不存在",
        reason_en="there is no such parent",
    )


async def _codes_above(session: AsyncSession, target: Target) -> list[str]:
    codes: list[str] = []
    above = target.parent_id
    while above is not None and len(codes) < DEPTH:
        parent = await repository.get(session, above)
        if parent is None:
            break
        codes.append(parent.code)
        above = parent.parent_id
    return codes
