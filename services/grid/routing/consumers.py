"""What routing hears from `tasks`."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.tasks import DutyChanged, UnitChanged
from libs.common.events.contract import Event
from libs.common.service import Delivery, Handler
from services.grid.routing import service


async def on_unit_changed(session: AsyncSession, event: UnitChanged, delivery: Delivery) -> None:
    """A unit was registered, changed or ended."""
    await service.keep_unit(session, delivery.aggregate_id, event)


async def on_duty_changed(session: AsyncSession, event: DutyChanged, delivery: Delivery) -> None:
    """A row of the duty list was entered, changed or ended."""
    await service.keep_duty(session, delivery.aggregate_id, event)


HANDLERS: Mapping[type[Event], Handler] = {UnitChanged: on_unit_changed, DutyChanged: on_duty_changed}
