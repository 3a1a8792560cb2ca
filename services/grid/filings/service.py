"""Use cases of filing: file, refuse to file, change the standard. Nothing here commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import is_overdue, local_date
from libs.common.contracts.cases import CaseFiled, CaseRejected, CaseStandardChanged
from libs.common.handover.orders import Amendment
from services.grid.calendars import service as calendars
from services.grid.cases import service as cases
from services.grid.cases.domain import clock_of, deadline, require_photos
from services.grid.cases.service import By, Case
from services.grid.catalogue import service as catalogue
from services.grid.holdings import service as holdings
from services.grid.holdings.service import Told
from services.grid.levels.domain import capable, higher, lowest_of
from services.grid.lifecycle.domain import CaseAction, PhotoStage
from services.grid.rules import service as rules


@dataclass(frozen=True)
class Choice:
    """The standard that is picked, of the reported category or of another one (立案依据)."""

    standard: str
    category: str | None = None
    item: str | None = None


async def file(session: AsyncSession, case_id: UUID, choice: Choice, *, by: By) -> Case:
    """File the case under a standard (立案). Raises `StandardUnknown`, `CategoryUnknown`, `ItemUnknown`,
    `PhotosMissing`."""
    return await file_locked(session, await cases.locked(session, case_id, by), choice, by)


async def file_locked(session: AsyncSession, case: Case, choice: Choice, by: By) -> Case:
    """The same for a case that is locked or new."""
    step = cases.begin(case, CaseAction.FILE, by)
    facts = await _pick(session, case, choice, by.now)
    channel = (await rules.rules(session)).channel(case.channel)
    if channel.photos:
        given = await cases.photos_at(session, case, PhotoStage.BEFORE, PhotoStage.VERIFY)
        require_photos("before", case.photos_before, len(given))
    await _reckon(session, case, by.now)
    return await cases.finish(session, step, CaseFiled, fields=facts, facts=facts)


async def _pick(
    session: AsyncSession, case: Case, choice: Choice, now: datetime
) -> dict[str, str | int | None]:
    category = choice.category or case.category
    kept = case.item if (case.item or "").startswith(category) else None
    if choice.item is not None:
        await catalogue.item_in_force(session, category, choice.item, local_date(now))
    standard = await catalogue.standard_in_force(session, category, choice.standard, local_date(now))
    case.category, case.item = category, choice.item or kept
    limits = await rules.rules(session)
    case.capable_level = higher(limits, capable(limits, category), lowest_of(limits, standard.loops))
    case.level, case.loop = limits.level_and_loop(higher(limits, case.level, case.capable_level))
    case.standard_id = standard.id
    case.limit_amount, case.limit_unit = standard.limit_amount, standard.limit_unit
    case.photos_before, case.photos_after = standard.photos_before, standard.photos_after
    return {"standard": standard.code, "standard_revision": standard.revision, "item": case.item}


async def _reckon(session: AsyncSession, case: Case, now: datetime) -> None:
    """The deadline by the limit in force, if the clock has been started: it is never started afresh."""
    clock = clock_of(case)
    case.due_at = deadline(clock, await calendars.calendar(session)) if clock else None
    if case.due_at is not None and not is_overdue(now, case.due_at):
        case.overdue_at = None


async def refuse(session: AsyncSession, case_id: UUID, *, reason_code: str, reason: str, by: By) -> Case:
    """Do not file the case (不予立案): it ends, the reporter sees why."""
    step = cases.begin(await cases.locked(session, case_id, by), CaseAction.REFUSE_FILING, by)
    said = {"reason_code": reason_code}
    return await cases.finish(session, step, CaseRejected, note=reason, fields=said, facts=said)


async def change_standard(
    session: AsyncSession, case_id: UUID, choice: Choice, *, reason: str, by: By
) -> Case:
    """Another category or standard, with the deadline that follows from the same start (调整类别或时限).

    The unit is told. Raises `StandardUnknown`, `CategoryUnknown`, `ItemUnknown`; `DeadlinePassed` if it would
    be overdue.
    """
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.CHANGE_STANDARD, by)
    facts, before = await _pick(session, case, choice, by.now), case.due_at
    await _reckon(session, case, by.now)
    amendment = Amendment(category=case.category, due_at=case.due_at, note=reason)
    await holdings.amend(session, case, Told(amendment, before), by)
    return await cases.finish(session, step, CaseStandardChanged, note=reason, fields=facts, facts=facts)
