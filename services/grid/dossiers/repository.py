"""The page of a list, made by the server as one value: the driver reads one text, not a value per column."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, Text, cast, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.cases.service import Case
from services.grid.catalogue.service import Category
from services.grid.routing.service import KnownUnit

_NAMES: ColumnElement[Any] = literal_column(
    "category.name_zh AS category_zh, category.name_en AS category_en, known_unit.name_zh AS unit_zh"
)
_PAGE = cast(func.json_agg(literal_column("page")), Text)


async def page(session: AsyncSession, chosen: Select[Any]) -> list[dict[str, Any]]:
    """The chosen cases with the names of category and unit, as JSON has them: times and ids are text."""
    named = (
        chosen.add_columns(_NAMES)
        .outerjoin(Category, Category.code == Case.category)
        .outerjoin(KnownUnit, KnownUnit.id == Case.unit_id)
    )
    found = await session.scalar(select(_PAGE).select_from(named.subquery("page")))
    rows: list[dict[str, Any]] = orjson.loads(found or "[]")
    return rows
