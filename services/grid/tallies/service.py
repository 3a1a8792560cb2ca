"""Use cases of the tallies: count on, count anew. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.cases import CASES as CASE_TOPIC
from libs.common.contracts.orders import ORDERS as ORDER_TOPIC
from services.grid.tallies import repository
from services.grid.tallies.domain import CASES, ORDERS, Count, Fact, Standing, Stock, counted, instant
from services.grid.tallies.models import Tally as Tally
from services.grid.tallies.models import TallyMonth as TallyMonth
from services.grid.tallies.models import TallyStock as TallyStock

_OF = {CASE_TOPIC.name: CASES, ORDER_TOPIC.name: ORDERS}
STOCKS = tuple(stock.value for stock in Stock)


async def count_on(session: AsyncSession, now: datetime, limit: int = 2000) -> int:
    """Count the next events of the log (计数). Answers how many were read; 0 at its end."""
    rows = await repository.read(session, await repository.position(session), limit)
    if not rows:
        return 0
    # An erased event has lost what it told, and was counted long before.
    told = [row for row in rows if row.topic in _OF and not row.restatement and row.payload is not None]
    if told:
        await _count(session, told)
    await repository.move(session, rows[-1])
    return len(rows)


async def _count(session: AsyncSession, rows: Sequence[Row[Any]]) -> None:
    standings = await repository.standings(session, {row.aggregate_id for row in rows})
    counts: list[Count] = []
    for row in rows:
        before = standings.get(row.aggregate_id, Standing())
        standings[row.aggregate_id], more = counted(before, _fact(row))
        counts += more
    await repository.keep(session, standings)
    if counts:
        await repository.add(session, counts, STOCKS)


def _fact(row: Row[Any]) -> Fact:
    told = orjson.loads(row.payload)
    return Fact(_OF[row.topic], row.type.split(".")[-2], instant(told["happened_at"]), told)


async def count_anew(session: AsyncSession) -> None:
    """Forget all counts: the next runs of `count_on` make them from the log (重新计数)."""
    await repository.forget(session)
