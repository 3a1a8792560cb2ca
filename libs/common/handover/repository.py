"""Every SQL statement of the handover."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.errors import NotFound
from libs.common.handover.domain import State
from libs.common.handover.kinds import Kind
from libs.common.handover.models import (
    HandoverMedia,
    HandoverStep,
    HandoverWait,
    IncomingHandover,
    OutgoingHandover,
)

Row = TypeVar("Row", bound=OutgoingHandover | IncomingHandover)


class HandoverNotFound(NotFound):
    """There is no such handover on this side (无此移交)."""

    code = "handover-not-found"
    zh = "未找到移交 {id}"
    en = "Handover {id} not found"


@dataclass(frozen=True)
class Page:
    """A keyset page: what comes after (`time`, `id`), at most `limit` rows."""

    after: tuple[datetime, UUID] | None = None
    limit: int = 50


async def get(session: AsyncSession, table: type[Row], handover_id: UUID) -> Row:
    """The handover. Raises `HandoverNotFound`."""
    row = await session.get(table, handover_id)
    if row is None:
        raise HandoverNotFound(id=str(handover_id))
    return row


async def get_for_update(session: AsyncSession, table: type[Row], handover_id: UUID) -> Row:
    """The handover, locked. Raises `HandoverNotFound`."""
    row = await find_for_update(session, table, handover_id)
    if row is None:
        raise HandoverNotFound(id=str(handover_id))
    return row


async def find_for_update(session: AsyncSession, table: type[Row], handover_id: UUID) -> Row | None:
    """The handover, locked, or None."""
    return await session.get(table, handover_id, with_for_update=True, populate_existing=True)


async def list_after(
    session: AsyncSession, table: type[Row], after: UUID | None, limit: int
) -> Sequence[Row]:
    """The next rows by id, locked: what is restated must not move meanwhile."""
    query = select(table).order_by(table.id).limit(limit).with_for_update()
    if after is not None:
        query = query.where(table.id > after)
    return (await session.scalars(query)).all()


async def add(session: AsyncSession, *rows: object) -> None:
    """Store new rows."""
    session.add_all(rows)
    await session.flush()


async def asked_before(session: AsyncSession, kind: str, subject_id: UUID, once_key: str) -> bool:
    """Whether the subject was handed over before under this key."""
    found = exists().where(
        OutgoingHandover.kind == kind,
        OutgoingHandover.subject_id == subject_id,
        OutgoingHandover.once_key == once_key,
    )
    return bool(await session.scalar(select(found)))


async def joint_rivals(session: AsyncSession, joint_id: UUID) -> Sequence[tuple[UUID | None, bool]]:
    """Unit and lead mark of the joint handovers that have not ended."""
    query = select(OutgoingHandover.unit_id, OutgoingHandover.lead).where(
        OutgoingHandover.joint_id == joint_id, OutgoingHandover.ended_at.is_(None)
    )
    return [(unit, lead) for unit, lead in await session.execute(query)]


async def open_in_joint(session: AsyncSession, joint_id: UUID) -> Sequence[OutgoingHandover]:
    """Those of the joint that are still worked on: neither answered nor ended."""
    working = (State.REQUESTED, State.SIGNED, State.RETURN_REQUESTED)
    query = select(OutgoingHandover).where(
        OutgoingHandover.joint_id == joint_id, OutgoingHandover.state.in_(working)
    )
    return (await session.scalars(query.order_by(OutgoingHandover.id))).all()


async def list_of_subject(session: AsyncSession, subject_id: UUID) -> Sequence[OutgoingHandover]:
    """All handovers of the subject, oldest first."""
    query = select(OutgoingHandover).where(OutgoingHandover.subject_id == subject_id)
    return (await session.scalars(query.order_by(OutgoingHandover.id))).all()


async def list_timed_out_outgoing(
    session: AsyncSession, areas: Iterable[str], page: Page
) -> Sequence[OutgoingHandover]:
    """The dispatcher's list: waits that ran out inside the areas (code prefixes), longest first."""
    inside = [OutgoingHandover.area.startswith(prefix, autoescape=True) for prefix in areas]
    query = select(OutgoingHandover).where(or_(false(), *inside), _ran_out(OutgoingHandover, page))
    ordered = query.order_by(OutgoingHandover.timed_out_at, OutgoingHandover.id)
    return (await session.scalars(ordered.limit(page.limit))).all()


async def list_timed_out_incoming(
    session: AsyncSession, unit_id: UUID, page: Page
) -> Sequence[IncomingHandover]:
    """The clerk's list: waits of the unit that ran out, longest first."""
    query = select(IncomingHandover).where(
        IncomingHandover.unit_id == unit_id, _ran_out(IncomingHandover, page)
    )
    ordered = query.order_by(IncomingHandover.timed_out_at, IncomingHandover.id)
    return (await session.scalars(ordered.limit(page.limit))).all()


def _ran_out(table: type[OutgoingHandover] | type[IncomingHandover], page: Page) -> ColumnElement[bool]:
    if page.after is None:
        return table.timed_out_at.is_not(None)
    return tuple_(table.timed_out_at, table.id) > tuple_(*page.after)


