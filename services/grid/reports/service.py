"""Use cases of intake: report, correct, withdraw. Nothing here commits."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.areas import AreaLevel, check_code, level_of
from libs.common.clocks import local_date
from libs.common.contracts.cases import CaseAnswered, CaseCorrected, CaseWithdrawn
from libs.common.coordinates import Crs, to_cgcs2000
from libs.common.errors import NotFound
from libs.common.media import MediaUnknown
from libs.common.numbering import receipt_number
from libs.common.policy import Principal, require, sees_area
from services.grid.acceptances import service as acceptances
from services.grid.cases import service as cases
from services.grid.cases.domain import Clock, deadline, limit_of, require_photos
from services.grid.cases.service import By, Case, ReporterGiven, Spot
from services.grid.catalogue import service as catalogue
from services.grid.catalogue.domain import StandardUnknown
from services.grid.checks import service as checks
from services.grid.filings import service as filings
from services.grid.filings.service import Choice
from services.grid.levels.domain import check_capable
from services.grid.lifecycle.domain import CaseAction, PhotoStage
from services.grid.places import service as places
from services.grid.questions import service as questions
from services.grid.questions.service import Asked
from services.grid.reports.domain import (
    Correction,
    GivenPlace,
    NothingToCorrect,
    OutsideYourArea,
    PlaceMissing,
    PlaceTooWide,
    PlaceUnknown,
    Report,
    SelfHandling,
    check_found_at,
    check_id,
    check_in_force,
    check_told,
    point_columns,
    pointing,
    told_columns,
)
from services.grid.rules import service as rules
from services.grid.terms.service import terms

T = TypeVar("T")


@dataclass(frozen=True)
class Received:
    """The case and whether this request made it."""

    case: Case
    made: bool


async def report(
    session: AsyncSession,
    case_id: UUID,
    given: Report,
    reporter: ReporterGiven | None = None,
    *,
    fingerprint: bytes,
    by: By,
) -> Received:
    """Take a report in (上报); the same body again finds the first one.

    Raises `IdNotUuid7`, `CaseExists`, `SourceNumberTaken`, `ChannelUnknown`, `CategoryUnknown`,
    `SourceNumberMissing`, `TimeOutOfRange`, and what is wrong with the place or with an answer.
    """
    known = await cases.known(session, check_id(case_id), fingerprint, by.actor.subject)
    if known is not None:
        return Received(known, made=False)
    columns = await _columns(session, given, by)
    columns |= {"id": case_id, "fingerprint": fingerprint, "receipt_number": receipt_number(case_id)}
    case = await cases.open_case(session, columns, by)
    if case is None:
        first = await cases.first_of(session, case_id, fingerprint, given.source_number, by)
        return Received(first, made=False)
    await cases.add_photos(session, case, given.photos, PhotoStage.BEFORE, by)
    if given.form is not None:
        await questions.keep(session, case.id, case.category, given.form, actor=by.actor, now=by.now)
    if reporter is not None:
        await cases.keep_reporter(session, case, reporter, by)
    if given.self_handling is not None:
        await _handle_at_once(session, case, given.self_handling, by)
    return Received(case, made=True)


async def _columns(session: AsyncSession, given: Report, by: By) -> dict[str, Any]:
    limits = await rules.rules(session)
    channel = check_told(given, limits, by.viewer, by.now)
    category = await catalogue.category_in_force(session, given.category, local_date(given.found_at))
    where = await _place(session, given.place, by)
    chosen = ""
    if given.form is not None:
        asked = Asked(category.code, given.found_at, given.photos)
        chosen = await questions.checked(session, given.form, asked, by.now)
    words = cases.words(given.description, given.place.address, category.name_zh, given.source_number, chosen)
    return {**told_columns(given, channel), "category": category.code, "words": words, **where}


async def _place(session: AsyncSession, given: GivenPlace, by: By) -> dict[str, Any]:
    """The place as columns. Raises what is wrong with it, and `OutsideYourArea`."""
    where = await _located(session, given, local_date(by.now))
    if by.viewer is not None and not sees_area(by.viewer, where["area"]):
        raise OutsideYourArea(pointer="/place")
    return {**where, "address": given.address, "inside_wall": given.inside_wall}


async def _located(session: AsyncSession, given: GivenPlace, day: date) -> dict[str, Any]:
    estate_area = None
    if given.estate_id is not None:
        with pointing("/place/estate_id"):
            estate_area = await area_of_estate(session, given.estate_id, day)
    if given.lon is not None and given.lat is not None and given.crs is not None:
        with pointing("/place/point"):
            return await _at_point(session, given, day)
    if given.area is not None:
        with pointing("/place/area"):
            return {"area": await _known_area(session, given.area, day), "estate_id": given.estate_id}
    if estate_area is None:
        raise PlaceMissing(pointer="/place")
    return {"area": estate_area, "estate_id": given.estate_id}


async def _at_point(session: AsyncSession, given: GivenPlace, day: date) -> dict[str, Any]:
    assert given.lon is not None and given.lat is not None and given.crs is not None  # noqa: PT018
    place = await places.locate(session, given.lon, given.lat, given.crs, on=day)
    estate_id = given.estate_id or await places.estate_at(session, place.unit_grid, on=day)
    return {**point_columns(place, given), "estate_id": estate_id}


async def _known_area(session: AsyncSession, code: str, day: date) -> str:
    level = level_of(check_code(code))
    if level not in (AreaLevel.NEIGHBOURHOOD, AreaLevel.UNIT_GRID):
        raise PlaceTooWide(area=code)
    find = places.find_unit_grid if level is AreaLevel.UNIT_GRID else places.find_area
    check_in_force(await _or_unknown(find(session, code), code), code, day)
    return code


async def area_of_estate(session: AsyncSession, estate_id: UUID, day: date) -> str:
    """The neighbourhood that the estate's first covered area lies in. Raises `PlaceUnknown`."""
    state = await _or_unknown(places.find_estate(session, estate_id), str(estate_id))
    check_in_force(state.estate, str(estate_id), day)
    covers = sorted(row.area_code for row in state.covers if row.valid_to is None or day <= row.valid_to)
    if not covers or level_of(covers[0]) not in (AreaLevel.NEIGHBOURHOOD, AreaLevel.UNIT_GRID):
        raise PlaceUnknown(place=str(estate_id))
    return covers[0][:12]


