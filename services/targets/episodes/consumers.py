"""What targets hear of the supervision that they proposed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.handover import Answered, Outcome, Restated
from libs.common.contracts.tasks import (
    SupervisionClosed,
    SupervisionIssued,
    SupervisionNotIssued,
    SupervisionRestated,
    SupervisionWithdrawn,
)
from libs.common.events.contract import Event
from libs.common.handover.consumers import SenderHooks, handlers
from libs.common.handover.models import OutgoingHandover
from libs.common.service import Delivery, Handler
from services.targets.episodes import service
from services.targets.episodes.domain import HANDOVER_KIND


async def on_answered(
    session: AsyncSession, handover: OutgoingHandover, event: Answered, now: datetime
) -> None:
    """The office has issued the supervision, or says why not."""
    await service.answered(session, handover.id, event.outcome, now)


async def on_restated(
    session: AsyncSession, handover: OutgoingHandover, event: Restated, now: datetime
) -> None:
    """The office says again what it answered, after a loss."""
    if handover.answer is not None:
        await service.answered(session, handover.id, Outcome.model_validate(handover.answer), now)


async def on_issued(session: AsyncSession, event: SupervisionIssued, delivery: Delivery) -> None:
    """Which task it became and by when."""
    await service.issued(session, event.handover_id, event.task_id, event.due_at)


async def on_not_issued(session: AsyncSession, event: SupervisionNotIssued, delivery: Delivery) -> None:
    """The office does not issue it; after its task ended undone that is told here alone."""
    await service.refused(session, event.handover_id, event.reason_code, event.happened_at)


async def on_closed(session: AsyncSession, event: SupervisionClosed, delivery: Delivery) -> None:
    """Its task was verified and closed."""
    await service.ended(
        session, event.handover_id, verified=True, on_time=event.on_time, now=event.happened_at
    )


async def on_withdrawn(session: AsyncSession, event: SupervisionWithdrawn, delivery: Delivery) -> None:
    """Its task ended undone."""
    await service.ended(session, event.handover_id, verified=False, on_time=None, now=event.happened_at)


async def on_supervision_restated(
    session: AsyncSession, event: SupervisionRestated, delivery: Delivery
) -> None:
    """Where the supervision stands, said again after a loss."""
    if event.task_id is not None and event.due_at is not None:
        await service.issued(session, event.handover_id, event.task_id, event.due_at)
    if event.status == "not_issued":
        await service.refused(session, event.handover_id, event.reason_code, event.happened_at)
    if event.status in ENDED:
        await service.ended(
            session,
            event.handover_id,
            verified=ENDED[event.status],
            on_time=event.on_time,
            now=event.happened_at,
        )


ENDED = {"closed": True, "withdrawn": False}
"""States of a supervision that has ended, and whether it was verified."""

HOOKS: Mapping[str, SenderHooks] = {
    HANDOVER_KIND: SenderHooks(on_answered=on_answered, on_restated=on_restated)
}
HANDLERS: Mapping[type[Event], Handler] = {
    **handlers("targets", sends=HOOKS, receives={}),
    SupervisionIssued: on_issued,
    SupervisionNotIssued: on_not_issued,
    SupervisionClosed: on_closed,
    SupervisionWithdrawn: on_withdrawn,
    SupervisionRestated: on_supervision_restated,
}
