"""Every statement on the rota."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import hold
from libs.common.events.models import History
from libs.common.policy import Principal
from libs.common.scoping import in_scope
from services.grid.rosters.domain import LONGEST
from services.grid.rosters.models import Turn


@dataclass(frozen=True)
class Between:
    """Which turns a list shows: those that meet the time, in an area, of a role."""

    since: datetime
    until: datetime
    area: str | None = None
    role: str | None = None


def _meets(since: datetime, until: datetime) -> ColumnElement[bool]:
    """None lasts longer than `LONGEST`: the index on the beginning serves it."""
    return and_(Turn.starts_at > since - LONGEST, Turn.starts_at < until, Turn.ends_at > since)


def _at(instant: datetime) -> ColumnElement[bool]:
    return and_(Turn.starts_at > instant - LONGEST, Turn.starts_at <= instant, Turn.ends_at > instant)


async def add_all(session: AsyncSession, turns: Iterable[Turn]) -> None:
    """Keep turns."""
    session.add_all(turns)
    await session.flush()


async def lock_posts(session: AsyncSession, posts: Iterable[tuple[str, str]]) -> None:
    """Let those who fill the same (area, role) follow each other, to the end of the transaction."""
    for area, role in sorted(posts):
        await hold(session, f"roster {area} {role}")


async def get(session: AsyncSession, turn_id: UUID) -> Turn | None:
    """The turn."""
    return await session.get(Turn, turn_id)


async def get_for_update(session: AsyncSession, turn_id: UUID) -> Turn | None:
    """The turn, its row locked."""
    return await session.get(Turn, turn_id, with_for_update=True, populate_existing=True)


async def list_at_posts(
    session: AsyncSession, areas: Collection[str], since: datetime, until: datetime
) -> Sequence[Turn]:
    """Live turns for exactly these areas that meet the time, the earliest first."""
    query = (
        select(Turn)
        .where(Turn.area.in_(areas), Turn.cancelled_at.is_(None), _meets(since, until))
        .order_by(Turn.starts_at, Turn.id)
    )
    return (await session.scalars(query)).all()


async def list_on_duty(session: AsyncSession, areas: Collection[str], at: datetime) -> Sequence[Turn]:
    """Who has a turn at the instant for exactly one of these areas, who came first first."""
    query = (
        select(Turn)
        .where(Turn.area.in_(areas), Turn.cancelled_at.is_(None), _at(at))
        .order_by(Turn.starts_at, Turn.id)
    )
    return (await session.scalars(query)).all()


async def last_of(session: AsyncSession, person: str, at: datetime) -> Turn | None:
    """The person's turn that began last before the instant."""
    query = (
        select(Turn)
        .where(Turn.person == person, Turn.cancelled_at.is_(None), Turn.starts_at <= at)
        .order_by(Turn.starts_at.desc(), Turn.id)
        .limit(1)
    )
    return await session.scalar(query)


async def list_between(
    session: AsyncSession, viewer: Principal, wanted: Between, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[Turn]:
    """Live turns in the viewer's area that meet the time, the earliest first."""
    query = (
        select(Turn)
        .where(in_scope(viewer, Turn.area, asked=wanted.area), Turn.cancelled_at.is_(None))
        .where(_meets(wanted.since, wanted.until))
        .order_by(Turn.starts_at, Turn.id)
        .limit(limit)
    )
    if wanted.role is not None:
        query = query.where(Turn.role == wanted.role)
    if after is not None:
        query = query.where(tuple_(Turn.starts_at, Turn.id) > after)
    return (await session.scalars(query)).all()


async def list_after(session: AsyncSession, last: UUID | None, limit: int) -> Sequence[Turn]:
    """The next turns by id, locked: for restating."""
    query = select(Turn).order_by(Turn.id).limit(limit).with_for_update()
    return (await session.scalars(query if last is None else query.where(Turn.id > last))).all()


async def list_history(session: AsyncSession, turn_id: UUID) -> Sequence[History]:
    """Every change of the turn, the first one first."""
    query = select(History).where(History.aggregate_id == turn_id).order_by(History.version)
    return (await session.scalars(query)).all()
