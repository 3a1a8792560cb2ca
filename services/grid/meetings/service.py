"""Use cases of the joint meeting. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.grid import CaseMeetingHeld
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.escalations import service as escalations
from services.grid.escalations.domain import EscalationReason
from services.grid.escalations.service import Why
from services.grid.lifecycle.domain import CaseAction
from services.grid.meetings import repository
from services.grid.meetings.domain import Decision, MeetingOutcome, check_meeting
from services.grid.meetings.models import Meeting as Meeting


async def hold(
    session: AsyncSession, case_id: UUID, decision: Decision, held_at: datetime, *, by: By
) -> Case:
    """Record what the meeting decided (居民联席会议): the residents handle it, or the next level is called.

    Where the residents handle it the case goes on in the self loop. Raises `OutsideSelfLoop`,
    `VotesImplausible`.
    """
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.HOLD_MEETING, by)
    check_meeting(case.loop, decision)
    facts = {
        "outcome": decision.outcome.value,
        "votes_for": decision.votes_for,
        "votes_against": decision.votes_against,
    }
    row = Meeting(
        case_id=case.id, round=case.round, attendees=[one.value for one in decision.attendees],
        present=decision.present, decision=decision.text, held_at=held_at, recorded_at=by.now,
        recorded_by=by.actor.subject, **facts,
    )  # fmt: skip
    await repository.add(session, row)
    await cases.finish(session, step, CaseMeetingHeld, note=decision.text, fields=facts, facts=facts)
    if decision.outcome is MeetingOutcome.ESCALATE:
        why = Why(EscalationReason.REQUEST, decision.text)
        await escalations.escalate_locked(session, case, why, by)
    return case


async def meetings_on(session: AsyncSession, case: Case) -> Sequence[Meeting]:
    """Every meeting on the case."""
    return await repository.list_of_case(session, case.id)
