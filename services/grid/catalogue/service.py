"""Use cases of the catalogue: load, revise, look up, restate. Nothing here commits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.contracts.grid import CategoryChanged, FormState, ItemState, StandardState
from libs.common.events.record import Change, record, restate
from libs.common.policy import Actor, system_actor
from services.grid.catalogue import repository
from services.grid.catalogue.domain import (
    ASSUMPTION,
    CategoryFile,
    CategoryNotFound,
    CategoryRow,
    CategoryUnknown,
    FormRevision,
    ItemUnknown,
    NotLaterThanLast,
    StandardRow,
    StandardUnknown,
    check_known,
    day_before,
    in_force,
)
from services.grid.catalogue.models import CatalogueEdition as CatalogueEdition
from services.grid.catalogue.models import Category as Category
from services.grid.catalogue.models import CategoryGroup as CategoryGroup
from services.grid.catalogue.models import CategoryItem as CategoryItem
from services.grid.catalogue.models import Standard as Standard
from services.grid.questions import service as questions
from services.grid.rules import service as rules

Row = TypeVar("Row", Category, CategoryGroup, CategoryItem)

GRID = system_actor("grid")
FILES = ("categories.yaml", "urban.yaml")
"""What the plans name, and the usual classes of urban management."""


async def category_in_force(
    session: AsyncSession, code: str, day: date, *, today: date | None = None
) -> Category:
    """The category for what was found on the day and is told today. Raises `CategoryUnknown`.

    What was found earlier may be told under a category that has come into force since.
    """
    category = await repository.get_category(session, code)
    if category is None or not in_force(category.valid_from, category.valid_to, day, today or day):
        raise CategoryUnknown(category=code, pointer="/category")
    return category


async def category(session: AsyncSession, code: str, day: date) -> tuple[Category, Sequence[Standard]]:
    """The category and its standards in force on the day. Raises `CategoryNotFound`."""
    row = await repository.get_category(session, code)
    if row is None:
        raise CategoryNotFound(category=code)
    return row, await repository.list_standards(session, day, row.id)


@dataclass(frozen=True)
class Found:
    """A category with its items and its standards in force (类别、子类与现行标准)."""

    category: Category
    items: Sequence[CategoryItem]
    standards: Sequence[Standard]


async def found(session: AsyncSession, code: str, day: date) -> Found:
    """The category with what belongs to it on the day. Raises `CategoryNotFound`."""
    row, standards = await category(session, code, day)
    return Found(row, await repository.list_items(session, code), standards)


async def catalogue(
    session: AsyncSession, day: date, attribute: str | None = None, group: str | None = None
) -> list[Found]:
    """Every category with what belongs to it on the day; of one attribute or main class if asked for."""
    standards: dict[UUID, list[Standard]] = {}
    for standard in await repository.list_standards(session, day):
        standards.setdefault(standard.category_id, []).append(standard)
    items: dict[str, list[CategoryItem]] = {}
    for item in await repository.list_items(session):
        items.setdefault(item.category, []).append(item)
    return [
        Found(row, items.get(row.code, []), standards.get(row.id, []))
        for row in await repository.list_categories(session)
        if attribute in (None, row.attribute) and group in (None, row.group_code)
    ]


tag = repository.tag
"""Of the whole catalogue on a day: cheaper than the catalogue."""


async def names(session: AsyncSession, codes: Collection[str]) -> dict[str, Category]:
    """The categories with these codes, in force or ended."""
    return {row.code: row for row in await repository.list_named(session, codes)}


async def standard_in_force(session: AsyncSession, category_code: str, code: str, day: date) -> Standard:
    """The standard that filing on the day picks. Raises `CategoryUnknown`, `StandardUnknown`."""
    category = await category_in_force(session, category_code, day)
    standards = await repository.list_standards(session, day, category.id)
    for standard in standards:
        if standard.code == code:
            return standard
    choices = ", ".join(standard.code for standard in standards) or "-"
    raise StandardUnknown(category=category_code, standard=code, choices=choices, pointer="/standard")


async def item_in_force(session: AsyncSession, category: str, code: str, day: date) -> CategoryItem:
    """The category's item on the day. Raises `ItemUnknown`."""
    items = await repository.list_items(session, category)
    there = [item for item in items if in_force(item.valid_from, item.valid_to, day, day)]
    for item in there:
        if item.code == code:
            return item
    choices = ", ".join(item.code for item in there) or "-"
    raise ItemUnknown(category=category, item=code, choices=choices, pointer="/item")


