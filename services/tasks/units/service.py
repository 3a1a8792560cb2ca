"""Use cases of units: register, change, end, members; load from files; restate. Never commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.contracts.tasks import UnitChanged, UnitSettings
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.http.paging import Keyset, Paging, Slice
from libs.common.ids import new_id
from libs.common.policy import Actor, Role, system_actor
from libs.common.search import tsvector_text
from libs.common.versions import check_version
from services.tasks.units import repository
from services.tasks.units.domain import (
    SIGNING,
    MemberNotFound,
    MemberRole,
    NotYourUnit,
    Origin,
    SectionUnknown,
    UnitCodeTaken,
    UnitFields,
    UnitIsGroup,
    UnitLinkUnknown,
    UnitNotFound,
    UnitNotInForce,
    check_dates,
    check_fields,
    in_force,
    links_of,
)
from services.tasks.units.models import Unit, UnitMember
from services.tasks.units.repository import UnitFilter
from services.tasks.units.sources import read as read_files
from services.tasks.units.sources import serving, unit_id
from services.tasks.units.sources import units as units_of

BY_CODE = Keyset("units-by-code", str)

__all__ = ["MemberRole", "Staffing", "UnitFilter", "read_files", "serving", "unit_id", "units_of"]


@dataclass(frozen=True)
class Staffing:
    """A person to be put into a unit (成员任命)."""

    subject: str
    name: str
    role: MemberRole
    section: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


async def read(session: AsyncSession, unit_id: UUID) -> Unit:
    """The unit. Raises `UnitNotFound`."""
    unit = await repository.get(session, unit_id)
    if unit is None:
        raise UnitNotFound()
    return unit


async def read_for_work(session: AsyncSession, unit_id: UUID, day: date) -> Unit:
    """The unit that can be given work that day. Raises `UnitNotFound`, `UnitIsGroup`, `UnitNotInForce`."""
    unit = await read(session, unit_id)
    if unit.is_group:
        raise UnitIsGroup(name=unit.name_zh)
    if not in_force(unit.valid_from, unit.valid_to, day):
        raise UnitNotInForce(name=unit.name_zh, day=day.isoformat())
    return unit


async def read_many(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Unit]:
    """The units by id. Raises `UnitLinkUnknown` if one is missing."""
    found = await repository.get_many(session, ids)
    if set(ids) - found.keys():
        raise UnitLinkUnknown()
    return found


async def list_units(session: AsyncSession, narrow: UnitFilter, paging: Paging) -> Slice[Unit]:
    """A page of units by code."""
    last = BY_CODE.after(paging)
    rows = await repository.list_units(session, narrow, paging.limit + 1, last[0] if last else None)
    total = await repository.count_units(session, narrow) if paging.total else None
    return BY_CODE.slice(rows, paging, lambda unit: (unit.code,), total)


async def register(session: AsyncSession, fields: UnitFields, *, actor: Actor, now: datetime) -> Unit:
    """A new unit. Raises `UnitCodeTaken`, `UnitLinkUnknown`, `DatesInverted`."""
    if await repository.code_taken(session, fields.code):
        raise UnitCodeTaken(pointer="/code", unit_code=fields.code)
    unit = Unit(id=new_id(), version=0)
    await _write(session, unit, fields, now)
    session.add(unit)
    await record(session, unit, state_of(unit, now), actor=actor, now=now, change=Change("register"))
    return unit


async def change(
    session: AsyncSession,
    unit_id: UUID,
    changes: Mapping[str, Any],
    *,
    expect: int,
    actor: Actor,
    now: datetime,
) -> Unit:
    """Change some fields: rename, end with a successor, settings. The code and the origin stay.

    Raises `UnitNotFound`, `Stale`, `DatesInverted`, `OwnSuccessor`.
    """
    unit = await _locked(session, unit_id)
    check_version(unit, expect)
    before = fields_of(unit)
    after = replace(before, **changes)
    await _write(session, unit, after, now)
    step = Change(
        "change", fields={name: _told(getattr(before, name), value) for name, value in changes.items()}
    )
    await record(session, unit, state_of(unit, now), actor=actor, now=now, change=step)
    return unit


async def add_member(
    session: AsyncSession, unit_id: UUID, staffing: Staffing, *, actor: Actor, now: datetime
) -> UnitMember:
    """Put a person into a unit; a leader does so in the own unit only, and so names deputies.

    With a last day it ends by itself (代签期限). Raises `UnitNotFound`, `NotYourUnit`, `SectionUnknown`,
    `DatesInverted`.
    """
    unit = await _locked(session, unit_id)
    _check_leads(unit, actor)
    check_section(unit, staffing.section)
    since = staffing.valid_from or local_date(now)
    check_dates(since, staffing.valid_to)
    member = UnitMember(
        id=new_id(),
        unit_id=unit.id,
        subject=staffing.subject,
        name=staffing.name,
        role=staffing.role,
        section=staffing.section,
        valid_from=since,
        valid_to=staffing.valid_to,
    )
    session.add(member)
    told = {"member": member.id, "subject": member.subject, "role": member.role}
    await record(
        session, unit, state_of(unit, now), actor=actor, now=now, change=Change("add-member", fields=told)
    )
    return member


async def end_member(
    session: AsyncSession, unit_id: UUID, member_id: UUID, *, actor: Actor, now: datetime
) -> UnitMember:
    """Today is the member's last day. Raises `UnitNotFound`, `NotYourUnit`, `MemberNotFound`."""
    unit = await _locked(session, unit_id)
    _check_leads(unit, actor)
    member = await repository.get_member(session, unit_id, member_id)
    today = local_date(now)
    if member is None or (member.valid_to is not None and member.valid_to <= max(today, member.valid_from)):
        raise MemberNotFound()
    member.valid_to = max(today, member.valid_from)
    told = {"member": member.id, "subject": member.subject, "role": member.role}
    await record(
        session, unit, state_of(unit, now), actor=actor, now=now, change=Change("end-member", fields=told)
    )
    return member


