"""What the measures hear from targets: what they link to."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.targets import TargetChanged
from libs.common.events.contract import Event
from libs.common.service import Delivery, Handler
from services.tasks.measures import service


async def on_target_changed(session: AsyncSession, event: TargetChanged, delivery: Delivery) -> None:
    """Keep the target as it is now."""
    await service.keep_target(session, delivery.aggregate_id, event)


HANDLERS: Mapping[type[Event], Handler] = {TargetChanged: on_target_changed}
