"""Use cases of the public view. Nothing here commits, and nobody is asked who they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, start_of_local_day
from libs.common.numbering import NumberInvalid, read_receipt
from services.grid.disclosures import repository
from services.grid.disclosures.domain import Cell, NumberUnknown, PublicState, public_state, withheld
from services.grid.disclosures.repository import Listed as Listed
from services.grid.disclosures.repository import Rows
from services.grid.rules import service as rules
from services.grid.statistics.domain import month_end
from services.grid.tallies.domain import Measure

MEASURES = (Measure.REPORTED, Measure.FILED, Measure.CLOSED)
"""What the public sees counted."""


@dataclass(frozen=True)
class Progress:
    """How far a case is (办理进度). Days in China."""

    state: PublicState
    reported_on: date
    expected_on: date | None
    ended_on: date | None
    merged: bool
    category_zh: str | None
    category_en: str | None
    unit_zh: str | None
    unit_en: str | None


async def progress(session: AsyncSession, written: str) -> Progress:
    """What became of the case with this receipt number, of the other one where it was merged.

    Matter numbers find nothing: they can be counted through. Raises `NumberUnknown`.
    """
    row = None
    with suppress(NumberInvalid):
        row = await repository.progress(session, read_receipt(written))
    if row is None:
        raise NumberUnknown
    ended = _day(row.ended_at)
    named = row.category not in (await rules.rules(session)).disclosure.hidden
    return Progress(
        state=public_state(row.state, row.outcome),
        reported_on=row.reported_on,
        expected_on=None if ended else _day(row.due_at),
        ended_on=ended,
        merged=row.hops > 0,
        category_zh=row.category_zh if named else None,
        category_en=row.category_en if named else None,
        unit_zh=row.unit_zh,
        unit_en=row.unit_en,
    )


def _day(at: datetime | None) -> date | None:
    return None if at is None else local_date(at)


async def cases(
    session: AsyncSession, listed: Listed, *, category: str | None, is_open: bool | None
) -> Sequence[dict[str, Any]]:
    """Accepted cases of the area, the latest day first, without what is secret or hidden."""
    hidden = (await rules.rules(session)).disclosure.hidden
    rows = await repository.list_cases(session, listed, hidden=hidden, category=category, is_open=is_open)
    return [_with_state(row) for row in rows]


def _with_state(row: RowMapping) -> dict[str, Any]:
    return {**row, "state": public_state(row["state"], row["outcome"])}


async def enforcements(session: AsyncSession, listed: Listed) -> Sequence[dict[str, Any]]:
    """Results of the units of enforcement, in the categories whose rule says that they are disclosed."""
    found = await rules.rules(session)
    disclosed = {code: rule for code, rule in found.enforcements.items() if rule.disclosed}
    rows: Rows = await repository.list_enforcements(
        session, listed, categories=list(disclosed), kinds=found.disclosure.unit_kinds
    )
    return [
        _with_state(row)
        | {"basis_zh": disclosed[row["category"]].basis_zh, "basis_en": disclosed[row["category"]].basis_en}
        for row in rows
    ]


@dataclass(frozen=True)
class Part:
    """What was counted of one category or area; None: too few to tell (少于规定数，不予显示)."""

    code: str
    name: str | None
    counts: Mapping[str, int | None]


async def counts(session: AsyncSession, area: str, month: date, *, by_area: bool) -> list[Part]:
    """What was counted in the month that begins on this day, of each category, or each area inside."""
    rule = (await rules.rules(session)).disclosure
    begins = start_of_local_day(month)
    rows = await repository.counts(
        session, area, (begins, month_end(begins)), by_area=by_area, measures=MEASURES, hidden=rule.hidden
    )
    told = {what: _told(rows, what, rule.least) for what in MEASURES}
    names = {row.part: row.name for row in rows if row.area == area}
    return [
        Part(part, name, {what: told[what].get((area, part), 0) for what in MEASURES})
        for part, name in names.items()
    ]


def _told(rows: Rows, what: Measure, least: int) -> dict[Cell, int | None]:
    counts = {(row.area, row.part): row.n for row in rows if row.what == what}
    gone = withheld(counts, least)
    return {cell: None if cell in gone else n for cell, n in counts.items()}
