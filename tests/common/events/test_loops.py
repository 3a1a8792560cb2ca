"""The loops: they go on after any error, wake on commits, and show when they last came round."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from libs.common.db import Database, DatabaseAway
from libs.common.events.consumer import Consumer
from libs.common.events.loops import GATHER, WORTHWHILE, Loop, Progress, run_consumer, run_sequencer
from libs.common.signals import Signal
from tests.common.events.checker import positions
from tests.common.events.nouns import shelves
from tests.common.events.rig import NAME, Reader, reached
from tests.common.events.test_bus_local import LocalRig


async def test_a_loop_goes_on_after_any_error() -> None:
    stop = asyncio.Event()
    progress = Progress("test")
    outcomes: list[Exception | int] = [DatabaseAway(), ValueError("bug"), DatabaseAway(), 1, 0]

    async def step() -> int:
        if not outcomes:
            stop.set()
            return 0
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    progress.at -= 100
    await asyncio.wait_for(Loop(step, progress).run(stop), 10)
    assert outcomes == []
    assert progress.age < 5
    assert progress.error == ""


async def test_a_failing_loop_shows_no_progress_and_stops_when_told() -> None:
    stop = asyncio.Event()
    progress = Progress("test")
    progress.at -= 100

    async def step() -> int:
        stop.set()
        raise DatabaseAway

    await asyncio.wait_for(Loop(step, progress).run(stop), 10)
    assert progress.age > 99
    assert progress.error == "DatabaseAway"


async def test_a_cancellation_that_nobody_asked_for_ends_no_loop() -> None:
    """Found by chaos: aiokafka lets the cancellation of a task of its own out of `stop`."""
    stop = asyncio.Event()
    turns = 0

    async def step() -> int:
        nonlocal turns
        turns += 1
        if turns == 3:
            stop.set()
            return 0
        raise asyncio.CancelledError

    await asyncio.wait_for(Loop(step, Progress("test")).run(stop), 10)
    assert turns == 3


async def test_a_loop_that_is_cancelled_ends() -> None:
    entered = asyncio.Event()

    async def step() -> int:
        entered.set()
        await asyncio.sleep(60)
        return 0

    running = asyncio.create_task(Loop(step, Progress("test")).run(asyncio.Event()))
    await entered.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_an_idle_loop_is_woken() -> None:
    stop, wake = asyncio.Event(), Signal()
    turns = 0

    async def step() -> int:
        nonlocal turns
        turns += 1
        if turns == 20:
            stop.set()
        wake.set()
        return 0

    started = asyncio.get_running_loop().time()
    await asyncio.wait_for(Loop(step, Progress("test"), wake=wake).run(stop), 10)
    assert asyncio.get_running_loop().time() - started < 1


async def test_a_signal_that_nobody_sets_runs_out() -> None:
    signal = Signal()
    assert not await signal.after(signal.seen(), 0.01)


async def test_what_is_committed_becomes_an_effect_soon(rig: LocalRig) -> None:
    reader = Reader(rig)
    stop, grown = asyncio.Event(), Signal()
    rig.grown = grown
    consumer = Consumer(NAME, rig.consumer, rig.bus(), reader.routes)
    async with asyncio.TaskGroup() as group:
        group.create_task(run_sequencer(rig.producer, stop, progress=Progress("s"), grown=grown))
        group.create_task(run_consumer(consumer, stop, progress=Progress("c")))
        made = await shelves(rig.producer, 5, books=4)
        await reached(lambda: reader.count(20))
        stop.set()
    assert (await reader.faults(dict.fromkeys(made, 4))).none
    assert await positions(rig.producer) == list(range(1, 21))


async def test_the_sequencer_outlives_a_database_that_is_away() -> None:
    away = Database("postgresql+asyncpg://nobody:x@127.0.0.1:1/none", pool_size=1)
    stop = asyncio.Event()
    progress = Progress("away")
    task = asyncio.create_task(run_sequencer(away, stop, progress=progress))
    await reached(lambda: failed(progress))
    assert progress.error == "DatabaseAway"
    assert not task.done()
    stop.set()
    await asyncio.wait_for(task, 10)
    await away.close()


async def failed(progress: Progress) -> bool:
    """Whether the loop has met an error."""
    return bool(progress.error)


async def test_behind_a_small_turn_it_gathers_however_often_it_is_woken() -> None:
    stop, woken = asyncio.Event(), Signal()
    turns: list[tuple[int, float]] = []
    found = iter([1, 2, WORTHWHILE - 1, 0])

    async def step() -> int:
        turns.append((done := next(found), asyncio.get_running_loop().time()))
        woken.set()
        if not done:
            stop.set()
        return done

    await Loop(step, Progress("x"), wake=woken).run(stop)
    assert all(later - earlier >= GATHER * 0.9 for (_, earlier), (_, later) in pairwise(turns))
    assert len(turns) == 4