async def standard(session: AsyncSession, standard_id: UUID) -> Standard:
    """The revision that a case was filed under."""
    row = await repository.get_standard(session, standard_id)
    assert row is not None, "a filed case names a standard that exists"
    return row


categories = repository.list_categories
groups = repository.list_groups
items = repository.list_items
last_standards = repository.list_last_standards
editions = repository.list_editions
lock_all = repository.lock_all


async def load_categories(session: AsyncSession, folder: Path) -> str:
    """Load `categories.yaml` and `urban.yaml`: rows that are new or changed become events, others are left.

    Where a city has put its own catalogue in their place, nothing is loaded over it.
    """
    forms, read, changed = questions.read_file(folder), 0, 0
    for file in _read(folder):
        read += len(file.categories)
        if await repository.replaced_since(session, file.effective_from):
            continue
        for group in file.groups:
            await put(session, CategoryGroup, group.code, group.fields, file.effective_from)
        for row in file.categories:
            changed += await _load_category(session, file, row, forms)
    return f"categories: {read} read, {changed} changed"


async def _load_category(
    session: AsyncSession, file: CategoryFile, row: CategoryRow, forms: questions.FormFile | None
) -> bool:
    category, changed = await put(session, Category, row.code, file.fields_of(row), file.effective_from)
    for item in row.items:
        changed |= (await put(session, CategoryItem, item.code, item.fields, file.effective_from))[1]
    for standard in row.standards:
        changed |= await _load_standard(session, category, standard, file)
    changed |= await questions.load(session, row.code, forms)
    if changed:
        now = utc_now()
        await record(session, category, await _state(session, category, now), actor=GRID, now=now)
    return changed


async def put(
    session: AsyncSession, kind: type[Row], code: str, fields: dict[str, Any], since: date
) -> tuple[Row, bool]:
    """Make the main class, category or item, in force from `since` on, or let it be as given, locked.

    Answers the row and whether that changed anything. The caller records it.
    """
    row = await repository.get_for_update(session, kind, code)
    if row is None:
        row = kind(code=code, **{"valid_from": since, "valid_to": None} | fields)
        await repository.add(session, row)
        return row, True
    changed = any(getattr(row, key) != value for key, value in fields.items())
    for key, value in fields.items():
        setattr(row, key, value)
    return row, changed


async def put_standard(
    session: AsyncSession, category: Category, code: str, terms: dict[str, Any], since: date
) -> None:
    """The next revision of a standard. Raises `NotLaterThanLast`. The caller records it."""
    await _add_revision(session, category, code, terms | {"assumption": terms["source"] == ASSUMPTION}, since)


async def end_standard(session: AsyncSession, category: Category, code: str, last_day: date) -> None:
    """Let the standard end (停用标准); cases that were filed under it keep it. The caller records it."""
    revisions = await repository.list_revisions(session, category.id, code)
    revisions[-1].effective_to = last_day


async def add_edition(
    session: AsyncSession, edition: CatalogueEdition, touched: Collection[str], *, actor: Actor, now: datetime
) -> None:
    """Keep that the catalogue was replaced, and tell each category that it touched (目录换版)."""
    last = await repository.list_editions(session, None, 1)
    edition.number = last[0].number + 1 if last else 1
    await repository.add(session, edition)
    told = {"edition": edition.number, "effective_from": edition.effective_from}
    for category in await repository.list_named(session, touched):
        state = await _state(session, category, now)
        await record(session, category, state, actor=actor, now=now, change=Change("import", fields=told))


async def _load_standard(
    session: AsyncSession, category: Category, row: StandardRow, file: CategoryFile
) -> bool:
    terms = file.source_of(row).terms | {"assumption": file.is_assumption(row)}
    revisions = await repository.list_revisions(session, category.id, row.code)
    if revisions and (_same(revisions[-1], terms) or revisions[-1].effective_from >= file.effective_from):
        return False  # what was changed through the API since the file's date stays
    await _add_revision(session, category, row.code, terms, file.effective_from)
    return True