async def list_steps(session: AsyncSession, handover_id: UUID) -> Sequence[HandoverStep]:
    """The steps of both sides in the order in which this side took or read them."""
    query = select(HandoverStep).where(HandoverStep.handover_id == handover_id)
    return (await session.scalars(query.order_by(HandoverStep.recorded_at, HandoverStep.id))).all()


async def has_step(session: AsyncSession, step_id: UUID) -> bool:
    """Whether the step is recorded already: the message is a repeat."""
    return bool(await session.scalar(select(exists().where(HandoverStep.id == step_id))))


async def steps_after(
    session: AsyncSession, handover_id: UUID, author: str, version: int
) -> Sequence[HandoverStep]:
    """The author's steps after its `version`, oldest first: those that the other side had not read."""
    query = select(HandoverStep).where(
        HandoverStep.handover_id == handover_id,
        HandoverStep.author == author,
        HandoverStep.version > version,
    )
    return (await session.scalars(query.order_by(HandoverStep.version))).all()


async def step_id_of(session: AsyncSession, handover_id: UUID, author: str, version: int) -> UUID | None:
    """The id of the author's step number `version`, if this side knows it."""
    query = select(HandoverStep.id).where(
        HandoverStep.handover_id == handover_id,
        HandoverStep.author == author,
        HandoverStep.version == version,
    )
    found: UUID | None = await session.scalar(query)
    return found


async def waits_of(session: AsyncSession, kind: Kind, now: datetime) -> dict[str, int]:
    """Seconds per wait: the kind's defaults, overruled by the configured rows in force at `now`."""
    query = (
        select(HandoverWait.waiting_for, HandoverWait.seconds)
        .where(HandoverWait.kind == kind.name, HandoverWait.effective_at <= now)
        .order_by(HandoverWait.effective_at)
    )
    waits = {wait.value: int(span.total_seconds()) for wait, span in kind.waits.items()}
    waits.update({row.waiting_for: row.seconds for row in await session.execute(query)})
    return waits


async def set_wait(session: AsyncSession, row: HandoverWait) -> None:
    """Put a configured wait in force; the same row again changes nothing but its value and source."""
    values = {
        column.key: getattr(row, column.key)
        for column in (
            HandoverWait.kind,
            HandoverWait.waiting_for,
            HandoverWait.effective_at,
            HandoverWait.seconds,
            HandoverWait.source,
        )
    }
    await session.execute(
        insert(HandoverWait)
        .values(values)
        .on_conflict_do_update(
            constraint="pk_handover_wait", set_={"seconds": row.seconds, "source": row.source}
        )
    )


async def mark_timed_out(session: AsyncSession, table: type[Row], now: datetime, limit: int) -> int:
    """Mark at most `limit` waits that have run out; rows that are being worked on wait for the next run."""
    due = (
        select(table.id)
        .where(table.timed_out_at.is_(None), table.wait_until <= now)
        .order_by(table.wait_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    marked = await session.execute(
        update(table)
        .where(table.id.in_(due))
        .values(timed_out_at=now)
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )
    return len(marked.all())


async def want_media(
    session: AsyncSession, handover_id: UUID, hashes: Iterable[str], *, source: str, now: datetime
) -> None:
    """Note objects that are to be copied from the other side; those noted before stay as they are."""
    rows = [
        {"handover_id": handover_id, "hash": each, "source": source, "next_at": now}
        for each in dict.fromkeys(hashes)
    ]
    if rows:
        await session.execute(insert(HandoverMedia).values(rows).on_conflict_do_nothing())


async def claim_media(
    session: AsyncSession, *, now: datetime, until: datetime, limit: int
) -> Sequence[HandoverMedia]:
    """Objects that are due to be copied, put off to `until`, so that no other worker takes them."""
    due = (
        select(HandoverMedia)
        .where(HandoverMedia.copied_at.is_(None), HandoverMedia.next_at <= now)
        .order_by(HandoverMedia.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = (await session.scalars(due)).all()
    for row in rows:
        row.next_at = until
        row.attempts += 1
    await session.flush()
    return rows


async def settle_media(session: AsyncSession, keys: Iterable[tuple[UUID, str]], now: datetime) -> int:
    """Mark objects as copied. Answers how many."""
    wanted: list[ColumnElement[bool]] = [
        and_(HandoverMedia.handover_id == handover_id, HandoverMedia.hash == each)
        for handover_id, each in keys
    ]
    if not wanted:
        return 0
    settled = await session.execute(
        update(HandoverMedia)
        .where(or_(*wanted), HandoverMedia.copied_at.is_(None))
        .values(copied_at=now)
        .returning(HandoverMedia.hash)
        .execution_options(synchronize_session=False)
    )
    return len(settled.all())


async def count_pending_media(session: AsyncSession, older_than: timedelta, now: datetime) -> int:
    """How many objects have waited longer than this to be copied: an operator's number."""
    query = (
        select(func.count())
        .select_from(HandoverMedia)
        .where(HandoverMedia.copied_at.is_(None), HandoverMedia.next_at <= now - older_than)
    )
    return int(await session.scalar(query) or 0)
