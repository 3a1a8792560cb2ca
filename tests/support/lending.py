"""Databases that tests lend each other 借用的数据库: each gets a clone of its own over engines used before.

What a statement was compiled to belongs to an engine, and compiling anew what the last test compiled costs a
tenth of a test's time.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url

from libs.common.db import Database
from libs.common.signals import Signal
from tests.support.databases import Databases


class Lent(Database):
    """A database that moves: the same engines, connected to another clone."""

    def __init__(self, url: str, pool_size: int) -> None:
        super().__init__(url, pool_size=pool_size)
        self.move(url)
        for engine in (self.engine, self._apart):
            event.listen(engine.sync_engine, "do_connect", self._lead)

    def move(self, url: str) -> None:
        """Connect to this one from now on; whoever waited for the last one's commits waits in vain."""
        self.url = url
        self.committed = Signal()
        self._there = make_url(url).translate_connect_args(username="user")

    def _lead(self, dialect: object, record: object, args: object, parameters: dict[str, Any]) -> None:
        parameters.update(self._there)


_free: dict[tuple[str, int], list[Lent]] = defaultdict(list)
"""Databases that nobody has now, by their template and the size of their pool."""


@asynccontextmanager
async def lent_database(
    databases: Databases, template: str, *, pool_size: int = 4, purpose: str = ""
) -> AsyncIterator[Database]:
    """A clone of the template, dropped afterwards."""
    name, url = await asyncio.to_thread(databases.clone, template, purpose)
    free = _free[template, pool_size]
    lent = free.pop() if free else Lent(url, pool_size)
    lent.move(url)
    try:
        yield lent
    finally:
        await lent.close()
        free.append(lent)
        await asyncio.to_thread(databases.drop, name)