def _same(standard: Standard, terms: dict[str, Any]) -> bool:
    return all(getattr(standard, key) == value for key, value in terms.items())


async def _add_revision(
    session: AsyncSession, category: Category, code: str, terms: dict[str, Any], effective_from: date
) -> None:
    revisions = await repository.list_revisions(session, category.id, code)
    if revisions:
        last = revisions[-1]
        if effective_from <= last.effective_from:
            raise NotLaterThanLast(last=last.effective_from.isoformat(), pointer="/effective_from")
        last.effective_to = min(last.effective_to or date.max, day_before(effective_from))
    await repository.add(
        session,
        Standard(
            category_id=category.id,
            code=code,
            revision=len(revisions) + 1,
            effective_from=effective_from,
            effective_to=None,
            **terms,
        ),
    )


async def revise_standard(
    session: AsyncSession,
    category: Category,
    row: StandardRow,
    effective_from: date,
    *,
    actor: Actor,
    now: datetime,
) -> Category:
    """A new revision of a standard (修订标准): running cases keep theirs. Raises `NotLaterThanLast`.

    Raises `GradeUnknown`, `LoopUnknown`. The category's row is locked by the caller.
    """
    check_known(row, await rules.rules(session))
    terms = row.terms | {"assumption": row.source == ASSUMPTION}
    await _add_revision(session, category, row.code, terms, effective_from)
    change = Change(
        "revise-standard",
        fields={"standard": row.code, "effective_from": effective_from, **terms},
    )
    await record(session, category, await _state(session, category, now), actor=actor, now=now, change=change)
    return category


async def revise_form(
    session: AsyncSession, category: Category, given: FormRevision, *, actor: Actor, now: datetime
) -> None:
    """The next version of what is asked (修订问卷). Raises `QuestionInvalid`, `FormNotLater`.

    The category's row is locked by the caller.
    """
    form = await questions.put(session, category.code, given.questions, given.source, given.effective_from)
    told = {"form": form.version, "effective_from": form.effective_from, "source": form.source}
    change = Change("revise-form", fields=told)
    await record(session, category, await _state(session, category, now), actor=actor, now=now, change=change)


async def category_for_update(session: AsyncSession, code: str) -> Category:
    """The category, locked. Raises `CategoryNotFound`."""
    category = await repository.get_category_for_update(session, code)
    if category is None:
        raise CategoryNotFound(category=code)
    return category


async def restate_categories(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Send the present state of the next categories through the log again."""
    rows = await repository.list_categories_after(session, after, limit)
    for category in rows:
        await restate(session, category, await _state(session, category, utc_now()), actor=GRID)
    return rows[-1].id if rows else None


async def _state(session: AsyncSession, category: Category, now: datetime) -> CategoryChanged:
    standards = await repository.list_standards(session, local_date(now), category.id)
    form = await questions.form_in_force(session, category.code, local_date(now))
    items = await repository.list_items(session, category.code)
    return CategoryChanged(
        happened_at=now,
        code=category.code,
        name_zh=category.name_zh,
        name_en=category.name_en,
        group_code=category.group_code,
        group_zh=category.group_zh,
        group_en=category.group_en,
        attribute=category.attribute,
        predecessor=category.predecessor,
        squad=category.squad,
        named_in=category.named_in,
        valid_from=category.valid_from,
        valid_to=category.valid_to,
        items=tuple(ItemState.model_validate(item, from_attributes=True) for item in items),
        standards=tuple(standard_state(standard) for standard in standards),
        form=_form_state(form) if form else None,
    )


def standard_state(standard: Standard) -> StandardState:
    """The standard as it is published."""
    return StandardState.model_validate(standard, from_attributes=True)


def _form_state(form: questions.CategoryForm) -> FormState:
    return FormState(
        version=form.version, questions=form.content["questions"], source=form.source,
        effective_from=form.effective_from,
    )  # fmt: skip


def _read(folder: Path) -> list[CategoryFile]:
    found = (folder / name for name in FILES if (folder / name).exists())
    return [CategoryFile.model_validate(yaml.safe_load(path.read_text("utf-8"))) for path in found]
