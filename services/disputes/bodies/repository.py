"""Every statement on the mediation bodies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.search import tsquery_text
from services.disputes.bodies.models import Body


@dataclass(frozen=True)
class BodyFilter:
    """What a list of bodies is narrowed to; `on` keeps those in force on that local day."""

    area: str | None = None
    tier: str | None = None
    kind: str | None = None
    on: date | None = None
    words: str | None = None


@dataclass(frozen=True)
class Held:
    """What the loader must know of a body that is there."""

    id: UUID
    version: int
    file_digest: bytes | None


async def get(session: AsyncSession, body_id: UUID) -> Body | None:
    """The body."""
    return await session.get(Body, body_id)


async def get_for_update(session: AsyncSession, body_id: UUID) -> Body | None:
    """The body, its row locked."""
    return await session.get(Body, body_id, with_for_update=True, populate_existing=True)


async def get_many(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Body]:
    """Those of the bodies that exist."""
    return (await session.scalars(select(Body).where(Body.id.in_(ids)))).all()


async def code_taken(session: AsyncSession, code: str) -> bool:
    """Whether a body has the code."""
    return await session.scalar(select(Body.id).where(Body.code == code)) is not None


async def default_of(session: AsyncSession, area: str, kind: str, day: date) -> Body | None:
    """The area's body of the kind that is in force on the local day."""
    rows = select(Body).where(Body.area == area, Body.kind == kind, _in_force(day))
    return (await session.scalars(rows.order_by(Body.valid_from.desc().nulls_last()).limit(1))).one_or_none()


async def held(session: AsyncSession) -> dict[UUID, Held]:
    """All bodies by id, locked: for the loader."""
    rows = select(Body.id, Body.version, Body.file_digest).order_by(Body.id).with_for_update()
    return {row.id: Held(row.id, row.version, row.file_digest) for row in await session.execute(rows)}


async def insert_many(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Store new bodies, in few statements."""
    if rows:
        await session.execute(insert(Body), rows)


async def update_many(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Change bodies by id."""
    if not rows:
        return
    columns: dict[str, Any] = {name: bindparam(f"to_{name}") for name in rows[0] if name != "id"}
    change = update(Body).where(Body.id == bindparam("of_id")).values(columns)
    told = [{"of_id": row["id"], **{f"to_{n}": v for n, v in row.items() if n != "id"}} for row in rows]
    await (await session.connection()).execute(change, told)


async def after(session: AsyncSession, limit: int, last: UUID | None) -> Sequence[Body]:
    """The next bodies by id, locked: for restating."""
    rows = select(Body).order_by(Body.id).limit(limit).with_for_update()
    if last is not None:
        rows = rows.where(Body.id > last)
    return (await session.scalars(rows)).all()


def _in_force(day: date) -> ColumnElement[bool]:
    begun = or_(Body.valid_from.is_(None), Body.valid_from <= day)
    return begun & or_(Body.valid_to.is_(None), Body.valid_to >= day)


def _narrowed(narrow: BodyFilter) -> Select[Body]:
    rows = select(Body)
    if narrow.area:
        rows = rows.where(Body.area.startswith(narrow.area, autoescape=True))
    if narrow.tier:
        rows = rows.where(Body.tier == narrow.tier)
    if narrow.kind:
        rows = rows.where(Body.kind == narrow.kind)
    if narrow.on:
        rows = rows.where(_in_force(narrow.on))
    if narrow.words:
        query = text("body.words @@ CAST(:words AS tsquery)").bindparams(words=tsquery_text(narrow.words))
        rows = rows.where(query)
    return rows


async def list_bodies(
    session: AsyncSession, narrow: BodyFilter, limit: int, last: str | None
) -> Sequence[Body]:
    """Bodies by code, after the code `last`."""
    rows = _narrowed(narrow).order_by(Body.code).limit(limit)
    if last is not None:
        rows = rows.where(Body.code > last)
    return (await session.scalars(rows)).all()


async def count_bodies(session: AsyncSession, narrow: BodyFilter) -> int:
    """How many bodies there are."""
    counted = _narrowed(narrow).with_only_columns(func.count(), maintain_column_froms=True)
    return await session.scalar(counted) or 0
