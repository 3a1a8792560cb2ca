"""The feed: in order, behind a cursor that nothing passes and that a restore sets back."""

from __future__ import annotations

from functools import partial

from libs.common.db import Database
from libs.common.events.epochs import restored
from libs.common.events.feed import Fact, FeedCursor, read_on
from libs.common.events.sequencer import sequence
from tests.common.events.nouns import ACTOR, NOW, SHELVES, fill, shelves
from tests.common.events.test_epochs import lose


async def read(store: Database, after: FeedCursor, limit: int = 10) -> tuple[list[Fact], FeedCursor]:
    return await store.read(lambda session: read_on(session, SHELVES.name, after, limit))


async def test_page_by_page_and_not_again(store: Database) -> None:
    await shelves(store, 2, books=2)
    assert await read(store, FeedCursor()) == ([], FeedCursor(1, 0)), "nothing is in the log yet"
    await store.transact(sequence)
    first, cursor = await read(store, FeedCursor(), limit=3)
    assert [(fact.position, fact.verb) for fact in first] == [(at, "filled") for at in (1, 2, 3)]
    rest, cursor = await read(store, cursor, limit=3)
    assert ([fact.position for fact in rest], cursor) == ([4], FeedCursor(1, 4))
    assert await read(store, cursor) == ([], cursor)


async def test_after_a_restore_a_reader_goes_back(store: Database) -> None:
    made = await shelves(store, 2, books=2)
    await store.transact(sequence)
    await store.transact(partial(fill, shelf_id=made[0]))
    await store.transact(sequence)
    _, cursor = await read(store, FeedCursor())
    assert cursor == FeedCursor(1, 5)
    await lose(store, 4)
    await store.transact(partial(restored, service="grid", actor=ACTOR, now=NOW))
    await store.transact(partial(fill, shelf_id=made[1]))
    await store.transact(sequence)
    again, cursor = await read(store, cursor)
    assert ([fact.aggregate_id for fact in again], cursor.epoch > 1) == ([made[1]], True)