async def members(session: AsyncSession, unit_id: UUID, *, actor: Actor) -> Sequence[UnitMember]:
    """The unit's members, for its own people and the administrator. Raises `UnitNotFound`, `NotYourUnit`."""
    unit = await read(session, unit_id)
    _check_leads(unit, actor)
    return await repository.members_of(session, unit_id)


async def roles_of(session: AsyncSession, unit_id: UUID, subject: str, day: date) -> frozenset[MemberRole]:
    """What the person is in the unit on the day; empty for a stranger."""
    return frozenset(
        MemberRole(member.role)
        for member in await repository.members_of(session, unit_id, day)
        if member.subject == subject
    )


async def signers(session: AsyncSession, unit_id: UUID, day: date) -> frozenset[str]:
    """Who signs off the unit's answers on the day: its leaders and their deputies."""
    return frozenset(
        member.subject
        for member in await repository.members_of(session, unit_id, day)
        if MemberRole(member.role) in SIGNING
    )


def check_section(unit: Unit, section: str | None) -> None:
    """Raises `SectionUnknown`."""
    if section is not None and section not in settings_of(unit).sections:
        raise SectionUnknown(pointer="/section", section=section)


def settings_of(unit: Unit) -> UnitSettings:
    """How the unit works inside."""
    return UnitSettings.model_validate(unit.settings)


async def load(session: AsyncSession, folder: Path) -> str:
    """Load the units of the files: new and changed rows publish once, unchanged ones publish nothing."""
    now = utc_now()
    present = await repository.everything(session)
    changed: list[Unit] = []
    new = 0
    for key, fields in units_of(read_files(folder)).items():
        unit = present.get(key)
        if unit is not None and unit.file_digest == fields.digest:
            continue
        if unit is None:
            unit = Unit(id=key, version=0)
            session.add(unit)
            new += 1
        _assign(unit, fields, now)
        unit.file_digest = fields.digest
        unit.version += 1
        changed.append(unit)
    await session.flush()
    actor, step = system_actor("tasks"), Change("load")
    await append_many(
        session, [Entry(state_of(unit, now), unit.id, unit.version, actor, now, step) for unit in changed]
    )
    return f"{len(present) + new} units: {new} new, {len(changed) - new} changed"


async def restate_units(session: AsyncSession, limit: int, last: UUID | None) -> UUID | None:
    """Send the current state of the next units through the log again."""
    units = await repository.after(session, limit, last)
    actor = system_actor("tasks")
    said = [Entry(state_of(each, each.updated_at), each.id, each.version, actor) for each in units]
    await append_many(session, said)
    return units[-1].id if len(units) == limit else None


def fields_of(unit: Unit) -> UnitFields:
    """The row as plain values."""
    return UnitFields(
        code=unit.code,
        name_zh=unit.name_zh,
        name_en=unit.name_en,
        kind=unit.kind,
        area=unit.area,
        aliases=tuple(unit.aliases),
        is_group=unit.is_group,
        member_units=tuple(unit.member_units),
        parent_id=unit.parent_id,
        hosted_by_id=unit.hosted_by_id,
        successor_id=unit.successor_id,
        valid_from=unit.valid_from,
        valid_to=unit.valid_to,
        origin=Origin(unit.origin),
        demonstration=unit.demonstration,
        source=unit.source,
        settings=settings_of(unit),
    )


def state_of(unit: Unit, happened_at: datetime) -> UnitChanged:
    """The unit's full state, as published: no persons."""
    return UnitChanged(happened_at=happened_at, **vars(fields_of(unit)))


async def _locked(session: AsyncSession, unit_id: UUID) -> Unit:
    unit = await repository.get_for_update(session, unit_id)
    if unit is None:
        raise UnitNotFound()
    return unit


async def _write(session: AsyncSession, unit: Unit, fields: UnitFields, now: datetime) -> None:
    check_fields(unit.id, fields)
    await read_many(session, sorted(links_of(fields)))
    _assign(unit, fields, now)


def _assign(unit: Unit, fields: UnitFields, now: datetime) -> None:
    for name, value in vars(fields).items():
        setattr(unit, name, list(value) if isinstance(value, tuple) else value)
    unit.settings = fields.settings.model_dump(mode="json")
    unit.words = tsvector_text(" ".join([fields.code, fields.name_zh, fields.name_en, *fields.aliases]))
    unit.updated_at = now


def _check_leads(unit: Unit, actor: Actor) -> None:
    if actor.role != Role.ADMINISTRATOR and actor.unit_id != unit.id:
        raise NotYourUnit()


def _told(before: Any, after: Any) -> dict[str, Any]:
    return {"from": _plain(before), "to": _plain(after)}


def _plain(value: Any) -> Any:
    return value.model_dump() if isinstance(value, UnitSettings) else value
