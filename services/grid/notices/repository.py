"""Every statement of the notices."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, exists, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.cases import CASES
from libs.common.policy import Principal
from libs.common.scoping import in_scope
from services.grid.notices.domain import NoticeState, Told
from services.grid.notices.models import Notice, NoticeContact
from services.grid.patrols.domain import ItemState
from services.grid.patrols.service import PatrolItem, PatrolPoint
from services.grid.templates.domain import Channel

_CURSOR = text("SELECT position FROM notice_cursor WHERE id = 1 FOR UPDATE")
_BEGIN = text(
    "INSERT INTO notice_cursor (id, position) SELECT 1, position FROM log_head ON CONFLICT DO NOTHING"
)
_MOVE = text("UPDATE notice_cursor SET position = :position WHERE id = 1")
_READ = text(
    """SELECT log.position, log.event_id, log.aggregate_id, log.type, log.payload, log.restatement, log.actor,
        history.changed
    FROM event_log AS log LEFT JOIN history
        ON history.aggregate_id = log.aggregate_id AND history.version = log.version
    WHERE log.topic = :topic AND log.position > :position ORDER BY log.position LIMIT :limit"""
)


@dataclass(frozen=True)
class Shown:
    """Which notices the delivery log shows (筛选条件)."""

    area: str | None = None
    state: NoticeState | None = None
    channel: str | None = None
    case_id: UUID | None = None


async def position(session: AsyncSession) -> int | None:
    """How far the log has been told of, locked; None at first, and from then on from its present end."""
    found = await session.scalar(_CURSOR)
    if found is None:
        await session.execute(_BEGIN)
    return None if found is None else int(found)


async def read(session: AsyncSession, after: int, limit: int) -> Sequence[Row[Any]]:
    """The next facts about cases."""
    given = {"topic": CASES.name, "position": after, "limit": limit}
    return (await session.execute(_READ, given)).all()


async def move(session: AsyncSession, to: int) -> None:
    """The log has been told of up to here."""
    await session.execute(_MOVE, {"position": to})


async def add_all(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep notices; what is there already stays as it is."""
    if rows:
        await session.execute(insert(Notice).values(list(rows)).on_conflict_do_nothing())


async def told_lately(
    session: AsyncSession, people: Collection[str], since: datetime
) -> dict[tuple[str, str], Told]:
    """What these people were told since then, by person and channel."""
    waiting = func.max(Notice.due_at).filter(Notice.gathered, Notice.state == NoticeState.QUEUED)
    query = (
        select(Notice.recipient, Notice.channel, func.count(), waiting)
        .where(Notice.recipient.in_(people), Notice.created_at > since)
        .group_by(Notice.recipient, Notice.channel)
    )
    rows = await session.execute(query) if people else ()
    return {(person, channel): Told(count, until) for person, channel, count, until in rows}


async def get_for_update(session: AsyncSession, notice_id: UUID) -> Notice | None:
    """The notice, its row locked."""
    return await session.get(Notice, notice_id, with_for_update=True, populate_existing=True)


async def list_mine(
    session: AsyncSession, person: str, *, unread: bool, after: tuple[Any, ...] | None, limit: int
) -> Sequence[Notice]:
    """What the person is told in the app, the latest first."""
    query = select(Notice).where(_in_app_of(person)).order_by(*_LATEST).limit(limit)
    if unread:
        query = query.where(Notice.read_at.is_(None))
    if after is not None:
        query = query.where(tuple_(Notice.created_at, Notice.id) < after)
    return (await session.scalars(query)).all()


_LATEST = (Notice.created_at.desc(), Notice.id.desc())


def _in_app_of(person: str) -> ColumnElement[bool]:
    arrived = Notice.state == NoticeState.SENT
    return (Notice.recipient == person) & (Notice.channel == Channel.IN_APP.value) & arrived


async def count_unread(session: AsyncSession, person: str) -> int:
    """How much the person has not read."""
    query = select(func.count()).select_from(Notice).where(_in_app_of(person), Notice.read_at.is_(None))
    return (await session.execute(query)).scalar_one()


async def mark_read(session: AsyncSession, person: str, now: datetime, until: datetime) -> None:
    """Whatever the person was told until then is read."""
    await session.execute(
        update(Notice)
        .where(_in_app_of(person), Notice.read_at.is_(None), Notice.created_at <= until)
        .values(read_at=now)
    )


async def list_log(
    session: AsyncSession, viewer: Principal, wanted: Shown, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[Notice]:
    """The delivery log inside the viewer's area, the latest first."""
    query = (
        select(Notice).where(in_scope(viewer, Notice.area, asked=wanted.area)).order_by(*_LATEST).limit(limit)
    )
    equal = {Notice.state: wanted.state, Notice.channel: wanted.channel, Notice.case_id: wanted.case_id}
    query = query.where(*(column == value for column, value in equal.items() if value is not None))
    if after is not None:
        query = query.where(tuple_(Notice.created_at, Notice.id) < after)
    return (await session.scalars(query)).all()


async def list_patrols_due(
    session: AsyncSession, today: date, until: date, limit: int
) -> Sequence[tuple[PatrolItem, PatrolPoint]]:
    """What inspectors must go to until the day and were not reminded of."""
    reminded = exists().where(Notice.event_id == PatrolItem.id)
    query = (
        select(PatrolItem, PatrolPoint)
        .join(PatrolPoint, PatrolPoint.id == PatrolItem.point_id)
        .where(
            PatrolItem.state == ItemState.DUE,
            PatrolItem.period_end.between(today, until),
            PatrolItem.inspector.is_not(None),
            ~reminded,
        )
        .order_by(PatrolItem.period_end, PatrolItem.id)
        .limit(limit)
    )
    return [(item, point) for item, point in await session.execute(query)]


async def contact(session: AsyncSession, person: str) -> NoticeContact | None:
    """Where the person wants to be told."""
    return await session.get(NoticeContact, person)


async def keep_contact(session: AsyncSession, row: NoticeContact) -> None:
    """Keep where the person wants to be told, in place of what was known."""
    await session.merge(row)


async def forget(session: AsyncSession, before: datetime, limit: int) -> int:
    """Delete what was told before then. Answers how much."""
    old = select(Notice.id).where(Notice.created_at < before).order_by(Notice.created_at).limit(limit)
    gone = await session.execute(delete(Notice).where(Notice.id.in_(old)).returning(Notice.id))
    return len(gone.all())
