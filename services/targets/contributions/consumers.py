"""What targets hear of tasks and measures."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.contracts.tasks import MeasureChanged, TaskVerified
from libs.common.events.contract import Event
from libs.common.service import Delivery, Handler
from services.targets.contributions import service


async def on_task_verified(session: AsyncSession, event: TaskVerified, delivery: Delivery) -> None:
    """A task was verified by another than its doer."""
    await service.hear_verified(session, delivery.aggregate_id, event, utc_now())


async def on_measure_changed(session: AsyncSession, event: MeasureChanged, delivery: Delivery) -> None:
    """A measure was entered or changed, or its links were."""
    await service.keep_measure(session, delivery.aggregate_id, event)


HANDLERS: Mapping[type[Event], Handler] = {
    TaskVerified: on_task_verified,
    MeasureChanged: on_measure_changed,
}
