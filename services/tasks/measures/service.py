"""Use cases of measures: load, read, say how much one brings to a target, restate. Never commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.contracts.tasks import MeasureChanged, MeasureLink, MeasureMilestone, TaskCount
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.http.paging import Keyset, Paging, Slice
from libs.common.policy import Actor, Principal, require_area, system_actor
from libs.common.search import tsvector_text
from libs.common.service import Loaded
from libs.common.versions import check_version
from services.tasks.measures import models, repository, sources
from services.tasks.measures.domain import (
    Link,
    MeasureFields,
    MeasureNotFound,
    TargetUnknown,
    check_unit,
    counts,
    target_id,
)
from services.tasks.measures.models import Measure as Measure
from services.tasks.measures.repository import MeasureFilter as MeasureFilter
from services.tasks.measures.repository import Show as Show
from services.tasks.units.service import read_files, units_of

BY_CODE = Keyset("measures-by-code", str)
TASKS = system_actor("tasks")
UNITS_OF_WORK = ("lead_unit_ids", "responsible_unit_ids", "cooperating_unit_ids")
APART = frozenset({"links", "deadline", *UNITS_OF_WORK})
"""Fields that the row does not hold under their own name, or not only."""


@dataclass(frozen=True)
class Linking:
    """How much a measure brings to a target, said by a person: version that they had read, reason (关联)."""

    link: Link
    note: str
    expect: int


async def read(session: AsyncSession, measure_id: UUID) -> Measure:
    """The measure with its links. Raises `MeasureNotFound`."""
    measure = await repository.get(session, measure_id)
    if measure is None:
        raise MeasureNotFound
    return measure


async def list_measures(session: AsyncSession, narrow: MeasureFilter, paging: Paging) -> Slice[Measure]:
    """A page of measures by code."""
    last = BY_CODE.after(paging)
    rows = await repository.list_measures(session, narrow, paging.limit + 1, last[0] if last else None)
    total = await repository.count(session, narrow) if paging.total else None
    return BY_CODE.slice(rows, paging, lambda measure: (measure.code,), total)


async def set_link(
    session: AsyncSession,
    measure_id: UUID,
    given: Linking,
    *,
    viewer: Principal,
    actor: Actor,
    now: datetime,
) -> Measure:
    """Say how much the measure brings to a target when done; without a quantity it only supports it.

    Raises `MeasureNotFound`, `Stale`, `TargetUnknown`, `UnitsDiffer`.
    """
    await _check_targets(session, [given.link])
    measure = await repository.get_for_update(session, measure_id)
    if measure is None:
        raise MeasureNotFound
    require_area(viewer, measure.area)
    check_version(measure, given.expect)
    key = target_id(given.link.target_code)
    link = next((link for link in measure.links if link.target_id == key), None)
    before = _link(link) if link else None
    if link is None:
        link = models.MeasureLink(target_id=key)
        measure.links.append(link)
    for name, value in vars(given.link).items():
        setattr(link, name, value)
    link.set_at = measure.updated_at = now
    change = Change("link", note=given.note, fields={"from": _told(before), "to": _told(given.link)})
    await record(session, measure, state_of(measure, now), actor=actor, now=now, change=change)
    return measure


async def counts_for(
    session: AsyncSession, measure_id: UUID | None, given: Sequence[Link]
) -> tuple[TaskCount, ...]:
    """What a task counts for: its measure's links and what is given.

    Raises `MeasureNotFound`, `TargetTwice`, `TargetUnknown`, `UnitsDiffer`.
    """
    await _check_targets(session, given)
    if measure_id is None:
        return counts(None, (), given)
    measure = await read(session, measure_id)
    return counts(measure.code, [_link(link) for link in measure.links], given)


async def recount(
    session: AsyncSession, stands: Iterable[TaskCount], given: Sequence[Link]
) -> tuple[TaskCount, ...]:
    """What a task counts for after more was said. Raises `TargetTwice`, `TargetUnknown`, `UnitsDiffer`."""
    await _check_targets(session, given)
    links = [Link(each.target_code or "", each.quantity, each.unit, each.lot) for each in stands]
    return counts(None, links, given)


async def _check_targets(session: AsyncSession, links: Sequence[Link]) -> None:
    """Raise `TargetUnknown`, unless nothing has been heard from `targets` yet; `UnitsDiffer`."""
    if not links:
        return
    known = await repository.known_targets(session, [target_id(link.target_code) for link in links])
    some = bool(known) or await repository.any_target(session)
    for link in links:
        target = known.get(target_id(link.target_code))
        if target is not None:
            check_unit(target.kind, target.unit, link)
        elif some:
            raise TargetUnknown(target=link.target_code)


async def load(session: AsyncSession, folder: Path) -> Loaded:
    """Load the measures of the file: new and changed rows publish once, unchanged ones publish nothing.

    Quantities that a person gave stay. Units are those of the files that the loader of units took before.
    """
    now = utc_now()
    known = {fields.code for fields in units_of(read_files(folder)).values()}
    taken = sources.take(sources.read(folder), known)
    present = await repository.everything(session)
    changed = [
        _assign(present.get(key) or Measure(id=key, version=0, links=[]), fields, now)
        for key, fields in taken.measures.items()
        if key not in present or present[key].file_digest != fields.digest
    ]
    new = [measure for measure in changed if measure.id not in present]
    session.add_all(new)
    await session.flush()
    step = Change("load")
    await append_many(
        session, [Entry(state_of(each, now), each.id, each.version, TASKS, now, step) for each in changed]
    )
    total = len(present) + len(new)
    summary = f"{total} measures: {len(new)} new, {len(changed) - len(new)} changed"
    by_plan = Counter(fields.plan for fields in taken.measures.values())
    return Loaded(summary, taken.refused, {plan: {"measures": each} for plan, each in by_plan.items()})


async def restate_measures(session: AsyncSession, limit: int, last: UUID | None) -> UUID | None:
    """Send the current state of the next measures through the log again."""
    found = await repository.after(session, limit, last)
    said = [Entry(state_of(each, each.updated_at), each.id, each.version, TASKS) for each in found]
    await append_many(session, said)
    return found[-1].id if len(found) == limit else None


def state_of(measure: Measure, happened_at: datetime) -> MeasureChanged:
    """The measure's full state, as published."""
    links = sorted(measure.links, key=lambda link: link.target_code)
    return MeasureChanged(
        happened_at=happened_at,
        code=measure.code,
        plan=measure.plan,
        kind=measure.kind,
        clause=measure.clause,
        title_zh=measure.title_zh,
        title_en=measure.title_en,
        area=measure.area,
        lead_unit_ids=tuple(measure.lead_unit_ids),
        responsible_unit_ids=tuple(measure.responsible_unit_ids),
        cooperating_unit_ids=tuple(measure.cooperating_unit_ids),
        named_unit_ids=tuple(measure.named_unit_ids),
        inferred_unit_ids=tuple(measure.inferred_unit_ids),
        parent_id=measure.parent_id,
        deadline_text=measure.deadline_text,
        timing=measure.timing,
        due_on=measure.due_on,
        deadline_inferred=measure.deadline_inferred,
        milestones=tuple(MeasureMilestone.model_validate(each) for each in measure.milestones),
        links=tuple(map(_state_of_link, links)),
        source=measure.source,
    )


