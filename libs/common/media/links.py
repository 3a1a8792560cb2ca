"""Attachments of records 附件: attach, list, and who may see the bytes.

Knowing a hash is not access: one sees an object through a record that one may read, and attaches only what
one has uploaded oneself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.errors import Invalid
from libs.common.media.models import MediaLink, MediaObject, MediaUpload
from libs.common.policy import Actor, Principal

MOST_PER_RECORD = 50


class Purpose(StrEnum):
    """What an attachment shows."""

    BEFORE = "before"  # 处置前
    AFTER = "after"  # 处置后
    EVIDENCE = "evidence"  # 佐证


class MediaUnknown(Invalid):
    """The hash names nothing that the caller has uploaded (附件不存在)."""

    code = "media-unknown"
    zh = "附件 {hash} 未上传，请先上传再引用"
    en = "The attachment {hash} is not uploaded: upload it first, then refer to it"


class TooManyAttachments(Invalid):
    """A record holds at most `MOST_PER_RECORD` (附件过多)."""

    code = "too-many-attachments"
    zh = "一条记录最多 {most} 个附件"
    en = "A record holds at most {most} attachments"


@dataclass(frozen=True)
class Record:
    """What an attachment belongs to: a kind of record of this service, and its id."""

    type: str
    id: UUID


@dataclass(frozen=True)
class Attachment:
    """One attachment as lists show it. `ready` is false while its bytes are still on their way here."""

    hash: str
    purpose: str
    media_type: str | None
    size: int | None
    ready: bool


MayRead = Callable[[AsyncSession, Principal, Record, datetime], Awaitable[bool]]
"""`async def may_read(session, principal, record, now)`: the service says whether the record may be read."""


async def attach(
    session: AsyncSession,
    hashes: Sequence[str],
    *,
    to: Record,
    purpose: Purpose,
    actor: Actor,
    now: datetime,
) -> None:
    """Attach what the actor has uploaded. Again is no error. Raises `MediaUnknown`, `TooManyAttachments`."""
    if not hashes:
        return
    theirs = exists().where(MediaUpload.hash == MediaObject.hash, MediaUpload.subject == actor.subject)
    # The touch locks the rows against the sweep.
    touch = (
        update(MediaObject)
        .where(MediaObject.hash.in_(hashes), MediaObject.stored_at.is_not(None), theirs)
        .where(MediaObject.gone_at.is_(None))
        .values(touched_at=now)
        .returning(MediaObject.hash)
        .execution_options(synchronize_session=False)
    )
    known = set((await session.scalars(touch)).all())
    for place, each in enumerate(hashes):
        if each not in known:
            raise MediaUnknown(hash=each, pointer=f"/media/{place}")
    await _link(session, [(each, purpose) for each in hashes], to, actor, now)


async def attach_photos(
    session: AsyncSession,
    hashes: Sequence[str],
    *,
    to: Record,
    purpose: Purpose,
    actor: Actor,
    now: datetime,
) -> None:
    """The same where the body calls them photos, which is where `MediaUnknown` then points."""
    try:
        await attach(session, hashes, to=to, purpose=purpose, actor=actor, now=now)
    except MediaUnknown as error:
        error.pointer = (error.pointer or "").replace("/media", "/photos")
        raise


async def expect(
    session: AsyncSession,
    wanted: Iterable[tuple[str, str]],
    *,
    to: Record,
    actor: Actor,
    now: datetime,
) -> None:
    """Attach what another service handed over, as (hash, purpose). Its bytes are copied by `adopt`."""
    await _link(session, list(dict.fromkeys(wanted)), to, actor, now)


async def _link(
    session: AsyncSession, wanted: list[tuple[str, str]], to: Record, actor: Actor, now: datetime
) -> None:
    if not wanted:
        return
    rows = [
        {
            "record_type": to.type,
            "record_id": to.id,
            "hash": each,
            "purpose": str(purpose),
            "at": now,
            "by": actor.subject,
        }
        for each, purpose in wanted
    ]
    await session.execute(insert(MediaLink).values(rows).on_conflict_do_nothing())
    held = select(MediaLink.hash).where(MediaLink.record_type == to.type, MediaLink.record_id == to.id)
    if len((await session.scalars(held.limit(MOST_PER_RECORD + 1))).all()) > MOST_PER_RECORD:
        raise TooManyAttachments(most=MOST_PER_RECORD)


async def detach(session: AsyncSession, hashes: Sequence[str], *, of: Record, now: datetime) -> int:
    """Take attachments off a record; what no record holds then is swept later. Answers how many."""
    await session.execute(update(MediaObject).where(MediaObject.hash.in_(hashes)).values(touched_at=now))
    gone = delete(MediaLink).where(
        MediaLink.record_type == of.type, MediaLink.record_id == of.id, MediaLink.hash.in_(hashes)
    )
    return len((await session.execute(gone.returning(MediaLink.hash))).all())


async def attachments(
    session: AsyncSession, record_type: str, ids: Iterable[UUID]
) -> Mapping[UUID, list[Attachment]]:
    """The attachments of several records, by record, oldest first; every id asked for is a key."""
    found: dict[UUID, list[Attachment]] = {each: [] for each in ids}
    statement = (
        select(MediaLink, MediaObject)
        .outerjoin(MediaObject, MediaObject.hash == MediaLink.hash)
        .where(MediaLink.record_type == record_type, MediaLink.record_id.in_(list(found)))
        .order_by(MediaLink.at, MediaLink.purpose, MediaLink.hash)
    )
    for link, item in await session.execute(statement):
        ready = item is not None and item.stored_at is not None
        kind, size = (item.media_type, item.size) if ready else (None, None)
        found[link.record_id].append(Attachment(link.hash, link.purpose, kind, size, ready))
    return found


async def visible(
    session: AsyncSession, name: str, *, viewer: Principal, now: datetime, may_read: MayRead
) -> MediaObject | None:
    """The object if the viewer may see it: through a record, or because they uploaded it; else None."""
    found = await session.get(MediaObject, name)
    if found is None or found.stored_at is None or found.gone_at is not None:
        return None
    theirs = select(exists().where(MediaUpload.hash == name, MediaUpload.subject == viewer.subject))
    if await session.scalar(theirs):
        return found
    links = select(MediaLink.record_type, MediaLink.record_id).where(MediaLink.hash == name).distinct()
    for record_type, record_id in (await session.execute(links.limit(100))).all():
        if await may_read(session, viewer, Record(record_type, record_id), now):
            return found
    return None
