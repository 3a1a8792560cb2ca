"""What targets hear of tasks and measures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.contracts.tasks import MeasureChanged, TaskVerified
from libs.common.events.projection import Projection
from libs.common.service import Delivery, Handlers
from services.targets.contributions import service
from services.targets.contributions.models import KnownMeasure


async def on_task_verified(session: AsyncSession, event: TaskVerified, delivery: Delivery) -> None:
    """A task was verified by another than its doer."""
    await service.hear_verified(session, delivery.aggregate_id, event, utc_now())


def linked(event: MeasureChanged) -> Mapping[str, Any]:
    """Which targets it serves."""
    return {
        "links": [link.model_dump(mode="json") for link in event.links],
        "target_ids": sorted({link.target_id for link in event.links}),
    }


MEASURES = Projection(KnownMeasure, linked)

HANDLERS: Handlers = {TaskVerified: on_task_verified, MeasureChanged: MEASURES}
