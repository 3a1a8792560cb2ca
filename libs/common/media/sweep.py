"""Keeping store and tables alike 附件清理: copies under the own prefix, deletes what nobody holds.

Store and database cannot change in one transaction: a row is written before its bytes, and marked gone before
they are deleted, so that a crash between leaves a row that says what to do. While an object is leaving, an
upload of the same bytes is asked to come back: the sweep would delete what it had just brought.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

import structlog
from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.errors import Unavailable
from libs.common.media.images import Picture, measure
from libs.common.media.models import MediaLink, MediaObject, MediaUpload
from libs.common.media.store import MediaStore, digest

KEPT_UNREFERENCED = timedelta(days=7)
BATCH = 100

_UNKNOWN = "application/octet-stream"
_FRESH = {"populate_existing": True, "synchronize_session": False}
_log = structlog.get_logger("media")


class Wanted(Protocol):
    """An object of another service that a handover names."""

    @property
    def hash(self) -> str:
        """SHA-256 of the upload, hex."""
        ...

    @property
    def source(self) -> str:
        """The service under whose prefix it lies."""
        ...


W = TypeVar("W", bound=Wanted)


class MediaLeaving(Unavailable):
    """The same object is being deleted now (附件清理中)."""

    code = "media-leaving"
    zh = "该附件正在清理，请稍后重新上传"
    en = "This attachment is being deleted now, upload it again shortly"


async def begin(session: AsyncSession, name: str, media_type: str, now: datetime) -> MediaObject:
    """Write the row of an object whose bytes come next; the sweep leaves it alone. Raises `MediaLeaving`."""
    row = insert(MediaObject).values(hash=name, media_type=media_type, touched_at=now)
    again = row.on_conflict_do_update(
        index_elements=[MediaObject.hash], set_={"touched_at": now}, where=MediaObject.gone_at.is_(None)
    )
    found = (await session.scalars(again.returning(MediaObject), execution_options=_FRESH)).first()
    if found is None:
        raise MediaLeaving
    return found


async def finish(session: AsyncSession, name: str, picture: Picture, now: datetime) -> MediaObject:
    """Note that the bytes are there, as they are stored."""
    done = (
        update(MediaObject)
        .where(MediaObject.hash == name)
        .values(
            stored_digest=digest(picture.content),
            media_type=picture.media_type,
            size=len(picture.content),
            width=picture.width,
            height=picture.height,
            stored_at=now,
        )
        .returning(MediaObject)
    )
    return (await session.scalars(done, execution_options=_FRESH)).one()


async def adopt(
    store: MediaStore, database: Database, service: str, wanted: Iterable[W], now: datetime
) -> list[W]:
    """Copy handed-over objects under the service's own prefix. Answers those that are there now.

    What cannot be copied now is left out, for another try.
    """
    done: list[W] = []
    for each in wanted:
        try:
            if await _adopt_one(store, database, service, each, now):
                done.append(each)
        except Unavailable as error:
            _log.warning("media_not_copied", hash=each.hash, source=each.source, code=error.code)
    return done


async def _adopt_one(
    store: MediaStore, database: Database, service: str, wanted: Wanted, now: datetime
) -> bool:
    name = wanted.hash
    row = await database.transact(lambda session: begin(session, name, _UNKNOWN, now))
    if row.stored_at is not None:
        return True
    content = await store.copy(wanted.source, service, name)
    if content is None:
        return False
    picture = measure(content)
    await database.transact(lambda session: finish(session, name, picture, now))
    return True


async def sweep(store: MediaStore, database: Database, service: str, now: datetime) -> int:
    """Delete a batch of objects that no record has held for 7 days. Answers how many. Run it until 0."""
    await database.transact(lambda session: mark_unreferenced(session, now))
    gone = await database.read(_marked)
    for name in gone:
        await store.delete(service, name)
        await database.transact(partial(_forget, name=name))
    return len(gone)


async def mark_unreferenced(session: AsyncSession, now: datetime) -> int:
    """Mark a batch of objects gone; from now on nobody sees or attaches them."""
    held = exists().where(MediaLink.hash == MediaObject.hash)
    idle = (
        select(MediaObject.hash)
        .where(MediaObject.touched_at < now - KEPT_UNREFERENCED, MediaObject.gone_at.is_(None), ~held)
        .order_by(MediaObject.touched_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    mark = (
        update(MediaObject)
        .where(MediaObject.hash.in_(idle.scalar_subquery()))
        .values(gone_at=now)
        .returning(MediaObject.hash)
        .execution_options(synchronize_session=False)
    )
    return len((await session.execute(mark)).all())


async def _marked(session: AsyncSession) -> list[str]:
    marked = select(MediaObject.hash).where(MediaObject.gone_at.is_not(None)).limit(BATCH)
    return list((await session.scalars(marked)).all())


async def _forget(session: AsyncSession, name: str) -> None:
    """Delete the rows: from now on the same bytes may come again."""
    await session.execute(delete(MediaUpload).where(MediaUpload.hash == name))
    await session.execute(delete(MediaObject).where(MediaObject.hash == name))
