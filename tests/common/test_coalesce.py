"""The coalescer on a real database: together, once, alone where it fails, bounded, whoever goes away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.coalesce import Coalescer, QueueFull
from libs.common.db import Database
from libs.common.tracing import current_traceparent, new_traceparent, trace
from tests.conftest import NewDatabase

pytestmark = pytest.mark.commits

_WRITE = text(
    """WITH made AS (
        INSERT INTO jotting (key, worth)
        SELECT * FROM unnest(CAST(:keys AS int[]), CAST(:worths AS int[])) ON CONFLICT DO NOTHING
        RETURNING key
    ) SELECT key FROM made"""
)
Jotting = tuple[int, int]


class Jotter:
    """Writes jottings, each key once and none that is worth nothing; notes what came together."""

    def __init__(self) -> None:
        self.batches: list[list[Jotting]] = []
        self.traces: list[str | None] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, connection: AsyncConnection, items: Sequence[Jotting]) -> list[bool]:
        """Whether each was new."""
        await self.gate.wait()
        self.batches.append(list(items))
        self.traces.append(current_traceparent())
        first = {key: number for number, (key, _) in reversed(list(enumerate(items)))}
        given = {"keys": list(first), "worths": [items[number][1] for number in first.values()]}
        made = {key for (key,) in await connection.execute(_WRITE, given)}
        return [key in made and first[key] == number for number, (key, _) in enumerate(items)]


@pytest.fixture
async def database(new_database: NewDatabase) -> AsyncIterator[Database]:
    """A database with a table of jottings."""
    made = Database(await new_database("grid"), pool_size=4)
    async with made.engine.begin() as connection:
        await connection.execute(
            text("CREATE TABLE jotting (key int PRIMARY KEY, worth int NOT NULL CHECK (worth > 0))")
        )
    yield made
    await made.close()


async def kept(database: Database) -> dict[int, int]:
    """What is in the table."""
    rows = await database.read(lambda session: session.execute(text("SELECT key, worth FROM jotting")))
    return {row.key: row.worth for row in rows}


async def test_what_waits_is_taken_together_and_a_lone_one_at_once(database: Database) -> None:
    work = Jotter()
    coalescer = Coalescer(database, work, lanes=1, most=8)
    assert await coalescer.do((0, 1))
    work.gate.clear()
    asked = [asyncio.create_task(coalescer.do((number, 1))) for number in range(1, 22)]
    await asyncio.sleep(0.05)
    work.gate.set()
    assert await asyncio.gather(*asked) == [True] * 21
    assert [len(batch) for batch in work.batches] == [1, 8, 8, 5]
    assert [key for batch in work.batches for key, _ in batch] == list(range(22))


async def test_two_hundred_of_one_key_make_one_row(database: Database) -> None:
    coalescer = Coalescer(database, Jotter())
    outcomes = await asyncio.gather(*(coalescer.do((7, number + 1)) for number in range(200)))
    assert sorted(outcomes) == [False] * 199 + [True]
    assert await kept(database) == {7: outcomes.index(True) + 1}


async def test_a_bad_row_fails_alone(database: Database) -> None:
    work = Jotter()
    work.gate.clear()
    coalescer = Coalescer(database, work, lanes=1)
    asked = asyncio.gather(*(coalescer.do((key, key % 5)) for key in range(20)), return_exceptions=True)
    await asyncio.sleep(0.05)
    work.gate.set()
    outcomes = await asked
    bad = [key for key, outcome in enumerate(outcomes) if isinstance(outcome, DBAPIError)]
    assert bad == [0, 5, 10, 15]
    assert sorted(await kept(database)) == [key for key in range(20) if key % 5]
    assert [one for one in outcomes if not isinstance(one, DBAPIError)] == [True] * 16


async def test_a_full_queue_says_come_again(database: Database) -> None:
    work = Jotter()
    work.gate.clear()
    coalescer = Coalescer(database, work, lanes=1, most=1, waiting=3)
    first = asyncio.create_task(coalescer.do((0, 1)))
    await asyncio.sleep(0.05)
    waiting = [asyncio.create_task(coalescer.do((key, 1))) for key in (1, 2, 3)]
    await asyncio.sleep(0)
    with pytest.raises(QueueFull) as caught:
        await coalescer.do((4, 1))
    assert caught.value.data["retry_after"] == 1
    work.gate.set()
    assert await asyncio.gather(first, *waiting) == [True] * 4
    assert sorted(await kept(database)) == [0, 1, 2, 3]


async def test_who_goes_away_undoes_nothing(database: Database) -> None:
    work = Jotter()
    work.gate.clear()
    coalescer = Coalescer(database, work, lanes=1)
    gone = asyncio.create_task(coalescer.do((1, 1)))
    await asyncio.sleep(0.05)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    work.gate.set()
    assert await coalescer.do((2, 1))
    assert await kept(database) == {1: 1, 2: 1}


async def test_a_database_that_is_away_fails_all_who_wait_and_no_one_after(database: Database) -> None:
    coalescer = Coalescer(database, Jotter(), lanes=1)
    reached, database.engine = database.engine, Database("postgresql+asyncpg://x:y@127.0.0.1:1/x").engine
    outcomes = await asyncio.gather(*(coalescer.do((key, 1)) for key in range(3)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} <= {ConnectionRefusedError, OSError, DBAPIError}
    await database.engine.dispose()
    database.engine = reached
    assert await coalescer.do((1, 1))


async def test_a_connection_that_breaks_is_not_used_again(database: Database) -> None:
    broken = asyncio.Event()

    async def work(connection: AsyncConnection, items: Sequence[int]) -> list[int]:
        own = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        if not broken.is_set():
            broken.set()
            async with database.engine.connect() as other:
                await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
            await connection.execute(text("SELECT 1"))
        return list(items)

    coalescer = Coalescer(database, work, lanes=1)
    with pytest.raises(DBAPIError):
        await coalescer.do(1)
    assert await coalescer.do(2) == 2


async def test_the_work_belongs_to_nobodys_trace_and_wakes_who_waits_for_commits(database: Database) -> None:
    work = Jotter()
    seen = database.committed.seen()
    with trace(new_traceparent()):
        await Coalescer(database, work).do((1, 1))
    assert work.traces == [None]
    assert seen.is_set()


@asynccontextmanager
async def cleaned(database: Database) -> AsyncIterator[None]:
    """Leave no jotting behind."""
    yield
    await database.transact(lambda session: session.execute(text("DELETE FROM jotting")))


async def test_whatever_comes_in_whatever_order_is_answered_as_if_alone(database: Database) -> None:
    """By bursts of any size, keys that repeat and bad rows: one row per good key, one `True` per row."""

    async def check(bursts: list[list[Jotting]], lanes: int, most: int) -> None:
        async with cleaned(database):
            coalescer = Coalescer(database, Jotter(), lanes=lanes, most=most)
            asked: list[asyncio.Task[bool]] = []
            for burst in bursts:
                asked += [asyncio.create_task(coalescer.do(item)) for item in burst]
                await asyncio.sleep(0)
            outcomes = await asyncio.gather(*asked, return_exceptions=True)
            items = [item for burst in bursts for item in burst]
            made = [item for item, outcome in zip(items, outcomes, strict=True) if outcome is True]
            assert dict(made) == await kept(database)
            assert len(made) == len(dict(made))
            assert {key for key, _ in made} >= {key for key, worth in items if worth and not _bad(key, items)}
            assert all(outcome in (True, False) or _refused(outcome) for outcome in outcomes)

    for bursts, lanes, most in _examples():
        await check(bursts, lanes, most)


def _bad(key: int, items: Sequence[Jotting]) -> bool:
    return any(other == key and not worth for other, worth in items)


def _refused(outcome: object) -> bool:
    return isinstance(outcome, DBAPIError)


def _examples() -> list[tuple[list[list[Jotting]], int, int]]:
    found: list[tuple[list[list[Jotting]], int, int]] = []
    items = st.tuples(st.integers(0, 9), st.integers(0, 3))

    @settings(max_examples=25, database=None, derandomize=True)
    @given(st.lists(st.lists(items, max_size=12), max_size=5), st.integers(1, 2), st.integers(1, 6))
    def collect(bursts: list[list[Jotting]], lanes: int, most: int) -> None:
        found.append((bursts, lanes, most))

    collect()
    return found
