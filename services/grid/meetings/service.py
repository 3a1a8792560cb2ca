"""Use cases of the joint meeting. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.cases import CaseMeetingHeld
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.dispatches import service as dispatches
from services.grid.dispatches.domain import Order
from services.grid.escalations import service as escalations
from services.grid.escalations.domain import EscalationReason
from services.grid.escalations.service import Why
from services.grid.lifecycle.domain import CaseAction, CaseState
from services.grid.meetings import repository
from services.grid.meetings.domain import RESIDENTS, Decision, MeetingOutcome, check_held, check_meeting
from services.grid.meetings.models import Meeting as Meeting


async def hold(
    session: AsyncSession, case_id: UUID, decision: Decision, held_at: datetime, *, by: By
) -> Case:
    """Record what the meeting decided (居民联席会议): the residents handle it, or the next level is called.

    What the residents take on is theirs at once, in the self loop: a case that nobody has yet is dispatched
    to them, and whoever follows it up begins, answers with photos and is checked by another person. Raises
    `OutsideSelfLoop`, `VotesImplausible`, `MeetingAhead`.
    """
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.HOLD_MEETING, by)
    check_meeting(case.loop, decision)
    check_held(held_at, by.now)
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
    elif case.state == CaseState.FILED:
        order = Order(squad=RESIDENTS, level=case.level, note=decision.text)
        await dispatches.dispatch(session, case_id, order, by=By(by.actor, by.now))
    return case


async def meetings_on(session: AsyncSession, case: Case) -> Sequence[Meeting]:
    """Every meeting on the case."""
    return await repository.list_of_case(session, case.id)
