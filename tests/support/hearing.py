"""An event heard by a service's handlers, without a bus."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.events.contract import Event
from libs.common.events.projection import Projection
from libs.common.service import Delivery, Handlers


async def hear(
    database: Database, handlers: Handlers, event: Event, delivery: Delivery, *, times: int = 2
) -> None:
    """Hand the event over, twice, as a bus may do."""
    handler = handlers[type(event)]

    async def work(session: AsyncSession) -> None:
        if isinstance(handler, Projection):
            await handler.keep(session, [(delivery.aggregate_id, event)])
        else:
            await handler(session, event, delivery)

    for _ in range(times):
        await database.transact(work)
