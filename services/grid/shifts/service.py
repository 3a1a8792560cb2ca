"""Use cases of shifts: sign in, sign out and hand over, relieve, who has my work. Nothing here commits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.contracts.cases import CaseHandedOver
from libs.common.contracts.watches import ShiftChanged
from libs.common.coordinates import Crs
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.ids import new_id
from libs.common.policy import Principal, allows, require_area, sees_area
from libs.common.text import written_instant
from libs.common.versions import check_version
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.checks import service as checks
from services.grid.lifecycle.domain import CaseAction, CaseState
from services.grid.rosters import service as rosters
from services.grid.shifts import repository
from services.grid.shifts.domain import (
    AlreadySignedIn,
    Cover,
    Held,
    Leaving,
    NotSignedIn,
    Part,
    Posted,
    ShiftUnknown,
    ThereAgain,
    check_named,
    check_role,
    coarse,
    cover,
)
from services.grid.shifts.models import Handed as Handed
from services.grid.shifts.models import Shift as Shift
from services.grid.shifts.repository import Shown as Shown


@dataclass(frozen=True)
class Arrival:
    """Where and as what somebody signs in (到岗签到)."""

    role: str
    area: str
    place: tuple[float, float, Crs] | None = None


@dataclass(frozen=True)
class Departure:
    """To whom somebody hands over, and what they must know (交班)."""

    next_person: str | None
    note: str


@dataclass(frozen=True)
class Covered:
    """A case that somebody has, and who has it when they are off."""

    case: Case
    part: Part
    cover: Cover


list_shifts = repository.list_shifts
last_of = repository.last_of
"""Statements that the routes need as they are."""


async def sign_in(session: AsyncSession, given: Arrival, *, by: By) -> Shift:
    """Be there (到岗签到): from now on one is on duty, and what one still had is attended again.

    Raises `RoleNotYours`, `NotFound` for an area outside one's own, `AlreadySignedIn`, `CoordinateInvalid`.
    """
    assert by.viewer is not None, "a person signs in"
    check_role(given.role, by.viewer.roles)
    require_area(by.viewer, given.area)
    person = by.actor.subject
    await repository.lock_person(session, person)
    former = await repository.open_of(session, person)
    if former is not None:
        raise AlreadySignedIn(since=written_instant(former.signed_in_at))
    lon, lat = coarse(*given.place) if given.place else (None, None)
    shift = Shift(
        id=new_id(), version=0, person=person, role=given.role, area=given.area, signed_in_at=by.now,
        lon=lon, lat=lat, crs=given.place[2].value if given.place else None, handed=0, unattended=0,
    )  # fmt: skip
    await repository.add(session, shift)
    for case in await repository.held_for_update(session, person):
        case.unattended_at = None
        cases.requeue(case, by.now)
    await _tell(session, shift, Change("sign-in"), by)
    return shift


async def sign_out(session: AsyncSession, given: Departure, *, by: By) -> Shift:
    """Go off duty (交接班): what one has goes to who takes over. Raises `NotSignedIn`, `NextNotOnDuty`."""
    await repository.lock_person(session, by.actor.subject)
    shift = await repository.open_of(session, by.actor.subject)
    if shift is None:
        raise NotSignedIn
    return await _end(session, shift, given, Change("sign-out", note=given.note), by)


async def relieve(session: AsyncSession, shift_id: UUID, given: Departure, *, by: By) -> Shift:
    """Hand over for somebody who went without a word, or whose work still waits (代为交接).

    Raises `ShiftUnknown`, `Stale`, `ThereAgain`, `NextNotOnDuty`.
    """
    assert by.viewer is not None, "a person relieves"
    shift = await repository.get_for_update(session, shift_id)
    if shift is None or not sees_area(by.viewer, shift.area):
        raise ShiftUnknown
    check_version(shift, by.version or 0)
    if shift.signed_out_at is not None and await repository.open_of(session, shift.person) is not None:
        raise ThereAgain(person=shift.person)
    return await _end(session, shift, given, Change("relieve", note=given.note), by)


async def _end(session: AsyncSession, shift: Shift, given: Departure, change: Change, by: By) -> Shift:
    rows = await repository.held_for_update(session, shift.person)
    leaving = await _leaving(session, shift, rows, given.next_person, by.now)
    check_named(leaving, shift.area)
    if shift.signed_out_at is None:
        shift.signed_out_at, shift.signed_out_by = by.now, by.actor.subject
        shift.next_person, shift.note = given.next_person, given.note
    await repository.move_claims(session, shift.person, given.next_person, by.now)
    taken = [_covered(case, leaving) for case in rows]
    await _hand_over(session, shift.person, taken, By(by.actor, by.now))
    handed = sum(1 for one in taken if one.cover.person)
    shift.handed, shift.unattended = shift.handed + handed, len(taken) - handed
    await repository.keep_handed(session, [_row(shift, one, by.now) for one in taken])
    fields = {"next": given.next_person, "handed": handed, "unattended": shift.unattended}
    await _tell(session, shift, replace(change, fields=fields), by)
    return shift


def _row(shift: Shift, one: Covered, now: datetime) -> dict[str, Any]:
    return {
        "shift_id": shift.id, "case_id": one.case.id, "part": one.part.value,
        "to_person": one.cover.person, "how": one.cover.how.value, "at": now,
    }  # fmt: skip


async def _leaving(
    session: AsyncSession, shift: Shift, rows: Sequence[Case], named: str | None, now: datetime
) -> Leaving:
    there = await posted(session, {shift.area, *(case.area for case in rows)}, now)
    turn = await rosters.last_turn_of(session, shift.person, now)
    return Leaving(shift.person, named, turn.substitute if turn else None, there)


async def posted(session: AsyncSession, areas: Collection[str], now: datetime) -> list[Posted]:
    """Who is on duty for one of the areas or around it: by the rota, or signed in."""
    turns = await rosters.turns_at(session, areas, now)
    there = await repository.list_there(session, {code for area in areas for code in rosters.around(area)})
    return [
        *(Posted(turn.person, turn.role, turn.area, turn.starts_at) for turn in turns),
        *(Posted(shift.person, shift.role, shift.area, shift.signed_in_at) for shift in there),
    ]


def _covered(case: Case, leaving: Leaving) -> Covered:
    checking = case.checker == leaving.person
    part = Part.CHECKING if checking else Part.HANDLING
    held = Held(case.id, case.area, part, frozenset(case.handlers if checking else ()))
    return Covered(case, part, cover(held, leaving))


async def _hand_over(session: AsyncSession, person: str, taken: Sequence[Covered], by: By) -> None:
    """Each case is told once, by few statements; what stays with nobody is told when it begins to."""
    steps = []
    for one in taken:
        case, new = one.case, one.cover.person
        if new is None and (case.unattended_at is not None or case.state == CaseState.SUSPENDED):
            continue
        step = cases.begin(case, CaseAction.HAND_OVER, by)
        _assign(case, one, by.now)
        whom = "inspector" if one.part is Part.CHECKING else "handler"
        facts: dict[str, Any] = {
            "part": one.part.value,
            "attended": new is not None,
            "how": one.cover.how.value,
        }
        steps.append((step, facts | {"from": person, whom: new}))
    await cases.finish_many(session, steps, CaseHandedOver)
    moved = [one for one in taken if one.part is Part.CHECKING and one.cover.person]
    await checks.hand_on(session, {one.case.id: one.cover.person or "" for one in moved}, by)


def _assign(case: Case, one: Covered, now: datetime) -> None:
    """Who takes over what was begun counts among those who handled it."""
    new = one.cover.person
    if new is None:
        case.unattended_at = now
        return
    case.unattended_at = None
    if one.part is Part.CHECKING:
        case.checker = new
        return
    case.handler = new
    if case.state != CaseState.DISPATCHED:
        case.handlers = sorted({*case.handlers, new})


async def covers(
    session: AsyncSession, person: str, now: datetime, *, after: UUID | None, limit: int
) -> list[Covered]:
    """What the person has, and who would have it were they off now (我的工作由谁接手)."""
    rows = await repository.list_held(session, person, after=after, limit=limit)
    there = await posted(session, {case.area for case in rows}, now)
    turn = await rosters.last_turn_of(session, person, now)
    leaving = Leaving(person, None, turn.substitute if turn else None, there)
    return [_covered(case, leaving) for case in rows]


async def find(session: AsyncSession, shift_id: UUID, viewer: Principal) -> Shift:
    """The shift: one's own, or one in one's area for who may see others'. Raises `ShiftUnknown`."""
    shift = await repository.get(session, shift_id)
    if shift is None:
        raise ShiftUnknown
    others = allows(viewer, "grid.shift.read") and sees_area(viewer, shift.area)
    if shift.person != viewer.subject and not others:
        raise ShiftUnknown
    return shift


async def handed_of(
    session: AsyncSession, shift: Shift, *, after: UUID | None, limit: int
) -> Sequence[tuple[Handed, str]]:
    """Who has what since the shift ended, with each case's receipt number."""
    return await repository.list_handed(session, shift.id, after=after, limit=limit)


async def _tell(session: AsyncSession, shift: Shift, change: Change, by: By) -> None:
    await record(session, shift, _state(shift, by.now), actor=by.actor, now=by.now, change=change)


def _state(shift: Shift, now: datetime) -> ShiftChanged:
    return ShiftChanged(
        happened_at=now, role=shift.role, area=shift.area, signed_in_at=shift.signed_in_at,
        signed_out_at=shift.signed_out_at, handed=shift.handed, unattended=shift.unattended,
    )  # fmt: skip


async def restate_shifts(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next shifts stand. Answers the last id, None at the end."""
    rows = await repository.list_after(session, after, limit)
    await append_many(session, [Entry(_state(s, utc_now()), s.id, s.version, cases.GRID) for s in rows])
    return rows[-1].id if rows else None
