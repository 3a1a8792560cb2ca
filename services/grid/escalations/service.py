"""Use cases of going up a level. Nothing here commits.

The handling deadline and the handover stay as they are: who has the case still has to do it, and the upper
level's dispatcher, who finds it on the queue as `escalated`, may urge, recall or dispatch anew. Which node
of the upper level it came to is kept as it was on that day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.contracts.cases import CaseEscalated
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case, Step
from services.grid.escalations import repository
from services.grid.escalations.domain import EscalationReason, next_level
from services.grid.escalations.models import Escalation as Escalation
from services.grid.levels.domain import capable
from services.grid.levels.service import set_clock
from services.grid.lifecycle.domain import CaseAction
from services.grid.nodes import service as nodes
from services.grid.terms.service import Terms, terms


@dataclass(frozen=True)
class Why:
    """Why it goes up (升级事由)."""

    reason: EscalationReason
    note: str | None = None


@dataclass(frozen=True)
class Ladder:
    """Rules and calendar, and who stands for each level where (层级及节点)."""

    terms: Terms
    standing: Mapping[str, Mapping[str, nodes.Node]]


async def escalate(session: AsyncSession, case_id: UUID, why: Why, *, by: By) -> Case:
    """Call the next level (升级). Raises `HighestLevel`."""
    return await escalate_locked(session, await cases.locked(session, case_id, by), why, by)


async def escalate_locked(session: AsyncSession, case: Case, why: Why, by: By) -> Case:
    """The same for a locked case."""
    step, row = _go_up(case, why, await _ladder(session, [case], by.now), by)
    facts = _facts(row)
    await cases.finish(session, step, CaseEscalated, note=why.note, fields=facts, facts=facts)
    await repository.add(session, [row])
    return case


async def _ladder(session: AsyncSession, rows: Sequence[Case], now: datetime) -> Ladder:
    areas = {case.area for case in rows}
    return Ladder(await terms(session), await nodes.standing(session, areas, local_date(now)))


def _go_up(case: Case, why: Why, ladder: Ladder, by: By) -> tuple[Step, Escalation]:
    """The step, allowed and not told yet, and what is kept of it."""
    step = cases.begin(case, CaseAction.ESCALATE, by)
    rules, there = ladder.terms.rules, ladder.standing[case.area]
    former = case.level or capable(rules, case.category)
    case.level, case.loop = rules.level_and_loop(next_level(rules, former, there))
    case.escalated_at = by.now
    set_clock(case, ladder.terms, by.now)
    row = Escalation(
        case_id=case.id, round=case.round, area=case.area, from_level=former, to_level=case.level,
        to_node=there[case.level].id if case.level in there else None, reason=why.reason.value,
        note=why.note, due_at=case.due_at, at=by.now, by=by.actor.subject,
    )  # fmt: skip
    return step, row


def _facts(row: Escalation) -> dict[str, str]:
    return {"from_level": row.from_level, "reason": row.reason}


async def escalate_due(session: AsyncSession, now: datetime, limit: int = 100) -> int:
    """Call the next level for what its level has had too long (超时升级), the longest first. How many.

    One batch, locked without waiting: several replicas may sweep at once, and each case goes up once. It
    takes the same few statements whether one case is due or a hundred.
    """
    due = await cases.to_escalate(session, now, limit)
    if not due:
        return 0
    ladder, by, why = await _ladder(session, due, now), By(cases.GRID, now), Why(EscalationReason.TIMEOUT)
    taken = [_go_up(case, why, ladder, by) for case in due]
    await cases.finish_many(session, [(step, _facts(row)) for step, row in taken], CaseEscalated)
    await repository.add(session, [row for _, row in taken])
    return len(due)


async def escalations_of(session: AsyncSession, case: Case) -> Sequence[Escalation]:
    """Every escalation of the case."""
    return await repository.list_of_case(session, case.id)


came_up_to = repository.list_to
came_up_to_node = repository.list_to_node
"""Statements that the routes need as they are."""
