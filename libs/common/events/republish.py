"""Republish 重新发布: send a noun's current state through the log, for readers that are new or rebuilt.

Each batch is one transaction; the restater locks the rows that it restates. It carries versions and bumps
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.errors import NotFound
from libs.common.service import Restate, Service

BATCH = 200


class NothingToRestate(NotFound):
    """The service has no such noun, or it cannot be restated."""

    code = "noun-unknown"
    zh = "服务“{service}”没有可重新发布的名词“{noun}”"
    en = "Service '{service}' has no noun '{noun}' that can be republished"


async def republish(
    database: Database,
    service: Service,
    noun: str,
    *,
    batch: int = BATCH,
    said: Callable[[UUID], None] = lambda last: None,
) -> int:
    """Restate every row of the noun; answers how many batches it took. Raises `NothingToRestate`.

    `said` hears the last id of each batch.
    """
    restate = service.restaters.get(noun)
    if restate is None:
        raise NothingToRestate(service=service.name, noun=noun)
    batches = 0
    last: UUID | None = None
    while True:
        last = await database.transact(partial(_batch, restate=restate, limit=batch, after=last))
        if last is None:
            return batches
        batches += 1
        said(last)


async def _batch(session: AsyncSession, restate: Restate, limit: int, after: UUID | None) -> UUID | None:
    return await restate(session, limit, after)
