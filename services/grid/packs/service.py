"""Use cases of the packs: read one, and its tag."""

from __future__ import annotations

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.packs import repository
from services.grid.places import service as places


async def pack_tag(session: AsyncSession, code: str, *, on: date) -> str:
    """Changes whenever the pack of the area does, and costs less. Raises `AreaUnknown`."""
    await places.find_area(session, code)
    return await repository.pack_tag(session, code, on)


pack = repository.pack
"""What a device holds of an area."""
