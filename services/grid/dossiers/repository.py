"""What is read of cases: a page, or what belongs to one, made by the server as one value.

The driver then reads one text, not a value for each column of each row.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from typing import cast as cast_to
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Select, Text, cast, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.areas import with_ancestors
from libs.common.events.statements import statement
from libs.common.text import mask_numbers
from services.grid.cases.domain import CaseLike
from services.grid.cases.service import LISTED, Case
from services.grid.catalogue.service import Category
from services.grid.dossiers.domain import CaseItem, masked_address
from services.grid.routing.service import KnownUnit

_NAMES: ColumnElement[Any] = literal_column(
    "category.name_zh AS category_zh, category.name_en AS category_en, known_unit.name_zh AS unit_zh"
)
_HIDDEN = tuple(set(LISTED) - CaseItem.model_fields.keys())
"""What decides who may take the next step and is not shown."""
_TIMES = ("found_at", "reported_at", "due_at", "step_due_at", "claimed_until", "ended_at")
_PAGE = cast(func.json_agg(literal_column("page")), Text)

_AROUND = statement(
    """SELECT json_build_object(
        'category_zh', category.name_zh,
        'category_en', category.name_en,
        'item_zh', (SELECT name_zh FROM category_item WHERE code = :item),
        'unit_zh', (SELECT name_zh FROM known_unit WHERE id = :unit_id),
        'reporter', (SELECT row_to_json(r) FROM (
            SELECT name, phone, secret FROM case_reporter WHERE case_id = :id) AS r),
        'standard', (SELECT row_to_json(s) FROM (
            SELECT code, revision, condition_zh, condition_en, closing_zh, closing_en,
                limit_amount, limit_unit, photos_before, photos_after, legal_item, severity, loops
            FROM standard WHERE id = :standard_id) AS s),
        'photos', coalesce((SELECT json_agg(p) FROM (
            SELECT hash, stage, round, rework, added_at FROM case_photo WHERE case_id = :id
            ORDER BY added_at, hash) AS p), '[]'),
        'appeal', (SELECT state FROM appeal
            WHERE case_id = :id AND round = :round AND overdue_at = :overdue_at),
        'statements', (SELECT count(*) FROM statement WHERE case_id = :id),
        'objection', (SELECT state FROM objection WHERE case_id = :id
            ORDER BY asked_at DESC, id DESC LIMIT 1),
        'satisfaction', (SELECT satisfaction FROM rating
            WHERE case_id = :id AND round = :round AND told_by = :id),
        'main', (WITH RECURSIVE chain AS (
            SELECT id, merged_into FROM grid_case WHERE id = CAST(:merged_into AS uuid)
            UNION SELECT c.id, c.merged_into FROM chain JOIN grid_case AS c ON c.id = chain.merged_into)
            SELECT row_to_json(m) FROM (
                SELECT c.number, c.state, c.due_at, c.ended_at, c.outcome FROM grid_case AS c
                JOIN chain ON chain.id = c.id WHERE c.merged_into IS NULL) AS m),
        'node', (SELECT row_to_json(n) FROM (
            SELECT node.id, node.name FROM node_cover AS c JOIN node ON node.id = c.node_id
            WHERE c.area = ANY (CAST(:codes AS text[])) AND node.level = CAST(:level AS text)
                AND CAST(:day AS date) BETWEEN c.valid_from AND coalesce(c.valid_to, 'infinity')
                AND CAST(:day AS date) BETWEEN coalesce(node.valid_from, '-infinity')
                    AND coalesce(node.valid_to, 'infinity')
            ORDER BY length(c.area) DESC, node.id LIMIT 1) AS n))::text
    FROM category WHERE code = :category"""
)


_ASKED = (
    "id", "unit_id", "standard_id", "item", "category", "level", "round", "overdue_at", "merged_into",
)  # fmt: skip


async def around(session: AsyncSession, case: Case, day: date) -> dict[str, Any]:
    """What belongs to the case: names of category and unit, reporter, standard, photos by time, and the
    node that stands for its level there on the day."""
    asked = {key: getattr(case, key) for key in _ASKED}
    asked |= {"day": day, "codes": list(with_ancestors(case.area))}
    found: dict[str, Any] = orjson.loads(await session.scalar(_AROUND, asked) or "")
    return found


async def page(session: AsyncSession, chosen: Select[Any]) -> list[dict[str, Any]]:
    """The chosen cases with the names of category and unit, as JSON has them: times and ids are text."""
    named = (
        chosen.add_columns(_NAMES)
        .outerjoin(Category, Category.code == literal_column("grid_case.category"))
        .outerjoin(KnownUnit, KnownUnit.id == literal_column("grid_case.unit_id"))
    )
    found = await session.scalar(select(_PAGE).select_from(named.subquery("page")))
    rows: list[dict[str, Any]] = orjson.loads(found or "[]")
    return rows


def item_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a page as `CaseItem` shows it, less what depends on the viewer."""
    item = dict(row)
    for key in _HIDDEN:
        del item[key]
    item["description"] = mask_numbers(row["description"])
    item["address"] = masked_address(row["address"])
    for key in _TIMES:
        if item[key] is not None:
            item[key] = item[key].replace("+00:00", "Z")
    return item


def case_of(row: Mapping[str, Any]) -> CaseLike:
    """A row of a page as the decisions read a case."""
    case = SimpleNamespace(**row)
    case.unit_id = row["unit_id"] and UUID(row["unit_id"])
    case.claimed_until = instant(row["claimed_until"])
    return cast_to(CaseLike, case)


def instant(text: str | None) -> datetime | None:
    """The time in a row of a page."""
    return None if text is None else datetime.fromisoformat(text)
