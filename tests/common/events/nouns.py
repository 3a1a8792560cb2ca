"""A small noun for the tests of the event path: a shelf of books that counts what was put on it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from sqlalchemy import Integer, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from libs.common.db import Database
from libs.common.events.contract import DataClass, Event, Topic
from libs.common.events.record import Change, record, restate
from libs.common.ids import new_id
from libs.common.policy import system_actor

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ACTOR = system_actor("grid")

SHELVES = Topic(
    owner="grid", noun="shelf", data_class=DataClass.INTERNAL, readers=frozenset({"tasks"}), partitions=4
)
SECRETS = Topic(
    owner="grid",
    noun="secret",
    data_class=DataClass.RESTRICTED,
    readers=frozenset({"disputes"}),
    partitions=2,
)
LABELS = Topic(
    owner="grid",
    noun="label",
    data_class=DataClass.PUBLIC,
    readers=frozenset({"tasks", "disputes"}),
    full_state=True,
    partitions=2,
)


class ShelfFilled(Event, topic=SHELVES, verb="filled"):
    """A book was put on the shelf."""

    total: int
    note: str = ""


class ShelfMoved(Event, topic=SHELVES, verb="moved"):
    """The shelf stands elsewhere; nobody handles it."""


class SecretTold(Event, topic=SECRETS, verb="told"):
    """Something that not everybody may read."""

    words: str


class LabelChanged(Event, topic=LABELS, verb="changed"):
    """The full state of a label."""

    words: str


class Base(DeclarativeBase):
    """The tests' tables: a MetaData of their own."""


class Shelf(Base):
    """The aggregate of the tests."""

    __tablename__ = "test_shelf"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    total: Mapped[int] = mapped_column(Integer())


class Seen(Base):
    """What a consumer of the tests has done: one row per effect, in the order of arrival."""

    __tablename__ = "test_seen"

    serial: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    aggregate_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(Integer())
    event_id: Mapped[UUID]
    total: Mapped[int] = mapped_column(Integer())
    restated: Mapped[bool]


class KnownLabel(Base):
    """What a consumer of the tests keeps of labels."""

    __tablename__ = "test_known_label"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    words: Mapped[str]
    count: Mapped[int] = mapped_column(Integer())


async def add_shelf(session: AsyncSession, *, shelf_id: UUID | None = None) -> Shelf:
    """A new shelf with its first book."""
    shelf = Shelf(id=shelf_id or new_id(), version=0, total=0)
    session.add(shelf)
    await _fill(session, shelf)
    return shelf


async def fill(session: AsyncSession, shelf_id: UUID, *, note: str = "") -> Shelf:
    """One more book, under the row's lock."""
    shelf = await get_for_update(session, shelf_id)
    await _fill(session, shelf, note)
    return shelf


async def get_for_update(session: AsyncSession, shelf_id: UUID) -> Shelf:
    """The shelf, locked."""
    found = await session.scalars(select(Shelf).where(Shelf.id == shelf_id).with_for_update())
    return found.one()


async def _fill(session: AsyncSession, shelf: Shelf, note: str = "") -> None:
    shelf.total += 1
    event = ShelfFilled(happened_at=NOW, total=shelf.total, note=note)
    change = Change("fill", after="filled", note=note or None, fields={"total": shelf.total, "share": 0.1})
    await record(session, shelf, event, actor=ACTOR, now=NOW, change=change)


async def restate_shelf(session: AsyncSession, shelf_id: UUID) -> None:
    """Tell the shelf's present state again."""
    shelf = await get_for_update(session, shelf_id)
    await restate(session, shelf, ShelfFilled(happened_at=NOW, total=shelf.total), actor=ACTOR)


async def shelves(database: Database, count: int, *, books: int = 1) -> list[UUID]:
    """`count` shelves with `books` books each, one transaction per book."""
    made = [(await database.transact(add_shelf)).id for _ in range(count)]
    for _ in range(books - 1):
        for shelf_id in made:
            await database.transact(partial(fill, shelf_id=shelf_id))
    return made


async def move(session: AsyncSession, shelf_id: UUID) -> None:
    """The shelf stands elsewhere."""
    shelf = await get_for_update(session, shelf_id)
    await record(session, shelf, ShelfMoved(happened_at=NOW), actor=ACTOR, now=NOW)


async def label(session: AsyncSession, label_id: UUID | None = None) -> UUID:
    """A label's full state; a shelf's row serves as its head."""
    head = await get_for_update(session, label_id) if label_id else Shelf(id=new_id(), version=0, total=0)
    session.add(head)
    words = "word " * (head.version + 1)
    await record(session, head, LabelChanged(happened_at=NOW, words=words), actor=ACTOR, now=NOW)
    return head.id


async def secret(session: AsyncSession) -> UUID:
    """Something restricted; a shelf's row serves as its head."""
    head = Shelf(id=new_id(), version=0, total=0)
    session.add(head)
    await record(session, head, SecretTold(happened_at=NOW, words="quiet"), actor=ACTOR, now=NOW)
    return head.id


async def restate_shelves(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """A restater, as services have them."""
    query = select(Shelf).order_by(Shelf.id).limit(limit).with_for_update()
    found = (await session.scalars(query.where(Shelf.id > after) if after else query)).all()
    for shelf in found:
        await restate(session, shelf, ShelfFilled(happened_at=NOW, total=shelf.total), actor=ACTOR)
    return found[-1].id if found else None
