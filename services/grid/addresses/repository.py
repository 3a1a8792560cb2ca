"""Every statement on known names and addresses."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import any_, delete, insert, literal, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.grid.addresses.domain import Named
from services.grid.addresses.models import PlaceName

MOST = 200
"""Names found in one text at most: hundreds of estates of one name are no answer anyway."""

BATCH = 5_000
"""Rows per statement when a whole city is written."""


async def list_named(session: AsyncSession, keys: Sequence[str]) -> list[Named]:
    """The known names among the keys, the longest first."""
    wanted = literal(list(keys), ARRAY(Text()))
    rows = await session.scalars(
        select(PlaceName).where(PlaceName.key == any_(wanted)).order_by(PlaceName.key.desc()).limit(MOST)
    )
    return [_named(row) for row in rows]


async def list_buildings(session: AsyncSession, wanted: Collection[tuple[UUID, str]]) -> list[Named]:
    """The buildings with these numbers in these estates, each by one of its names."""
    if not wanted:
        return []
    query = select(PlaceName).where(tuple_(PlaceName.estate_id, PlaceName.number).in_(list(wanted)))
    return [_named(row) for row in await session.scalars(query)]


def _named(row: PlaceName) -> Named:
    return Named(row.key, row.target_id, row.estate_id, row.number, row.area)


async def replace_names(session: AsyncSession, names: Mapping[UUID, Sequence[Named]]) -> None:
    """Let each target have exactly these names."""
    ids = list(names)
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        await session.execute(delete(PlaceName).where(PlaceName.target_id.in_(batch)))
        rows: list[dict[str, Any]] = [vars(named) for target in batch for named in names[target]]
        if rows:
            await session.execute(insert(PlaceName), rows)
