"""Use cases of the duty list: enter, change, end; load; restate. Never commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.contracts.tasks import DutyChanged
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.http.paging import Keyset, Paging, Slice
from libs.common.ids import new_id
from libs.common.policy import Actor, system_actor
from libs.common.versions import check_version
from services.tasks.duties import repository, sources
from services.tasks.duties.domain import (
    DutyFields,
    DutyNotFound,
    DutyOfDocument,
    check_category,
    check_duty,
    check_no_overlap,
)
from services.tasks.duties.models import Duty
from services.tasks.duties.repository import DutyFilter
from services.tasks.units import service as units
from services.tasks.units.domain import Origin

BY_CATEGORY = Keyset("duties-by-category", str, str, UUID)

__all__ = ["DutyFilter"]


async def read(session: AsyncSession, duty_id: UUID) -> Duty:
    """The row. Raises `DutyNotFound`."""
    duty = await repository.get(session, duty_id)
    if duty is None:
        raise DutyNotFound()
    return duty


async def list_duties(session: AsyncSession, narrow: DutyFilter, paging: Paging) -> Slice[Duty]:
    """A page of rows by category and area."""
    rows = await repository.list_duties(session, narrow, paging.limit + 1, BY_CATEGORY.after(paging))
    total = await repository.count_duties(session, narrow) if paging.total else None
    return BY_CATEGORY.slice(rows, paging, lambda duty: (duty.category, duty.area, duty.id), total)


async def enter(session: AsyncSession, fields: DutyFields, *, actor: Actor, now: datetime) -> Duty:
    """A new row of the live list.

    Raises `CategoryUnknown`, `DutyOverlaps`, `LeadMissing`, `UnitNotFound`, `UnitNotInForce`, `UnitIsGroup`.
    """
    duty = Duty(id=new_id(), version=0)
    await _write(session, duty, fields, now)
    session.add(duty)
    await record(session, duty, state_of(duty, now), actor=actor, now=now, change=Change("enter"))
    return duty


async def change(
    session: AsyncSession,
    duty_id: UUID,
    changes: Mapping[str, Any],
    *,
    expect: int,
    actor: Actor,
    now: datetime,
) -> Duty:
    """Change the units or the days of a live row; what runs already keeps what it started with.

    Raises `DutyNotFound`, `Stale`, `DutyOfDocument` and what `enter` raises.
    """
    duty = await repository.get_for_update(session, duty_id)
    if duty is None:
        raise DutyNotFound()
    check_version(duty, expect)
    if duty.origin == Origin.DOCUMENT:
        raise DutyOfDocument()
    before = fields_of(duty)
    await _write(session, duty, replace(before, **changes), now)
    told = {name: {"from": getattr(before, name), "to": value} for name, value in changes.items()}
    step = Change("change", fields=told)
    await record(session, duty, state_of(duty, now), actor=actor, now=now, change=step)
    return duty


async def load(session: AsyncSession, folder: Path) -> str:
    """Load the duties of the files: new and changed rows publish once, unchanged ones publish nothing."""
    now = utc_now()
    present = await repository.everything(session)
    changed: list[Duty] = []
    new = 0
    for duty_id, fields in sources.duties(folder).items():
        duty = present.get(duty_id)
        if duty is not None and duty.file_digest == fields.digest:
            continue
        if duty is None:
            duty = Duty(id=duty_id, version=0)
            session.add(duty)
            new += 1
        _assign(duty, fields, now)
        duty.file_digest = fields.digest
        duty.version += 1
        changed.append(duty)
    await session.flush()
    actor, step = system_actor("tasks"), Change("load")
    await append_many(
        session, [Entry(state_of(duty, now), duty.id, duty.version, actor, now, step) for duty in changed]
    )
    return f"{len(present) + new} duties: {new} new, {len(changed) - new} changed"


async def restate_duties(session: AsyncSession, limit: int, last: UUID | None) -> UUID | None:
    """Send the current state of the next rows through the log again."""
    duties = await repository.after(session, limit, last)
    actor = system_actor("tasks")
    said = [Entry(state_of(each, each.updated_at), each.id, each.version, actor) for each in duties]
    await append_many(session, said)
    return duties[-1].id if len(duties) == limit else None


async def require_category(session: AsyncSession, category: str, day: date) -> None:
    """Raise `CategoryUnknown`, unless nothing has been heard from grid yet."""
    known = await repository.category_in_force(session, category, day)
    check_category(category, known, known or await repository.any_category(session))


def fields_of(duty: Duty) -> DutyFields:
    """The row as plain values."""
    return DutyFields(
        category=duty.category,
        area=duty.area,
        lead_unit_ids=tuple(duty.lead_unit_ids),
        cooperating_unit_ids=tuple(duty.cooperating_unit_ids),
        named=tuple(duty.named),
        valid_from=duty.valid_from,
        valid_to=duty.valid_to,
        origin=Origin(duty.origin),
        demonstration=duty.demonstration,
        source=duty.source,
        relation=duty.relation,
        police_support=duty.police_support,
    )


def state_of(duty: Duty, happened_at: datetime) -> DutyChanged:
    """The row's full state, as published."""
    return DutyChanged(happened_at=happened_at, **vars(fields_of(duty)))


async def _write(session: AsyncSession, duty: Duty, fields: DutyFields, now: datetime) -> None:
    check_duty(fields)
    day = max(local_date(now), fields.valid_from or local_date(now))
    await require_category(session, fields.category, local_date(now))
    for unit_id in fields.units:
        await units.read_for_work(session, unit_id, day)
    await repository.lock_place(session, fields.category, fields.area)
    others = await repository.live_rows(session, fields.category, fields.area, duty.id)
    check_no_overlap(fields, [fields_of(other) for other in others])
    _assign(duty, fields, now)


def _assign(duty: Duty, fields: DutyFields, now: datetime) -> None:
    for name, value in vars(fields).items():
        setattr(duty, name, list(value) if isinstance(value, tuple) else value)
    duty.updated_at = now
