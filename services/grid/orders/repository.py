"""Every statement of the hotline orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from libs.common.policy import Principal
from libs.common.scoping import in_scope
from services.grid.cases.service import Case
from services.grid.orders.domain import OPEN, Clock, OrderState
from services.grid.orders.models import HotlineOrder


@dataclass(frozen=True)
class Wanted:
    """What a list of orders shows (筛选条件)."""

    area: str | None = None
    channel: str | None = None
    state: OrderState | None = None
    case_id: UUID | None = None
    mine: bool = False


async def add(session: AsyncSession, order: HotlineOrder) -> None:
    """Keep a new order."""
    session.add(order)
    await session.flush()


async def get(session: AsyncSession, order_id: UUID) -> HotlineOrder | None:
    """The order with this id."""
    return await session.get(HotlineOrder, order_id)


async def get_raw(session: AsyncSession, order_id: UUID) -> HotlineOrder | None:
    """The same with the payload as it came."""
    query = select(HotlineOrder).where(HotlineOrder.id == order_id).options(undefer(HotlineOrder.raw))
    return await session.scalar(query.execution_options(populate_existing=True))


async def get_for_update(session: AsyncSession, order_id: UUID) -> HotlineOrder | None:
    """The same, locked and read afresh."""
    return await session.get(HotlineOrder, order_id, with_for_update=True, populate_existing=True)


async def get_by_number(session: AsyncSession, channel: str, number: str) -> HotlineOrder | None:
    """The order with the hotline's own number."""
    query = select(HotlineOrder).where(HotlineOrder.channel == channel, HotlineOrder.number == number)
    return await session.scalar(query)


async def get_made_for_update(session: AsyncSession, case_id: UUID) -> HotlineOrder | None:
    """The order that made the case, locked."""
    query = select(HotlineOrder).where(HotlineOrder.made_case_id == case_id).with_for_update()
    return await session.scalar(query)


async def list_of_caller(session: AsyncSession, caller_key: bytes, limit: int = 50) -> Sequence[HotlineOrder]:
    """Orders of the caller that have not ended, the first one first."""
    query = (
        select(HotlineOrder)
        .where(HotlineOrder.caller_key == caller_key, HotlineOrder.ended_at.is_(None))
        .order_by(HotlineOrder.received_at, HotlineOrder.id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def list_by_ids(session: AsyncSession, ids: Sequence[UUID]) -> Sequence[HotlineOrder]:
    """The orders with these ids."""
    return (await session.scalars(select(HotlineOrder).where(HotlineOrder.id.in_(ids)))).all() if ids else []


async def repeats_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The numbers of the orders that repeat each of these, in order."""
    query = (
        select(HotlineOrder.first_id, func.array_agg(HotlineOrder.number.distinct()))
        .where(HotlineOrder.first_id.in_(ids), HotlineOrder.first_id.is_not(None))
        .group_by(HotlineOrder.first_id)
    )
    if not ids:
        return {}
    rows = await session.execute(query)
    return {first: sorted(numbers) for first, numbers in rows if first is not None}


async def list_after(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[HotlineOrder]:
    """The next orders by id, locked: what is restated must not move meanwhile."""
    query = select(HotlineOrder).order_by(HotlineOrder.id).limit(limit).with_for_update()
    if after is not None:
        query = query.where(HotlineOrder.id > after)
    return (await session.scalars(query)).all()


Key = tuple[Any, ...] | None


async def list_latest(
    session: AsyncSession, viewer: Principal, wanted: Wanted, *, after: Key, limit: int
) -> Sequence[HotlineOrder]:
    """The latest orders that the viewer may see."""
    query = select(HotlineOrder).where(*_chosen(viewer, wanted))
    return await _page(session, query, HotlineOrder.received_at, after=after, limit=limit, newest=True)


async def list_due(
    session: AsyncSession, viewer: Principal, clock: Clock, wanted: Wanted, *, after: Key, limit: int
) -> Sequence[HotlineOrder]:
    """What is owed by this clock, the earliest deadline first."""
    column, owed = {
        Clock.CONTACT: (HotlineOrder.contact_due_at, [HotlineOrder.contact_recorded_at.is_(None)]),
        Clock.REPLY: (
            HotlineOrder.reply_due_at,
            [HotlineOrder.reply_due_at.is_not(None), HotlineOrder.replied_at.is_(None)],
        ),
    }[clock]
    query = select(HotlineOrder).where(HotlineOrder.ended_at.is_(None), *owed, *_chosen(viewer, wanted))
    return await _page(session, query, column, after=after, limit=limit, newest=False)


async def _page(
    session: AsyncSession, query: Select[Any], column: Any, *, after: Key, limit: int, newest: bool
) -> Sequence[HotlineOrder]:
    order = (column.desc(), HotlineOrder.id.desc()) if newest else (column, HotlineOrder.id)
    if after is not None:
        place = tuple_(column, HotlineOrder.id)
        query = query.where(place < after if newest else place > after)
    return (await session.scalars(query.order_by(*order).limit(limit))).all()


def _chosen(viewer: Principal, wanted: Wanted) -> list[ColumnElement[bool]]:
    equal = {
        HotlineOrder.channel: wanted.channel,
        HotlineOrder.state: wanted.state,
        HotlineOrder.case_id: wanted.case_id,
        HotlineOrder.officer: viewer.subject if wanted.mine else None,
    }
    chosen = [in_scope(viewer, HotlineOrder.area, asked=wanted.area)]
    return chosen + [column == value for column, value in equal.items() if value is not None]


async def list_to_mark(session: AsyncSession, now: datetime, limit: int) -> Sequence[HotlineOrder]:
    """Orders of whose clocks something is to be told, the longest waiting first, locked."""
    query = (
        select(HotlineOrder)
        .where(HotlineOrder.mark_at <= now)
        .order_by(HotlineOrder.mark_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def list_to_follow(session: AsyncSession, limit: int) -> Sequence[tuple[HotlineOrder, Case]]:
    """Open orders whose case has come to another state than they know, locked."""
    query = (
        select(HotlineOrder, Case)
        .join(Case, Case.id == HotlineOrder.case_id)
        .where(HotlineOrder.state.in_(OPEN), Case.state != HotlineOrder.case_state)
        .limit(limit)
        .with_for_update(of=HotlineOrder, skip_locked=True)
    )
    return [(order, case) for order, case in await session.execute(query)]
