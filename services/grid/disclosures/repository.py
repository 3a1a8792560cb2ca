"""Every statement of what the public sees. None of them reads a word that a person wrote.

Lists go by day and by a digest of the id: the id itself would give the receipt number and the moment away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, TextClause
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.areas import with_ancestors
from libs.common.events.statements import statement
from libs.common.scoping import INDEXED

Rows = Sequence[RowMapping]
_NEIGHBOURHOOD = INDEXED[-1]

# These stand in the indexes `ix_grid_case_public*` and `ix_grid_case_enforced` too.
_REPORTED = "CAST(timezone('Asia/Shanghai', c.reported_at) AS date)"
_ENDED = "CAST(timezone('Asia/Shanghai', c.ended_at) AS date)"
_KEY = "md5(CAST(c.id AS text))"
_PUBLIC = "c.number IS NOT NULL AND c.state <> ALL('{rejected,withdrawn,merged,voided}')"
_TOLD_OPENLY = "NOT EXISTS (SELECT FROM case_reporter AS r WHERE r.case_id = c.id AND r.secret)"

_PROGRESS = statement(
    """WITH RECURSIVE chain AS (
        SELECT id, merged_into, 0 AS hops FROM grid_case WHERE receipt_number = :number
        UNION ALL
        SELECT c.id, c.merged_into, hops + 1 FROM grid_case AS c JOIN chain ON c.id = chain.merged_into
        WHERE hops < 9)
    SELECT {reported} AS reported_on, t.state, t.outcome, t.category, t.due_at, t.ended_at, chain.hops,
        category.name_zh AS category_zh, category.name_en AS category_en,
        unit.name_zh AS unit_zh, unit.name_en AS unit_en
    FROM chain JOIN grid_case AS t ON t.id = chain.id
        JOIN grid_case AS c ON c.receipt_number = :number
        JOIN category ON category.code = t.category
        LEFT JOIN known_unit AS unit ON unit.id = t.unit_id
    ORDER BY chain.hops DESC LIMIT 1""",
    reported=_REPORTED,
)

_CASES = """SELECT c.category, category.name_zh AS category_zh, category.name_en AS category_en,
        left(c.area, 12) AS area, area.name AS area_name, {reported} AS reported_on, c.state, c.outcome,
        {ended} AS ended_on, {key} AS key
    FROM grid_case AS c JOIN category ON category.code = c.category
        LEFT JOIN area ON area.code = left(c.area, 12)
    WHERE left(c.area, {digits}) = :area AND {public} AND {open} AND {after}
        AND c.category <> ALL(CAST(:hidden AS text[])) AND {told_openly}
        AND (CAST(:category AS text) IS NULL OR c.category = CAST(:category AS text))
    ORDER BY {reported} DESC, {key} DESC LIMIT :limit"""

_ENFORCEMENTS = """SELECT found.*, unit.name_zh AS unit_zh, unit.name_en AS unit_en,
        category.name_zh AS category_zh, category.name_en AS category_en
    FROM known_unit AS unit CROSS JOIN LATERAL (
            SELECT c.category, c.state, c.outcome, {ended} AS closed_on, {key} AS key
            FROM grid_case AS c
            WHERE c.unit_id = unit.id AND c.state = 'closed' AND left(c.area, {digits}) = :area
                AND c.category = ANY(CAST(:categories AS text[])) AND {told_openly}
                AND {after}
            ORDER BY {ended} DESC, {key} DESC LIMIT :limit) AS found
        JOIN category ON category.code = found.category
    WHERE unit.kind = ANY(CAST(:kinds AS text[]))
        AND (unit.area = ANY(CAST(:around AS text[])) OR unit.area >= :area AND unit.area < :area || ':')
    ORDER BY closed_on DESC, key DESC LIMIT :limit"""

_COUNTS = """SELECT counted.area, counted.part, {name} AS name, counted.what, counted.n
    FROM (
        SELECT left(area, {digits}) AS area, {part} AS part, what, CAST(sum(n) AS integer) AS n
        FROM tally
        WHERE left(area, {around}) = :around AND half >= :begins AND half < :ends
            AND what = ANY(CAST(:measures AS text[])) AND category <> ALL(CAST(:hidden AS text[]))
        GROUP BY 1, 2, 3) AS counted
        LEFT JOIN {names} AS named ON named.code = counted.part
    ORDER BY counted.part"""

_OPEN = {None: "TRUE", True: "c.ended_at IS NULL", False: "c.ended_at IS NOT NULL"}
_EXPRESSIONS = {
    "reported": _REPORTED, "ended": _ENDED, "key": _KEY, "public": _PUBLIC, "told_openly": _TOLD_OPENLY,
}  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """Which part of a list: inside the area, at most `limit` rows behind the key (day, digest)."""

    area: str
    limit: int
    after: tuple[date, str] | None = None

    def of(self, template: str, by: str, **parts: str) -> TextClause:
        """The statement. The length of the code is written into it, so that every plan matches the index."""
        behind = "({by}, {key}) < (CAST(:day AS date), CAST(:digest AS text))" if self.after else "TRUE"
        return statement(template, digits=str(len(self.area)), after=behind, by=by, **parts, **_EXPRESSIONS)

    def told(self, **more: Any) -> dict[str, Any]:
        """Parameters of the statement."""
        behind = dict(zip(("day", "digest"), self.after or (), strict=False))
        return {"area": self.area, "limit": self.limit, **behind, **more}


async def progress(session: AsyncSession, number: str) -> RowMapping | None:
    """The case with this receipt, as the case stands that it was merged into."""
    return (await session.execute(_PROGRESS, {"number": number})).mappings().first()


async def list_cases(
    session: AsyncSession,
    listed: Listed,
    *,
    hidden: Sequence[str],
    category: str | None,
    is_open: bool | None,
) -> Rows:
    """Accepted cases of the area, the latest day first."""
    query = listed.of(_CASES, _REPORTED, open=_OPEN[is_open])
    given = listed.told(hidden=list(hidden), category=category)
    return (await session.execute(query, given)).mappings().all()


async def list_enforcements(
    session: AsyncSession, listed: Listed, *, categories: Sequence[str], kinds: Sequence[str]
) -> Rows:
    """Cases of the area that units of these kinds have closed, the latest day first.

    Of each unit no more than a page is read, along its own index.
    """
    query = listed.of(_ENFORCEMENTS, _ENDED)
    around = list(with_ancestors(listed.area))
    given = listed.told(categories=list(categories), kinds=list(kinds), around=around)
    return (await session.execute(query, given)).mappings().all()


async def counts(
    session: AsyncSession,
    area: str,
    bounds: tuple[datetime, datetime],
    *,
    by_area: bool,
    measures: Sequence[str],
    hidden: Sequence[str],
) -> Rows:
    """What was counted between these times, by area, part and measure.

    Parts are categories, of every area beside this one in its district, or else the areas inside.
    """
    inside = next((digits for digits in INDEXED if digits > len(area)), _NEIGHBOURHOOD)
    around, parts = (
        (area, {"part": f"left(area, {inside})", "names": "area", "name": "named.name"})
        if by_area
        else (area[: INDEXED[0]], {"part": "category", "names": "category", "name": "named.name_zh"})
    )
    begins, ends = bounds
    given = {"around": around, "begins": begins, "ends": ends, "measures": list(measures)}
    query = statement(_COUNTS, digits=str(len(area)), around=str(len(around)), **parts)
    rows = await session.execute(query, given | {"hidden": list(hidden)})
    return rows.mappings().all()
