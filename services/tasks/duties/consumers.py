"""What the duty list hears from `grid`."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.grid import CategoryChanged
from libs.common.events.contract import Event
from libs.common.service import Delivery, Handler
from services.tasks.duties import service


async def on_category_changed(session: AsyncSession, event: CategoryChanged, delivery: Delivery) -> None:
    """A category was entered, changed or ended."""
    await service.keep_category(session, delivery.aggregate_id, event)


HANDLERS: Mapping[type[Event], Handler] = {CategoryChanged: on_category_changed}
