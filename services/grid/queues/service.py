"""Use cases of the queue: list, claim, release. A claim is no step of the case: it changes no version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.cases import service as cases
from services.grid.cases.domain import check_claim
from services.grid.cases.service import By, Case
from services.grid.dossiers.service import Viewing
from services.grid.lifecycle.domain import QueueReason
from services.grid.queues.domain import NotQueued
from services.grid.rules import service as rules


async def waiting(
    session: AsyncSession,
    reasons: Sequence[QueueReason],
    viewing: Viewing,
    *,
    area: str | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Case]:
    """What waits, the earliest deadline first."""
    return await cases.list_queue(
        session, viewing.viewer, reasons or tuple(QueueReason), asked=area, after=after, limit=limit
    )


async def claim(session: AsyncSession, case_id: UUID, *, by: By) -> Case:
    """Take the case in hand for a while (认领). Raises `CaseClaimed` while a colleague has it."""
    case = await cases.locked(session, case_id, by)
    if case.queue is None:
        raise NotQueued
    check_claim(case, by.actor, by.now)
    minutes = (await rules.rules(session)).claim.minutes
    case.claimed_by, case.claimed_until = by.actor.subject, by.now + timedelta(minutes=minutes)
    return case


async def release(session: AsyncSession, case_id: UUID, *, by: By) -> Case:
    """Put it back for the colleagues (放弃认领). Raises `CaseClaimed` if it is a colleague's."""
    case = await cases.locked(session, case_id, by)
    check_claim(case, by.actor, by.now)
    case.claimed_by = case.claimed_until = None
    return case
