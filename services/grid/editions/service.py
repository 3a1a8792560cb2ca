"""Use cases of editions: what stands, what a draft would change, taking it. Nothing here commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.policy import Actor
from services.grid.catalogue import service as catalogue
from services.grid.catalogue.domain import day_before
from services.grid.catalogue.service import CatalogueEdition as CatalogueEdition
from services.grid.editions.domain import (
    Change,
    Changes,
    Draft,
    EffectiveTooEarly,
    Held,
    Noun,
    Present,
    What,
    check_needed,
    compare,
)
from services.grid.rules import service as rules

editions = catalogue.editions

_GROUP = ("attribute", "name_zh", "name_en", "predecessor")
_CATEGORY = (*_GROUP, "group_code", "group_zh", "group_en", "squad", "named_in")
_ITEM = ("name_zh", "name_en", "predecessor")
_STANDARD = (
    "condition_zh", "condition_en", "limit_amount", "limit_unit", "closing_zh", "closing_en",
    "photos_before", "photos_after", "legal_item", "severity", "loops", "source",
)  # fmt: skip


@dataclass(frozen=True)
class Import:
    """A draft with the day from which it holds, and the digest of its workbook (导入)."""

    draft: Draft
    day: date
    digest: bytes


async def present(session: AsyncSession) -> Present:
    """The catalogue as it stands: every row, with what comes into force later and what has ended."""
    categories = {row.id: row for row in await catalogue.categories(session)}
    standards = await catalogue.last_standards(session)
    named = ((f"{categories[row.category_id].code}/{row.code}", row) for row in standards)
    return {
        Noun.GROUP: {row.code: _held(row, _GROUP) for row in await catalogue.groups(session)},
        Noun.CATEGORY: {row.code: _held(row, _CATEGORY) for row in categories.values()},
        Noun.ITEM: {row.code: _held(row, _ITEM) for row in await catalogue.items(session)},
        Noun.STANDARD: {
            key: Held(_fields(row, _STANDARD), row.effective_from, row.effective_to is not None)
            for key, row in sorted(named, key=lambda pair: pair[0])
        },
    }


def _held(row: Any, names: Iterable[str]) -> Held:
    return Held(_fields(row, names), row.valid_from, row.valid_to is not None)


def _fields(row: Any, names: Iterable[str]) -> Mapping[str, Any]:
    return {name: getattr(row, name) for name in names}


async def examine(session: AsyncSession, given: Import, now: datetime) -> Changes:
    """What the import would change (试运行). Raises `EffectiveTooEarly`, `CategoryNeeded`."""
    today = local_date(now)
    if given.day < today:
        raise EffectiveTooEarly(today=today.isoformat(), pointer="/effective_from")
    found = compare(given.draft, await present(session), given.day)
    hotline = (await rules.rules(session)).hotline
    check_needed(found, {hotline.category: "hotline"} if hotline else {})
    return found


async def take(
    session: AsyncSession, given: Import, changes: Changes, *, actor: Actor, now: datetime
) -> CatalogueEdition:
    """Make what was examined the catalogue from its day on (导入): running cases keep their standard.

    The catalogue is locked by the caller, before it was examined.
    """
    fields = given.draft.fields()
    last_day = day_before(given.day)
    for change in changes.rows:
        if change.what is What.RETIRED:
            await _retire(session, change, last_day)
        else:
            await _put(session, change, fields[change.noun][change.key], given.day)
    edition = CatalogueEdition(
        effective_from=given.day,
        digest=given.digest,
        counts=changes.counts(),
        made_by=actor.subject,
        made_at=now,
    )
    await catalogue.add_edition(session, edition, changes.touched(), actor=actor, now=now)
    return edition


async def _put(session: AsyncSession, change: Change, fields: Mapping[str, Any], day: date) -> None:
    values = dict(fields)
    if change.noun is Noun.STANDARD:
        code, _, standard = change.key.partition("/")
        category = await catalogue.category_for_update(session, code)
        await catalogue.put_standard(session, category, standard, values, day)
        return
    if change.what is What.ADDED:
        values |= {"valid_from": day, "valid_to": None}
    await _put_row(session, change, values, day)


async def _retire(session: AsyncSession, change: Change, last_day: date) -> None:
    if change.noun is Noun.STANDARD:
        code, _, standard = change.key.partition("/")
        category = await catalogue.category_for_update(session, code)
        await catalogue.end_standard(session, category, standard, last_day)
    else:
        await _put_row(session, change, {"valid_to": last_day}, last_day)


async def _put_row(session: AsyncSession, change: Change, values: dict[str, Any], day: date) -> None:
    if change.noun is Noun.GROUP:
        await catalogue.put(session, catalogue.CategoryGroup, change.key, values, day)
    elif change.noun is Noun.CATEGORY:
        await catalogue.put(session, catalogue.Category, change.key, values, day)
    else:
        values["category"] = change.key[:4]
        await catalogue.put(session, catalogue.CategoryItem, change.key, values, day)
