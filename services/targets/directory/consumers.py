"""What the directory hears from `tasks` and `grid`."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.grid import AreaChanged
from libs.common.contracts.tasks import UnitChanged
from libs.common.events.contract import Event
from libs.common.service import Delivery, Handler
from services.targets.directory import service


async def on_unit_changed(session: AsyncSession, event: UnitChanged, delivery: Delivery) -> None:
    """A unit was registered, changed or ended."""
    await service.keep_unit(session, delivery.aggregate_id, event)


async def on_area_changed(session: AsyncSession, event: AreaChanged, delivery: Delivery) -> None:
    """An area was entered, renamed or ended."""
    await service.keep_area(session, event)


HANDLERS: Mapping[type[Event], Handler] = {UnitChanged: on_unit_changed, AreaChanged: on_area_changed}
