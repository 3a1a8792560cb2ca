"""Coalescing 合并执行: concurrent commands of one kind are carried out together, answered after the commit.

Whenever a lane is free it takes whatever waits: no timer, so that a lone command never waits for company. A
lane holds one connection while there is work, each statement commits by itself. A batch that fails is tried
row by row, so that a bad row fails alone. The queue is bounded: who finds it full is told to come again.

    coalescer = Coalescer(database, work)      # work(connection, items) -> one outcome per item, in order
    outcome = await coalescer.do(item)
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.db import Database, is_away
from libs.common.errors import Unavailable

LANES = 2
MOST = 256
"""Most commands of one batch."""

WAITING = 1024
"""Most commands that may wait."""

In = TypeVar("In")
Out = TypeVar("Out")
Work = Callable[[AsyncConnection, Sequence[In]], Awaitable[Sequence[Out]]]


class QueueFull(Unavailable):
    """More is asked than can be written now (请求过多，请稍后重试): 503 with Retry-After."""

    code = "queue-full"
    zh = "系统繁忙，请稍后重试"
    en = "Too much is waiting to be written now, try again shortly"


@dataclass
class _Waiting(Generic[In, Out]):
    item: In
    outcome: asyncio.Future[Out]


class Coalescer(Generic[In, Out]):
    """Takes commands of one kind together. Of one event loop and one database."""

    def __init__(
        self,
        database: Database,
        work: Work[In, Out],
        *,
        lanes: int = LANES,
        most: int = MOST,
        waiting: int = WAITING,
    ) -> None:
        self._database = database
        self._work = work
        self._free = lanes
        self._most = most
        self._waiting = waiting
        self._queue: deque[_Waiting[In, Out]] = deque()
        self._lanes: set[asyncio.Task[None]] = set()

    async def do(self, item: In) -> Out:
        """The outcome, once it is committed. Raises `QueueFull`, and what the work raises for this item.

        Whoever stops waiting does not undo it: the lane goes on.
        """
        (outcome,) = await self.do_all([item])
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def do_all(self, items: Sequence[In]) -> list[Out | BaseException]:
        """The same for several at once, each with its outcome or its error. Raises `QueueFull` for all."""
        if len(self._queue) + len(items) > self._waiting:
            raise QueueFull(retry_after=1)
        loop = asyncio.get_running_loop()
        waiting = [_Waiting[In, Out](item, loop.create_future()) for item in items]
        self._queue.extend(waiting)
        self._open()
        return await asyncio.gather(*(one.outcome for one in waiting), return_exceptions=True)

    def _open(self) -> None:
        """Let a free lane begin, outside of the context of whoever asks."""
        if self._queue and self._free:
            self._free -= 1
            lane = asyncio.get_running_loop().create_task(self._lane(), context=Context())
            self._lanes.add(lane)
            lane.add_done_callback(self._close)

    def _close(self, lane: asyncio.Task[None]) -> None:
        self._lanes.discard(lane)
        self._free += 1
        self._open()

    async def _lane(self) -> None:
        batch: list[_Waiting[In, Out]] = []
        try:
            async with self._database.engine.connect() as opened:
                connection = await opened.execution_options(isolation_level="AUTOCOMMIT")
                while batch := self._take():
                    await self._serve(connection, batch)
        except Exception as error:
            # No connection, or a broken one: nobody who waits is served by it.
            for one in (*batch, *self._take_all()):
                _fail(one, error)

    def _take(self) -> list[_Waiting[In, Out]]:
        return [self._queue.popleft() for _ in range(min(self._most, len(self._queue)))]

    def _take_all(self) -> list[_Waiting[In, Out]]:
        taken = list(self._queue)
        self._queue.clear()
        return taken

    async def _serve(self, connection: AsyncConnection, batch: Sequence[_Waiting[In, Out]]) -> None:
        try:
            outcomes = await self._work(connection, [one.item for one in batch])
        except Exception as error:
            if is_away(error):
                raise
            if len(batch) == 1:
                _fail(batch[0], error)
            else:
                for one in batch:
                    await self._serve(connection, [one])
            return
        self._database.committed.set()
        for one, outcome in zip(batch, outcomes, strict=True):
            if not one.outcome.done():
                one.outcome.set_result(outcome)


def _fail(one: _Waiting[In, Out], error: Exception) -> None:
    if not one.outcome.done():
        one.outcome.set_exception(error)
