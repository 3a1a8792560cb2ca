"""Every statement of the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.catalogue.models import (
    CatalogueEdition,
    Category,
    CategoryGroup,
    CategoryItem,
    Standard,
)

Row = TypeVar("Row", Category, CategoryGroup, CategoryItem)


async def get_category(session: AsyncSession, code: str) -> Category | None:
    """The category with this code."""
    return await session.scalar(select(Category).where(Category.code == code))


async def get_category_for_update(session: AsyncSession, code: str) -> Category | None:
    """The same, locked."""
    return await session.scalar(select(Category).where(Category.code == code).with_for_update())


async def get_for_update(session: AsyncSession, kind: type[Row], code: str) -> Row | None:
    """The main class, category or item with this code, locked."""
    return await session.scalar(select(kind).where(kind.code == code).with_for_update())


async def get_category_by_id(session: AsyncSession, category_id: UUID) -> Category | None:
    """The category with this id."""
    return await session.get(Category, category_id)


async def list_categories(session: AsyncSession) -> Sequence[Category]:
    """All categories by code."""
    return (await session.scalars(select(Category).order_by(Category.code))).all()


async def list_named(session: AsyncSession, codes: Collection[str]) -> Sequence[Category]:
    """The categories with these codes."""
    if not codes:
        return []
    return (await session.scalars(select(Category).where(Category.code.in_(codes)))).all()


async def list_categories_after(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Category]:
    """The next categories by id, for restating."""
    query = select(Category).order_by(Category.id).limit(limit)
    if after is not None:
        query = query.where(Category.id > after)
    return (await session.scalars(query)).all()


async def list_standards(
    session: AsyncSession, day: date, category_id: UUID | None = None
) -> Sequence[Standard]:
    """The standards in force on the day, of one category or of all."""
    query = (
        select(Standard)
        .where(
            Standard.effective_from <= day,
            or_(Standard.effective_to.is_(None), Standard.effective_to >= day),
        )
        .order_by(Standard.category_id, Standard.code, Standard.revision)
    )
    if category_id is not None:
        query = query.where(Standard.category_id == category_id)
    return (await session.scalars(query)).all()


async def list_groups(session: AsyncSession) -> Sequence[CategoryGroup]:
    """All main classes by code, ended ones included."""
    return (await session.scalars(select(CategoryGroup).order_by(CategoryGroup.code))).all()


async def list_items(session: AsyncSession, category: str | None = None) -> Sequence[CategoryItem]:
    """The items of one category, or of all, by code, ended ones included."""
    query = select(CategoryItem).order_by(CategoryItem.code)
    if category is not None:
        query = query.where(CategoryItem.category == category)
    return (await session.scalars(query)).all()


async def list_last_standards(session: AsyncSession) -> Sequence[Standard]:
    """The last revision of every standard, ended ones included."""
    query = (
        select(Standard)
        .ext(distinct_on(Standard.category_id, Standard.code))
        .order_by(Standard.category_id, Standard.code, Standard.revision.desc())
    )
    return (await session.scalars(query)).all()


async def list_editions(session: AsyncSession, before: int | None, limit: int) -> Sequence[CatalogueEdition]:
    """Replacements of the whole catalogue, the last one first."""
    query = select(CatalogueEdition).order_by(CatalogueEdition.number.desc()).limit(limit)
    if before is not None:
        query = query.where(CatalogueEdition.number < before)
    return (await session.scalars(query)).all()


async def replaced_since(session: AsyncSession, day: date) -> bool:
    """Whether the catalogue was replaced from a day on that is later."""
    query = select(CatalogueEdition.id).where(CatalogueEdition.effective_from > day).limit(1)
    return await session.scalar(query) is not None


async def lock_all(session: AsyncSession) -> None:
    """Lock every category, so that nobody revises one of them meanwhile."""
    await session.execute(select(Category.id).order_by(Category.code).with_for_update())


_TAG = text(
    """SELECT md5(coalesce(string_agg(part, ',' ORDER BY part), '')) FROM (
        SELECT code || ':' || version AS part FROM category
        UNION ALL
        SELECT CAST(id AS text) FROM standard
        WHERE effective_from <= :day AND (effective_to IS NULL OR effective_to >= :day)
        UNION ALL
        SELECT code || name_zh || name_en || coalesce(CAST(valid_to AS text), '') FROM category_group
        UNION ALL
        SELECT category || '?' || version FROM category_form
        WHERE effective_from <= :day AND (effective_to IS NULL OR effective_to >= :day)
    ) AS parts"""
)


async def tag(session: AsyncSession, day: date) -> str:
    """Changes whenever the catalogue in force on the day does."""
    return str(await session.scalar(_TAG, {"day": day}))


async def list_revisions(session: AsyncSession, category_id: UUID, code: str) -> Sequence[Standard]:
    """Every revision of one standard, the last one last."""
    query = (
        select(Standard)
        .where(Standard.category_id == category_id, Standard.code == code)
        .order_by(Standard.revision)
    )
    return (await session.scalars(query)).all()


async def get_standard(session: AsyncSession, standard_id: UUID) -> Standard | None:
    """One revision of a standard."""
    return await session.get(Standard, standard_id)


async def add(
    session: AsyncSession, row: Category | CategoryGroup | CategoryItem | Standard | CatalogueEdition
) -> None:
    """Add a row."""
    session.add(row)
    await session.flush()
