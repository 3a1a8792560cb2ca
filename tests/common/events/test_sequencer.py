"""The sequencer: gapless positions, order of each aggregate, whatever competes and commits late."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.events import metrics, sequencer
from libs.common.events.ddl import partition_name
from libs.common.events.models import EventLog, LogBatch, LogHead, Outbox
from libs.common.events.sequencer import Floor, Seen, pending, sequence
from libs.common.events.statements import statement
from tests.common.events.checker import faults_of, positions, read_log
from tests.common.events.nouns import add_shelf, fill, shelves


async def drain(store: Database, floor: Floor | None = None, limit: int = 1000) -> int:
    """Sequence until nothing is left."""
    total = 0
    while moved := await store.transact(partial(sequence, limit=limit, floor=floor)):
        total += moved
    return total


async def test_positions_are_gapless_and_batches_are_chained(store: Database) -> None:
    await shelves(store, 5, books=3)
    assert await drain(store, limit=4) == 15
    assert await positions(store) == list(range(1, 16))
    assert await store.read(lambda s: s.scalar(select(func.count()).select_from(Outbox))) == 0
    links = (await store.read(lambda s: s.scalars(select(LogBatch).order_by(LogBatch.last)))).all()
    assert [(link.first, link.last) for link in links] == [(1, 4), (5, 8), (9, 12), (13, 15)]
    head = (await store.read(lambda s: s.scalars(select(LogHead)))).one()
    assert (head.position, head.hash) == (15, links[-1].hash)


async def test_an_empty_outbox_changes_nothing(store: Database) -> None:
    assert not await store.read(lambda s: pending(s, 0))
    assert await store.transact(sequence) == 0
    assert (await store.read(lambda s: s.scalars(select(LogHead)))).one().position == 0


async def test_a_transaction_that_fails_leaves_everything_pending(store: Database) -> None:
    await shelves(store, 3)
    floor = Floor()

    async def fail(session: AsyncSession) -> None:
        await sequence(session, floor=floor)
        raise LookupError

    with pytest.raises(LookupError):
        await store.transact(fail)
    assert floor.value == 0
    assert await drain(store, floor) == 3


async def test_the_next_partition_is_made_ahead(store: Database) -> None:
    await shelves(store, 1)
    await drain(store)
    made = await store.read(
        lambda s: s.scalar(text("SELECT to_regclass(:name)"), {"name": partition_name(1)})
    )
    assert made is not None
    bounds = await store.read(
        lambda s: s.scalars(
            text("SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relispartition AND relkind = 'r'")
        )
    )
    assert len(bounds.all()) == 2


async def test_competing_sequencers_never_reorder_and_never_skip(store: Database) -> None:
    """Eight writers over few aggregates, transactions of several of them, pauses; three sequencers."""
    before = metrics.SEQUENCER_PASSED_OVER._value.get()
    made = sorted(await shelves(store, 20))
    done = asyncio.Event()

    async def write(seed: int) -> int:
        rng = random.Random(seed)
        written = 0
        for _ in range(60):
            chosen = sorted(rng.sample(made, rng.randint(1, 3)))
            await store.transact(partial(put, shelf_ids=chosen, pause=rng.random() * 0.003))
            written += len(chosen)
        return written

    async def append(floor: Floor) -> int:
        moved = 0
        while not done.is_set() or await store.read(lambda s: pending(s, 0)):
            moved += await store.transact(partial(sequence, limit=50, floor=floor))
            await asyncio.sleep(0)
        return moved

    appenders = [asyncio.create_task(append(Floor())) for _ in range(3)]
    written = sum(await asyncio.gather(*(write(seed) for seed in range(8))))
    done.set()
    moved = sum(await asyncio.gather(*appenders))
    assert moved == written + len(made)
    assert await positions(store) == list(range(1, moved + 1))
    assert faults_of(await read_log(store)).none
    assert metrics.SEQUENCER_PASSED_OVER._value.get() == before


async def put(session: AsyncSession, shelf_ids: list[UUID], pause: float) -> None:
    """One book on each of the shelves, which are in the order of their ids; commits late."""
    for shelf_id in shelf_ids:
        await fill(session, shelf_id)
    await asyncio.sleep(pause)


@asynccontextmanager
async def written_late(store: Database, shelf_id: UUID) -> AsyncIterator[None]:
    """A book that was put on the shelf before, and is committed behind."""
    entered, leave = asyncio.Event(), asyncio.Event()

    async def late(session: AsyncSession) -> None:
        await fill(session, shelf_id)
        entered.set()
        await leave.wait()

    writer = asyncio.create_task(store.transact(late))
    await entered.wait()
    yield
    leave.set()
    await writer


async def risen(store: Database, floor: Floor) -> None:
    """Turn until the floor rises: transactions of other databases of the server hold it too."""
    async with asyncio.timeout(60):
        while not floor.value:
            await store.transact(partial(sequence, floor=floor))


class TestFloor:
    """What may be skipped is only what is decided and taken."""

    def test_nothing_is_decided_while_a_transaction_older_than_the_next_run_is_open(self) -> None:
        floor = Floor()
        floor.learn(Seen(drawn=10, xmin=100, xid=120, taken=3, first_id=1, last_id=10, oldest=None), 100)
        assert floor.value == 0
        floor.learn(Seen(drawn=20, xmin=129, xid=130, taken=3, first_id=5, last_id=20, oldest=None), 100)
        assert floor.value == 0
        floor.learn(Seen(drawn=30, xmin=130, xid=140, taken=3, first_id=9, last_id=30, oldest=None), 100)
        assert floor.value == 11

    def test_a_full_batch_raises_it_only_to_what_it_took(self) -> None:
        floor = Floor()
        floor.learn(Seen(drawn=1000, xmin=1, xid=1, taken=0, first_id=0, last_id=0, oldest=None), 100)
        floor.learn(Seen(drawn=2000, xmin=2, xid=2, taken=100, first_id=1, last_id=100, oldest=None), 100)
        assert floor.value == 101
        floor.learn(Seen(drawn=2000, xmin=3, xid=3, taken=100, first_id=101, last_id=200, oldest=None), 100)
        assert floor.value == 201

    async def test_an_open_transaction_behind_the_last_completed_one_holds_it(self, store: Database) -> None:
        """Found by CI: a snapshot's `xmax` tells nothing of open transactions younger than any completed."""
        floor = Floor()
        shelf = await store.transact(add_shelf)
        await drain(store, floor)
        async with written_late(store, shelf.id):
            for _ in range(5):
                await store.transact(partial(sequence, floor=floor))
        assert await store.transact(partial(sequence, floor=floor)) == 1

    async def test_a_late_commit_below_ids_that_were_taken_is_still_found(self, store: Database) -> None:
        floor = Floor()
        shelf = await store.transact(add_shelf)
        async with written_late(store, shelf.id):
            for _ in range(5):
                await shelves(store, 2)
                await drain(store, floor)
        assert await drain(store, floor) == 1
        await risen(store, floor)

    def test_a_full_scan_comes_due(self) -> None:
        floor = Floor()
        floor.value = 7
        assert floor.start() == 7
        floor._scanned_at -= sequencer.FULL_SCAN_SECONDS + 1
        assert floor.start() == 0
        assert floor.start() == 7


