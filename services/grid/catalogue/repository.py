"""Every statement of the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.catalogue.models import Category, Standard


async def get_category(session: AsyncSession, code: str) -> Category | None:
    """The category with this code."""
    return await session.scalar(select(Category).where(Category.code == code))


async def get_category_for_update(session: AsyncSession, code: str) -> Category | None:
    """The same, locked."""
    return await session.scalar(select(Category).where(Category.code == code).with_for_update())


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


_TAG = text(
    """SELECT md5(coalesce(string_agg(part, ',' ORDER BY part), '')) FROM (
        SELECT code || ':' || version AS part FROM category
        UNION ALL
        SELECT CAST(id AS text) FROM standard
        WHERE effective_from <= :day AND (effective_to IS NULL OR effective_to >= :day)
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


async def add(session: AsyncSession, row: Category | Standard) -> None:
    """Add a row."""
    session.add(row)
    await session.flush()
