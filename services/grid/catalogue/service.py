"""Use cases of the catalogue: load, revise, look up, restate. Nothing here commits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.contracts.grid import CategoryChanged, FormState, StandardState
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
    NotLaterThanLast,
    StandardRow,
    StandardUnknown,
    day_before,
)
from services.grid.catalogue.models import Category as Category
from services.grid.catalogue.models import Standard as Standard
from services.grid.questions import service as questions

GRID = system_actor("grid")


async def category_in_force(session: AsyncSession, code: str, day: date) -> Category:
    """The category for a report found on the day. Raises `CategoryUnknown`."""
    category = await repository.get_category(session, code)
    if category is None or not _in_force(category, day):
        raise CategoryUnknown(category=code, pointer="/category")
    return category


def _in_force(category: Category, day: date) -> bool:
    return category.valid_to is None or day <= category.valid_to


async def category(session: AsyncSession, code: str, day: date) -> tuple[Category, Sequence[Standard]]:
    """The category and its standards in force on the day. Raises `CategoryNotFound`."""
    found = await repository.get_category(session, code)
    if found is None:
        raise CategoryNotFound(category=code)
    return found, await repository.list_standards(session, day, found.id)


async def catalogue(session: AsyncSession, day: date) -> list[tuple[Category, list[Standard]]]:
    """Every category with its standards in force on the day."""
    by_category: dict[UUID, list[Standard]] = {}
    for standard in await repository.list_standards(session, day):
        by_category.setdefault(standard.category_id, []).append(standard)
    rows = await repository.list_categories(session)
    return [(row, by_category.get(row.id, [])) for row in rows]


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


async def standard(session: AsyncSession, standard_id: UUID) -> Standard:
    """The revision that a case was filed under."""
    found = await repository.get_standard(session, standard_id)
    assert found is not None, "a filed case names a standard that exists"
    return found


async def load_categories(session: AsyncSession, folder: Path) -> str:
    """Load `categories.yaml`: new rows and changed rows become events; unchanged ones are left alone."""
    file, forms = _read(folder), questions.read_file(folder)
    changed = 0
    for row in file.categories:
        changed += await _load_category(session, file, row, forms)
    return f"categories: {len(file.categories)} read, {changed} changed"


async def _load_category(
    session: AsyncSession, file: CategoryFile, row: CategoryRow, forms: questions.FormFile | None
) -> bool:
    group = file.group_of(row)
    fields: dict[str, Any] = {
        "name_zh": row.zh,
        "name_en": row.en,
        "group_code": group.code,
        "group_zh": group.zh,
        "group_en": group.en,
        "named_in": file.clauses_of(row),
        "squad": row.squad,
    }
    category = await repository.get_category_for_update(session, row.code)
    changed = category is None or any(getattr(category, key) != value for key, value in fields.items())
    if category is None:
        category = Category(code=row.code, valid_from=file.effective_from, valid_to=None, **fields)
        await repository.add(session, category)
    for key, value in fields.items():
        setattr(category, key, value)
    for standard in row.standards:
        changed |= await _load_standard(session, category, standard, file)
    changed |= await questions.load(session, row.code, forms)
    if changed:
        now = utc_now()
        await record(session, category, await _state(session, category, now), actor=GRID, now=now)
    return changed


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
        last.effective_to = day_before(effective_from)
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

    The category's row is locked by the caller.
    """
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
    return CategoryChanged(
        happened_at=now,
        code=category.code,
        name_zh=category.name_zh,
        name_en=category.name_en,
        group_code=category.group_code,
        group_zh=category.group_zh,
        group_en=category.group_en,
        squad=category.squad,
        named_in=category.named_in,
        valid_from=category.valid_from,
        valid_to=category.valid_to,
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


def _read(folder: Path) -> CategoryFile:
    return CategoryFile.model_validate(yaml.safe_load((folder / "categories.yaml").read_text("utf-8")))