def _assign(measure: Measure, fields: MeasureFields, now: datetime) -> Measure:
    for name, value in vars(fields).items():
        if name not in APART:
            setattr(measure, name, list(value) if isinstance(value, tuple) else value)
    for name in UNITS_OF_WORK:
        setattr(measure, name, list(getattr(fields, name)))
    measure.unit_ids = list(dict.fromkeys(unit for name in UNITS_OF_WORK for unit in getattr(fields, name)))
    deadline = fields.deadline
    measure.timing = deadline.timing if deadline else None
    measure.due_on = deadline.due_on if deadline else None
    measure.deadline_inferred = deadline is not None and deadline.inferred
    measure.milestones = [each.model_dump(mode="json") for each in deadline.milestones] if deadline else []
    _assign_links(measure, fields)
    measure.words = tsvector_text(" ".join([fields.code, fields.title_zh, fields.title_en]))
    measure.file_digest, measure.updated_at = fields.digest, now
    measure.version += 1
    return measure


def _assign_links(measure: Measure, fields: MeasureFields) -> None:
    """The file's links; those that a person has touched stay as they are."""
    present = {link.target_code: link for link in measure.links}
    told = {link.target_code: link for link in fields.links}
    measure.links = [link for code, link in present.items() if code in told or link.set_at is not None]
    for code, given in told.items():
        link = present.get(code)
        if link is None:
            measure.links.append(models.MeasureLink(target_id=target_id(code), **vars(given)))
        elif link.set_at is None:
            link.lot = given.lot


def _link(link: models.MeasureLink) -> Link:
    return Link(link.target_code, link.quantity, link.unit, link.lot)


def _state_of_link(link: models.MeasureLink) -> MeasureLink:
    return MeasureLink(target_id=link.target_id, kind=link.kind, **vars(_link(link)))


def _told(link: Link | None) -> dict[str, str | None]:
    told = vars(link) if link else {}
    return {name: None if value is None else str(value) for name, value in told.items()}