async def test_a_batch_that_only_the_full_scan_finds_is_counted(store: Database) -> None:
    floor = Floor()
    await shelves(store, 1)
    floor.value = 10_000
    floor._scanned_at -= sequencer.FULL_SCAN_SECONDS + 1
    before = metrics.SEQUENCER_PASSED_OVER._value.get()
    assert await store.transact(partial(sequence, floor=floor)) == 1
    assert metrics.SEQUENCER_PASSED_OVER._value.get() == before + 1
    assert await store.read(lambda s: s.scalar(select(func.count()).select_from(EventLog))) == 1


_AHEAD = """DO $$ DECLARE seen bigint; ahead int := 0; BEGIN
    FOR turn IN 1..{turns} LOOP
        SELECT {drawn} INTO seen;
        IF nextval('outbox_id_seq') <= seen THEN ahead := ahead + 1; END IF;
    END LOOP;
    PERFORM set_config('test.ahead', ahead::text, false);
END $$"""


async def ahead(store: Database, drawn: str) -> int:
    """How often `drawn` told of an id that was drawn only afterwards, while others draw."""

    async def draw(session: AsyncSession) -> None:
        await session.execute(text("SELECT count(nextval('outbox_id_seq')) FROM generate_series(1, 1000000)"))

    async def look(session: AsyncSession) -> int:
        await session.execute(statement(_AHEAD, drawn=drawn, turns="60000"))
        return int((await session.execute(text("SELECT current_setting('test.ahead')"))).scalar_one())

    drawing = [asyncio.create_task(store.read(draw)) for _ in range(2)]
    found = await store.read(look)
    await asyncio.gather(*drawing)
    return found


async def test_the_last_drawn_id_is_never_one_that_nobody_has_drawn(store: Database) -> None:
    """Found by chaos: a floor that is too high passes events over, and later ones overtake them."""
    assert await ahead(store, sequencer.DRAWN) == 0


async def test_control_the_sequence_read_as_a_table_shows_ids_that_nobody_has_drawn(store: Database) -> None:
    """Negative control: as it was read before."""
    for _ in range(20):
        if await ahead(store, "(SELECT last_value FROM outbox_id_seq)"):
            return
    raise AssertionError("never seen ahead")
