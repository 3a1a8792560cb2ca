"""Every statement on disputes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    and_,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import apart, hold
from libs.common.events.models import History
from libs.common.policy import Principal, Role, scoped_for
from libs.common.scoping import in_scope, within
from libs.common.search import tsquery_text
from services.disputes.disputes.domain import OPEN, WITH_BODY, State
from services.disputes.disputes.models import (
    Agreement,
    AgreementCounter,
    Dispute,
    MediationSession,
    Party,
    in_states,
)

READ = "disputes.dispute.read"
"""The permission whose scope says which disputes a list holds."""


_NEXT_SERIAL = text(
    """INSERT INTO dispute_counter AS counter (day, area, serial) VALUES (:day, :area, 1)
    ON CONFLICT (day, area) DO UPDATE SET serial = counter.serial + 1 RETURNING serial"""
)


class Show(StrEnum):
    """Named shapes of a list (列表范围)."""

    ALL = "all"  # 全部
    OPEN = "open"  # 未办结
    OVERDUE = "overdue"  # 已超期
    MINE = "mine"  # 本组织在办


@dataclass(frozen=True)
class DisputeFilter:
    """What a list is narrowed to."""

    show: Show = Show.ALL
    state: State | None = None
    dispute_class: str | None = None
    dispute_type: str | None = None
    tier: str | None = None
    area: str | None = None
    estate_id: UUID | None = None
    body_id: UUID | None = None
    words: str | None = None


def _is(states: tuple[State, ...]) -> ColumnElement[bool]:
    return literal_column(in_states(states), Boolean())


async def find(session: AsyncSession, dispute_id: UUID) -> Dispute | None:
    """The dispute."""
    return await session.get(Dispute, dispute_id, populate_existing=True)


async def hold_id(session: AsyncSession, dispute_id: UUID) -> None:
    """Let two requests with the same id follow each other, to the end of the transaction."""
    await hold(session, f"dispute {dispute_id}")


async def handover_of(session: AsyncSession, dispute_id: UUID) -> UUID | None:
    """The dispute's handover, if it has one."""
    return await session.scalar(select(Dispute.handover_id).where(Dispute.id == dispute_id))


async def lock(session: AsyncSession, dispute_id: UUID) -> Dispute | None:
    """The dispute, its row locked."""
    return await session.get(Dispute, dispute_id, with_for_update=True, populate_existing=True)


async def lock_of_handover(session: AsyncSession, handover_id: UUID) -> Dispute | None:
    """The dispute of the handover, its row locked."""
    rows = select(Dispute).where(Dispute.handover_id == handover_id).with_for_update()
    return (await session.scalars(rows, execution_options={"populate_existing": True})).one_or_none()


async def next_serial(session: AsyncSession, day: date, area: str) -> int:
    """The next serial of dispute numbers of the day and township. Taken for good, even if the session's
    transaction fails."""
    return int(await apart(session, _NEXT_SERIAL, {"day": day, "area": area}))


async def next_agreement(session: AsyncSession, committee: str, year: int) -> int:
    """The committee's next number of the year: its row stays locked to the end of the transaction."""
    statement = (
        insert(AgreementCounter)
        .values(committee=committee, year=year, serial=1)
        .on_conflict_do_update(
            index_elements=[AgreementCounter.committee, AgreementCounter.year],
            set_={"serial": AgreementCounter.serial + 1},
        )
        .returning(AgreementCounter.serial)
    )
    return (await session.execute(statement)).scalar_one()


def seen_by(principal: Principal, now: datetime, asked: str | None = None) -> ColumnElement[bool]:
    """The rows that the caller may see, inside the area `asked` for if there is one (`now` is UTC).

    A body's own and former ones, what one registered oneself; a mediator also what waits unplaced in their
    area; others by area, an owners' committee by its estate while its term lasts.
    """
    caller = scoped_for(principal, READ)
    theirs: list[ColumnElement[bool]] = [Dispute.registered_by == caller.subject]
    if caller.body_id is not None:
        theirs.append(Dispute.body_ids.contains([caller.body_id]))
    own = or_(*theirs)
    seen: list[ColumnElement[bool]] = [own if asked is None else and_(own, within(Dispute.area, [asked]))]
    area = in_scope(caller, Dispute.area, estate=Dispute.estate_id, now=now, asked=asked)
    if caller.roles - {Role.MEDIATOR}:
        seen.append(area)
    elif caller.roles:
        seen.append(and_(Dispute.body_id.is_(None), area))
    return or_(*seen)


async def visible(
    session: AsyncSession, dispute_id: UUID, principal: Principal, now: datetime
) -> Dispute | None:
    """The dispute, if the caller may see it."""
    rows = select(Dispute).where(Dispute.id == dispute_id, seen_by(principal, now))
    return (await session.scalars(rows)).one_or_none()


