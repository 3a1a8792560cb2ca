"""The worker: which loops it runs, what it hears, and when it counts as stuck."""

from __future__ import annotations

import asyncio
import time

from pydantic import SecretStr
from sqlalchemy import MetaData

from libs.common.db import Database
from libs.common.events.bus_kafka import KafkaBus
from libs.common.events.loops import Progress
from libs.common.service import Service
from libs.common.settings import Settings
from libs.common.worker import STUCK_AFTER, Worker, heard, stuck
from services.grid.main import SERVICE as GRID
from services.tasks.main import SERVICE as TASKS
from tests.conftest import NewDatabase


def test_a_loop_that_stands_still_is_stuck() -> None:
    assert stuck(Progress("consumer:grid")) is None
    told = stuck(Progress("consumer:grid", at=time.monotonic() - STUCK_AFTER - 1, error="DatabaseAway"))
    assert told is not None
    assert "DatabaseAway" in told


def test_only_deployed_services_are_heard() -> None:
    assert {event.topic.owner for event in heard(GRID, ["grid", "tasks"])} == {"tasks"}
    assert heard(GRID, []) == {}


async def test_on_the_local_bus_it_reads_its_producers_logs(new_database: NewDatabase) -> None:
    own, other = await new_database("tasks"), await new_database("grid")
    database = Database(own, pool_size=4)
    worker = Worker(TASKS, Settings(bus_urls={"grid": SecretStr(other)}), database)
    assert set(worker.producers) == {"grid"}
    assert set(worker.watchdogs) == {"sequencer", "errands", "consumer"}
    assert all(topic.startswith("jiayuan.grid.") for topic in worker.consumer().routes.topics)
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.5, stop.set)
    await asyncio.wait_for(worker.run(stop), 60)
    await database.close()


async def test_on_kafka_it_hears_of_new_epochs_too() -> None:
    database = Database("postgresql+asyncpg://nobody@127.0.0.1:9/none", pool_size=1)
    worker = Worker(TASKS, Settings(bus="kafka", kafka_bootstrap="127.0.0.1:9"), database)
    assert "publisher" in worker.watchdogs
    assert isinstance(worker.bus(), KafkaBus)
    assert "jiayuan.grid.epoch.v1" in worker.consumer().routes.topics
    await database.close()


async def test_a_service_that_hears_nothing_has_no_consumer(new_database: NewDatabase) -> None:
    database = Database(await new_database("grid"), pool_size=4)
    worker = Worker(Service("grid", "网格", "grid", MetaData()), Settings(), database)
    assert set(worker.watchdogs) == {"sequencer", "errands"}
    stop = asyncio.Event()
    stop.set()
    await asyncio.wait_for(worker.run(stop), 60)
    await database.close()
