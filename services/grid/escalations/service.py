"""Use cases of going up a level. Nothing here commits.

The handling deadline and the handover stay as they are: who has the case still has to do it, and the upper
level's dispatcher, who finds it on the queue as `escalated`, may urge, recall or dispatch anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.grid import CaseEscalated
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.escalations import repository
from services.grid.escalations.domain import EscalationReason, next_level
from services.grid.escalations.models import Escalation as Escalation
from services.grid.levels.domain import capable
from services.grid.lifecycle.domain import CaseAction
from services.grid.rules import service as rules
from services.grid.rules.domain import Rules


@dataclass(frozen=True)
class Why:
    """Why it goes up (升级事由)."""

    reason: EscalationReason
    note: str | None = None


async def escalate(session: AsyncSession, case_id: UUID, why: Why, *, by: By) -> Case:
    """Call the next level (升级). Raises `HighestLevel`."""
    return await escalate_locked(session, await cases.locked(session, case_id, by), why, by)


async def escalate_locked(session: AsyncSession, case: Case, why: Why, by: By) -> Case:
    """The same for a locked case."""
    row = await _go_up(session, case, why, await rules.rules(session), by)
    await repository.add(session, [row])
    return case


async def _go_up(session: AsyncSession, case: Case, why: Why, found: Rules, by: By) -> Escalation:
    step = cases.begin(case, CaseAction.ESCALATE, by)
    former = case.level or capable(found, case.category)
    case.level, case.loop = found.level_and_loop(next_level(found, former))
    case.escalated_at = by.now
    facts = {"from_level": former, "reason": why.reason.value}
    await cases.finish(session, step, CaseEscalated, note=why.note, fields=facts, facts=facts)
    return Escalation(
        case_id=case.id, round=case.round, area=case.area, to_level=case.level, **facts, note=why.note,
        due_at=case.due_at, at=by.now, by=by.actor.subject,
    )  # fmt: skip


async def escalate_due(session: AsyncSession, now: datetime, limit: int = 100) -> int:
    """Call the next level for what its level has had too long (超时升级), the longest first. How many.

    One batch, locked without waiting: several replicas may sweep at once, and each case goes up once.
    """
    due = await cases.to_escalate(session, now, limit)
    if not due:
        return 0
    found, by = await rules.rules(session), By(cases.GRID, now)
    why = Why(EscalationReason.TIMEOUT)
    await repository.add(session, [await _go_up(session, case, why, found, by) for case in due])
    return len(due)


async def escalations_of(session: AsyncSession, case: Case) -> Sequence[Escalation]:
    """Every escalation of the case."""
    return await repository.list_of_case(session, case.id)


came_up_to = repository.list_to
"""A statement that the routes need as it is."""
