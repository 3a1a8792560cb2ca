"""What the calendar hears from `tasks`."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.tasks import CalendarChanged
from libs.common.events.contract import Event
from libs.common.service import Delivery, Handler
from services.grid.calendars import service


async def on_calendar_changed(session: AsyncSession, event: CalendarChanged, delivery: Delivery) -> None:
    """A year was loaded or changed."""
    await service.keep_year(session, delivery.aggregate_id, event)


HANDLERS: Mapping[type[Event], Handler] = {CalendarChanged: on_calendar_changed}