def _shown(show: Show, principal: Principal, now: datetime) -> ColumnElement[bool] | None:
    shapes: dict[Show, ColumnElement[bool] | None] = {
        Show.ALL: None,
        Show.OPEN: _is(OPEN),
        Show.OVERDUE: and_(Dispute.due_at < now, _is(WITH_BODY)),
        Show.MINE: false()
        if principal.body_id is None
        else and_(Dispute.body_id == principal.body_id, _is(OPEN)),
    }
    return shapes[show]


def narrowed(narrow: DisputeFilter, principal: Principal, now: datetime) -> Select[Dispute]:
    """The rows of a list, unsorted."""
    rows = select(Dispute).where(seen_by(principal, now, narrow.area))
    shown = _shown(narrow.show, principal, now)
    if shown is not None:
        rows = rows.where(shown)
    wanted: Mapping[Any, object] = {
        Dispute.state: narrow.state,
        Dispute.dispute_class: narrow.dispute_class,
        Dispute.type_code: narrow.dispute_type,
        Dispute.tier: narrow.tier,
        Dispute.estate_id: narrow.estate_id,
        Dispute.body_id: narrow.body_id,
    }
    rows = rows.where(*(column == value for column, value in wanted.items() if value is not None))
    if narrow.words:
        query = text("dispute.words @@ CAST(:words AS tsquery)").bindparams(words=tsquery_text(narrow.words))
        rows = rows.where(query)
    return rows


async def by_time(
    session: AsyncSession, rows: Select[Dispute], limit: int, last: tuple[Any, ...] | None
) -> Sequence[Dispute]:
    """Newest first, after the key `last` (registered_at, id)."""
    if last is not None:
        rows = rows.where(tuple_(Dispute.registered_at, Dispute.id) < tuple_(*last))
    ordered = rows.order_by(Dispute.registered_at.desc(), Dispute.id.desc()).limit(limit)
    return (await session.scalars(ordered)).all()


async def by_due(
    session: AsyncSession, rows: Select[Dispute], limit: int, last: tuple[Any, ...] | None
) -> Sequence[Dispute]:
    """By limit, after the key `last` (due_order, id)."""
    if last is not None:
        rows = rows.where(tuple_(Dispute.due_order, Dispute.id) > tuple_(*last))
    return (await session.scalars(rows.order_by(Dispute.due_order, Dispute.id).limit(limit))).all()


async def count(session: AsyncSession, rows: Select[Dispute]) -> int:
    """How many rows the list has."""
    counted = rows.with_only_columns(func.count(), maintain_column_froms=True)
    return await session.scalar(counted) or 0


async def parties(session: AsyncSession, dispute_ids: Collection[UUID]) -> Sequence[Party]:
    """The parties of the disputes, in their order."""
    rows = select(Party).where(Party.dispute_id.in_(dispute_ids)).order_by(Party.dispute_id, Party.position)
    return (await session.scalars(rows)).all()


async def sessions(session: AsyncSession, dispute_id: UUID) -> Sequence[MediationSession]:
    """The sessions of the dispute, oldest first."""
    rows = select(MediationSession).where(MediationSession.dispute_id == dispute_id)
    return (await session.scalars(rows.order_by(MediationSession.held_at, MediationSession.id))).all()


async def agreement(session: AsyncSession, dispute_id: UUID) -> Agreement | None:
    """The agreement that stands, if there is one."""
    rows = select(Agreement).where(Agreement.dispute_id == dispute_id, Agreement.void_at.is_(None))
    return (await session.scalars(rows)).one_or_none()


async def history(session: AsyncSession, dispute_id: UUID) -> Sequence[History]:
    """The steps of the dispute, oldest first."""
    rows = select(History).where(History.aggregate_id == dispute_id, History.aggregate_type == "dispute")
    return (await session.scalars(rows.order_by(History.version))).all()


async def after(session: AsyncSession, limit: int, last: UUID | None) -> Sequence[Dispute]:
    """The next disputes by id, locked: for restating."""
    rows = select(Dispute).order_by(Dispute.id).limit(limit).with_for_update()
    if last is not None:
        rows = rows.where(Dispute.id > last)
    return (await session.scalars(rows)).all()


async def claim_overdue(session: AsyncSession, now: datetime, limit: int) -> Sequence[Dispute]:
    """Disputes whose tier's limit has passed unmarked, locked; those being worked on wait."""
    rows = (
        select(Dispute)
        .where(Dispute.due_at < now, _is(WITH_BODY), Dispute.overdue_at.is_(None))
        .order_by(Dispute.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(rows)).all()


async def add(session: AsyncSession, *rows: object) -> None:
    """Store new rows."""
    session.add_all(rows)
    await session.flush()