async def _or_unknown(found: Awaitable[T], place: str) -> T:
    try:
        return await found
    except NotFound:
        raise PlaceUnknown(place=place) from None


async def _handle_at_once(session: AsyncSession, case: Case, given: SelfHandling, by: By) -> None:
    """Accepted and filed by the same command, straight to another person's check (自行处置)."""
    if by.viewer is not None:
        require(by.viewer, "grid.case.self_handle")
    unguarded = By(by.actor, by.now)
    await acceptances.accept_locked(session, case, unguarded)
    with pointing("/self_handled/standard", StandardUnknown):
        await filings.file_locked(session, case, Choice(given.standard), unguarded)
    step = cases.begin(case, CaseAction.SELF_HANDLE, unguarded)
    with pointing("/self_handled/photos", MediaUnknown):
        await cases.add_photos(session, case, given.photos, PhotoStage.AFTER, by)
    require_photos("after", case.photos_after, len(set(given.photos)))
    found = await terms(session)
    check_capable(found.rules, found.rules.routing.self_handled, case.capable_level)
    case.level, case.loop = found.rules.level_and_loop(found.rules.routing.self_handled)
    case.handler, case.handlers = by.actor.subject, [by.actor.subject]
    case.clock_started_at = case.answered_at = by.now
    limit = limit_of(case.limit_amount, case.limit_unit)
    case.due_at = deadline(Clock(by.now, limit), found.calendar)
    case.on_time, case.outcome = True, given.outcome
    facts = {"on_time": True, "outcome": given.outcome}
    await cases.finish(session, step, CaseAnswered, note=given.note, fields=facts, facts=facts)


async def near(
    session: AsyncSession, category: str, point: tuple[float, float, Crs], *, viewer: Principal, now: datetime
) -> list[tuple[Case, float]]:
    """What is open and may be the same matter (疑似重复), the nearest first, with metres: to be shown before
    one more report is sent. By the rule `duplicate`, inside the viewer's area. Raises `CoordinateInvalid`.
    """
    rule = (await rules.rules(session)).duplicate
    here = to_cgcs2000(*point)
    spot = Spot(category, *here, metres=rule.metres, since=now - timedelta(hours=rule.hours))
    return acceptances.nearest_first(await cases.list_open_near(session, spot), here, rule.metres, viewer)


async def correct(session: AsyncSession, case_id: UUID, given: Correction, *, reason: str, by: By) -> Case:
    """The reporter puts the report right before acceptance (更正). Raises what `report` raises."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.CORRECT, by)
    changed = await _corrections(session, case, given, by)
    if not changed and not given.photos and given.form is None:
        raise NothingToCorrect
    for key, value in changed.items():
        setattr(case, key, value)
    category = await catalogue.category_in_force(session, case.category, local_date(case.found_at))
    await cases.add_photos(session, case, given.photos, PhotoStage.BEFORE, by)
    if given.form is not None:
        asked = Asked(case.category, case.found_at, given.photos)
        chosen = await questions.checked(session, given.form, asked, by.now)
        await questions.keep(session, case.id, case.category, given.form, actor=by.actor, now=by.now)
    else:
        chosen = await questions.labels_of(session, case.id, case.category)
    await cases.rewrite_words(session, case, f"{category.name_zh} {chosen}")
    told = sorted([*changed, *(["form"] if given.form else [])])
    fields = {"fields": told, "photos": len(given.photos)}
    return await cases.finish(session, step, CaseCorrected, note=reason, fields=fields)


async def _corrections(session: AsyncSession, case: Case, given: Correction, by: By) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    limits = await rules.rules(session)
    if given.found_at is not None:
        changed["found_at"] = check_found_at(given.found_at, by.now, limits.report)
    if given.category is not None:
        found_at = changed.get("found_at", case.found_at)
        found = await catalogue.category_in_force(session, given.category, local_date(found_at))
        changed["category"] = found.code
    if given.description is not None:
        changed["description"] = given.description
    if given.place is not None:
        changed |= {"lon": None, "lat": None, "nearest": False, "given_place": None}
        changed |= await _place(session, given.place, by)
    return changed


async def withdraw(session: AsyncSession, case_id: UUID, *, reason: str, by: By) -> Case:
    """The reporter takes the report back before acceptance (撤回)."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.WITHDRAW, by)
    await checks.take_away(session, case, by)
    return await cases.finish(session, step, CaseWithdrawn, note=reason)
