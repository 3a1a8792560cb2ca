"""Callers whose scope is estates: firms' managers and members of owners' committees."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from libs.common.policy import Role
from tests.grid.factories import Desk, as_


def bound(
    role: Role,
    *estates: UUID,
    since: datetime | None = None,
    until: datetime | None = None,
    areas: Sequence[str] = (),
    version: int | None = None,
) -> dict[str, str]:
    """Headers of a caller who is bound to estates, from the beginning of the term to its end."""
    headers = as_(role, areas=areas, version=version)
    told = json.loads(headers["x-test-caller"]) | {"estates": [str(estate) for estate in estates]}
    told["since"], told["until"] = since and since.isoformat(), until and until.isoformat()
    return headers | {"x-test-caller": json.dumps(told)}


async def two_estates(desk: Desk) -> tuple[UUID, UUID]:
    """Two estates of the district, of different townships."""
    query = (
        "SELECT DISTINCT ON (left(area_code, 9)) estate_id FROM estate_coverage ORDER BY left(area_code, 9)"
    )
    first, second, *_ = await desk.database.read(lambda s: s.scalars(text(query)))
    return first, second


async def in_estate(desk: Desk, estate: UUID) -> UUID:
    """A case of the estate in the hands of the own squad."""
    case_id = await desk.filed(place={"estate_id": str(estate), "address": "福建中路100弄3号202室"})
    await desk.step(case_id, "dispatch", {"squad": "网格处置一队"})
    await desk.step(case_id, "start")
    return case_id
