"""Use cases of appeals. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.cases import CaseAppealAsked, CaseAppealGranted, CaseAppealRefused
from services.grid.appeals import repository
from services.grid.appeals.domain import (
    LIFE,
    AppealAction,
    AppealState,
    NothingAppealed,
    check_appellant,
    check_decider,
    check_in_time,
    check_once,
    check_reason,
    mark_of,
)
from services.grid.appeals.models import Appeal as Appeal
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.lifecycle.domain import CaseAction, PhotoStage
from services.grid.terms.service import terms


@dataclass(frozen=True)
class Grounds:
    """Why the mark should not count (申诉理由), with photos by their hash."""

    reason_code: str
    note: str
    photos: Sequence[str] = ()


async def ask(session: AsyncSession, case_id: UUID, given: Grounds, *, by: By) -> Case:
    """Appeal against the overdue mark that stands (超时申诉): nothing changes until it is decided.

    Raises `NotAppellant`, `NothingOverdue`, `ReasonUnknown`, `AppealTooLate`, `AppealedAlready`.
    """
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.ASK_APPEAL, by)
    check_appellant(case, by.actor)
    mark, found = mark_of(case), await terms(session)
    check_reason(given.reason_code, found.rules.appeals)
    check_in_time(found.due(mark, found.rules.limit("appeal")), by.now)
    former = await repository.list_of_case(session, case.id)
    check_once(mark, case.round, [(row.round, row.overdue_at) for row in former])
    await cases.add_photos(session, case, given.photos, PhotoStage.APPEAL, by)
    row = Appeal(
        case_id=case.id, round=case.round, area=case.area, overdue_at=mark, unit_id=case.unit_id,
        squad=case.squad, state=LIFE.initial, reason_code=given.reason_code, note=given.note,
        photos=list(dict.fromkeys(given.photos)), asked_by=by.actor.subject, asked_at=by.now,
    )  # fmt: skip
    await repository.add(session, row)
    facts = {"of_round": row.round, "overdue_at": mark, "reason_code": row.reason_code}
    return await cases.finish(session, step, CaseAppealAsked, note=given.note, fields=facts, facts=facts)


async def grant(session: AsyncSession, case_id: UUID, *, note: str, by: By) -> Appeal:
    """The mark is excused (申诉成立): it stays, and no rate on time counts it.

    Of a round that is over the verdict of that round alone. Raises `NothingAppealed`, `SameAppellant`.
    """
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.GRANT_APPEAL, by)
    row = await _decided(session, case, AppealAction.EXCUSE, note, by)
    if row.round == case.round:
        case.excused_mark = row.overdue_at
    facts = {"of_round": row.round, "overdue_at": row.overdue_at}
    await cases.finish(session, step, CaseAppealGranted, note=note, fields=facts, facts=facts)
    return row


async def refuse(session: AsyncSession, case_id: UUID, *, note: str, by: By) -> Appeal:
    """The mark counts as before (申诉不成立). Raises `NothingAppealed`, `SameAppellant`."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.REFUSE_APPEAL, by)
    row = await _decided(session, case, AppealAction.REFUSE, note, by)
    facts = {"of_round": row.round, "overdue_at": row.overdue_at}
    await cases.finish(session, step, CaseAppealRefused, note=note, fields=facts, facts=facts)
    return row


async def _decided(session: AsyncSession, case: Case, action: AppealAction, note: str, by: By) -> Appeal:
    """The one that has waited longest, decided by another person."""
    waiting = [row for row in await _asked(session, case) if _stands(row, case)]
    if not waiting:
        raise NothingAppealed
    row = waiting[0]
    check_decider(case, row.asked_by, by.actor)
    row.state = LIFE.after(AppealState(row.state), action)
    row.decided_by, row.decided_at, row.decision = by.actor.subject, by.now, note
    return row


async def _asked(session: AsyncSession, case: Case) -> list[Appeal]:
    rows = await repository.list_of_case(session, case.id)
    return [row for row in rows if row.state == AppealState.ASKED]


def _stands(row: Appeal, case: Case) -> bool:
    return row.round < case.round or row.overdue_at == case.overdue_at


async def lapse(session: AsyncSession, case: Case, *, every: bool = False) -> None:
    """Let go what nobody needs to decide (失效): appeals against marks that were taken off; of a case that
    never was one, every appeal."""
    for row in await _asked(session, case):
        if every or not _stands(row, case):
            row.state = LIFE.after(AppealState(row.state), AppealAction.LAPSE)


async def appeals_of(session: AsyncSession, case: Case) -> Sequence[Appeal]:
    """Every appeal of the case."""
    return await repository.list_of_case(session, case.id)


to_decide = repository.list_asked
"""Statement that the routes need as it is."""
