"""Use cases of the acceptor. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.contracts.cases import CaseAccepted, CaseMerged, CaseRejected
from libs.common.coordinates import distance_m
from libs.common.numbering import matter_number
from libs.common.policy import Principal, sees_area
from services.grid.acceptances.domain import MergeTargetInvalid
from services.grid.appeals import service as appeals
from services.grid.cases import service as cases
from services.grid.cases.domain import CaseNotFound
from services.grid.cases.service import By, Case
from services.grid.lifecycle.domain import CaseAction, CaseState
from services.grid.rules import service as rules


async def accept(session: AsyncSession, case_id: UUID, *, by: By) -> Case:
    """Accept the report and give it its case number (受理). Raises `VerificationMissing`."""
    case = await cases.locked(session, case_id, by)
    return await accept_locked(session, case, by)


async def accept_locked(session: AsyncSession, case: Case, by: By) -> Case:
    """The same for a case that is locked or new."""
    step = cases.begin(case, CaseAction.ACCEPT, by)
    if case.number is None:  # one that was rejected and reopened may have its number already
        day, area = local_date(by.now), case.area[:9]
        serial = await cases.next_serial(session, day, area)
        case.number = matter_number("G", day, area, serial)
    return await cases.finish(session, step, CaseAccepted, fields={"number": case.number})


async def reject(session: AsyncSession, case_id: UUID, *, reason_code: str, reason: str, by: By) -> Case:
    """Do not accept the report (不予受理): it ends, the reporter sees why."""
    step = cases.begin(await cases.locked(session, case_id, by), CaseAction.REJECT, by)
    return await cases.finish(
        session, step, CaseRejected, note=reason, fields={"reason": reason_code},
        facts={"reason_code": reason_code},
    )  # fmt: skip


async def merge(session: AsyncSession, case_id: UUID, into_id: UUID, *, reason: str, by: By) -> Case:
    """The same matter as another case (合并): a person says so; this one ends, that one goes on."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.MERGE, by)
    into = await _target(session, into_id, by)
    if into.id == case.id or into.state in (CaseState.MERGED, CaseState.WITHDRAWN, CaseState.VOIDED):
        raise MergeTargetInvalid(pointer="/into")
    case.merged_into = into.id
    await appeals.lapse(session, case, every=True)
    return await cases.finish(
        session, step, CaseMerged, note=reason, fields={"into": into.receipt_number},
        facts={"into_id": into.id},
    )  # fmt: skip


async def _target(session: AsyncSession, into_id: UUID, by: By) -> Case:
    """Where it goes, locked: of two cases that are merged into each other at once, one goes on."""
    try:
        return await cases.locked(session, into_id, By(by.actor, by.now, by.viewer))
    except CaseNotFound as error:
        error.pointer = "/into"
        raise


async def going_on(session: AsyncSession, case: Case, now: datetime) -> Case:
    """The case itself; of a merged one the case at the end of the chain, locked (合并后主案件)."""
    while case.state == CaseState.MERGED and case.merged_into is not None:
        case = await cases.locked(session, case.merged_into, By(cases.GRID, now))
    return case


async def possible_duplicates(
    session: AsyncSession, case: Case, viewer: Principal
) -> list[tuple[Case, float]]:
    """Cases of the same category near it in place and time, the nearest first, with metres (疑似重复).

    They are shown; a person decides.
    """
    if case.lon is None or case.lat is None:
        return []
    rule = (await rules.rules(session)).duplicate
    around = timedelta(hours=rule.hours)
    times = case.found_at - around, case.found_at + around
    found = await cases.list_near(session, case, times, rule.metres)
    return nearest_first(found, (case.lon, case.lat), rule.metres, viewer)


def nearest_first(
    found: Sequence[Case], here: tuple[float, float], metres: int, viewer: Principal
) -> list[tuple[Case, float]]:
    """Which of the cases lie within so many metres and the viewer's area, the nearest first, with metres."""
    far = [(case, distance_m(here, (case.lon or 0.0, case.lat or 0.0))) for case in found]
    near = [pair for pair in far if pair[1] <= metres and sees_area(viewer, pair[0].area)]
    return sorted(near, key=lambda pair: pair[1])
