"""Every statement of the shifts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import hold
from libs.common.policy import Principal
from libs.common.scoping import in_scope
from services.grid.cases.service import Case
from services.grid.lifecycle.domain import WITH_HANDLER, CaseState
from services.grid.shifts.models import Handed, Shift

WITH_SQUAD = (*WITH_HANDLER, CaseState.SUSPENDED)


@dataclass(frozen=True)
class Shown:
    """Which shifts a list shows: in an area, those that are still open only."""

    area: str | None = None
    open: bool = False


async def lock_person(session: AsyncSession, person: str) -> None:
    """Let what one person asks at the same moment follow each other."""
    await hold(session, f"shift {person}")


async def add(session: AsyncSession, shift: Shift) -> None:
    """Keep a shift."""
    session.add(shift)
    await session.flush()


async def open_of(session: AsyncSession, person: str) -> Shift | None:
    """The person's open shift, locked."""
    query = select(Shift).where(Shift.person == person, Shift.signed_out_at.is_(None)).with_for_update()
    return await session.scalar(query)


async def last_of(session: AsyncSession, person: str) -> Shift | None:
    """The person's latest shift."""
    query = select(Shift).where(Shift.person == person).order_by(Shift.signed_in_at.desc()).limit(1)
    return await session.scalar(query)


async def get(session: AsyncSession, shift_id: UUID) -> Shift | None:
    """The shift."""
    return await session.get(Shift, shift_id)


async def get_for_update(session: AsyncSession, shift_id: UUID) -> Shift | None:
    """The shift, its row locked."""
    return await session.get(Shift, shift_id, with_for_update=True, populate_existing=True)


async def list_there(session: AsyncSession, areas: Collection[str]) -> Sequence[Shift]:
    """The open shifts for exactly these areas."""
    query = select(Shift).where(Shift.area.in_(areas), Shift.signed_out_at.is_(None))
    return (await session.scalars(query)).all()


async def list_shifts(
    session: AsyncSession, viewer: Principal, wanted: Shown, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[Shift]:
    """Shifts in the viewer's area, the latest first."""
    query = (
        select(Shift)
        .where(in_scope(viewer, Shift.area, asked=wanted.area))
        .order_by(Shift.signed_in_at.desc(), Shift.id.desc())
        .limit(limit)
    )
    if wanted.open:
        query = query.where(Shift.signed_out_at.is_(None))
    if after is not None:
        query = query.where(tuple_(Shift.signed_in_at, Shift.id) < after)
    return (await session.scalars(query)).all()


def _held_by(person: str) -> ColumnElement[bool]:
    """What they handle or have to check: either part has an index of its own.

    Whoever handled a case that waits for its check has it no more.
    """
    handling = and_(Case.handler == person, Case.ended_at.is_(None), Case.state.in_(WITH_SQUAD))
    return or_(handling, Case.checker == person)


async def list_held(session: AsyncSession, person: str, *, after: UUID | None, limit: int) -> Sequence[Case]:
    """The cases that the person has, in order of id."""
    query = select(Case).where(_held_by(person)).order_by(Case.id).limit(limit)
    return (await session.scalars(query if after is None else query.where(Case.id > after))).all()


async def held_for_update(session: AsyncSession, person: str) -> Sequence[Case]:
    """The same, all of them, locked in order of id."""
    query = select(Case).where(_held_by(person)).order_by(Case.id).with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def move_claims(session: AsyncSession, person: str, to: str | None, now: datetime) -> None:
    """Let another one have what the person has claimed, or everybody: a claim changes no version."""
    await session.execute(
        update(Case)
        .where(Case.claimed_by == person, Case.claimed_until > now)
        .values(claimed_by=to, claimed_until=Case.claimed_until if to else None)
        .execution_options(synchronize_session=False)
    )


async def keep_handed(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep who has what since; of what is handed over again in one shift, the last."""
    if rows:
        made = insert(Handed).values(list(rows))
        changed = {name: made.excluded[name] for name in ("part", "to_person", "how", "at")}
        await session.execute(
            made.on_conflict_do_update(index_elements=[Handed.shift_id, Handed.case_id], set_=changed)
        )


async def list_handed(
    session: AsyncSession, shift_id: UUID, *, after: UUID | None, limit: int
) -> Sequence[tuple[Handed, str]]:
    """What was handed over at the end of the shift, with each case's receipt number."""
    query = (
        select(Handed, Case.receipt_number)
        .join(Case, Case.id == Handed.case_id)
        .where(Handed.shift_id == shift_id)
        .order_by(Handed.case_id)
        .limit(limit)
    )
    query = query if after is None else query.where(Handed.case_id > after)
    return [(row, number) for row, number in await session.execute(query)]


async def list_after(session: AsyncSession, last: UUID | None, limit: int) -> Sequence[Shift]:
    """The next shifts by id, locked: for restating."""
    query = select(Shift).order_by(Shift.id).limit(limit).with_for_update()
    return (await session.scalars(query if last is None else query.where(Shift.id > last))).all()
