"""Work in a process of its own 独立进程: `python -m tests.bench.chores WHAT`, an order on stdin."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

import orjson
import uvloop
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.contracts.tasks import UnitChanged
from libs.common.db import Database
from libs.common.events import publisher as publishing
from libs.common.events.bus_local import LocalBus
from libs.common.events.consumer import Consumer
from libs.common.events.envelope import encode, headers, key
from libs.common.events.kafka_sink import KafkaSink
from libs.common.events.publisher import Publisher, set_back, to_message
from libs.common.events.record import record
from libs.common.events.routes import Routes
from libs.common.events.sequencer import sequence
from libs.common.ids import new_id
from libs.common.policy import system_actor
from libs.common.settings import Settings
from libs.common.worker import heard
from services.grid.escalations.service import escalate_due
from services.grid.main import SERVICE as GRID

Order = dict[str, Any]
SINK = "bench"
ALL = 1_000_000
WRITERS = 10


async def move(order: Order) -> dict[str, Any]:
    """Bring everything that is committed into the log."""
    database = Database(order["url"], pool_size=2)
    while await database.transact(sequence):
        pass
    await database.close()
    return {}


def _sink(order: Order) -> KafkaSink:
    endpoint = order["kafka"]
    settings = Settings(
        bus="kafka",
        kafka_bootstrap=endpoint["kafka_bootstrap"],
        kafka_username=endpoint["kafka_username"],
        kafka_password=SecretStr(endpoint["kafka_password"]),
    )
    return KafkaSink(settings, client_id="tasks-publisher")


async def publish(order: Order) -> dict[str, Any]:
    """The log to Kafka by the publisher, from its beginning."""
    database, sink = Database(order["url"], pool_size=2), _sink(order)
    publisher = Publisher(database, sink, name=SINK, source=Settings().source)
    await publisher.step(limit=1)
    await database.transact(partial(set_back, sink=SINK, position=0))
    began, done = time.perf_counter(), 0
    while moved := await publisher.step():
        done += moved
    seconds = time.perf_counter() - began
    await publisher.close()
    await database.transact(lambda session: session.execute(text("DELETE FROM bus_cursor")))
    await database.close()
    return {"rate": done / seconds}


async def raw(order: Order) -> dict[str, Any]:
    """The same messages, made beforehand, by the client's batches alone."""
    database, sink = Database(order["url"], pool_size=2), _sink(order)
    turn = await database.read(partial(publishing._read, after=0, limit=ALL))
    messages = [to_message(row, Settings().source) for row in turn.rows]
    await database.close()
    await sink.open()
    producer = sink._producer
    topic = messages[0].topic
    partitions = sorted(await producer.partitions_for(topic))
    parts: dict[int, list[tuple[int, bytes, bytes, list[tuple[str, bytes]]]]] = {}
    for one in messages:
        part = sink._partition_of(key(one.aggregate_id), partitions, partitions)
        at = int(one.time.timestamp() * 1000)
        parts.setdefault(part, []).append((at, key(one.aggregate_id), encode(one), headers(one)))
    began = time.perf_counter()
    await asyncio.gather(*(_fill(producer, topic, part, told) for part, told in parts.items()))
    seconds = time.perf_counter() - began
    await sink.close()
    return {"rate": len(messages) / seconds}


async def _fill(producer: Any, topic: str, partition: int, told: list[Any]) -> None:
    index = 0
    while index < len(told):
        batch = producer.create_batch()
        while index < len(told) and (
            batch.append(
                timestamp=told[index][0], key=told[index][1], value=told[index][2], headers=told[index][3]
            )
            is not None
        ):
            index += 1
        await (await producer.send_batch(batch, topic, partition=partition))


async def consume(order: Order) -> dict[str, Any]:
    """So many events by the service's own consumer."""
    database = Database(order["url"], pool_size=4)
    producers = {name: Database(url, pool_size=2) for name, url in order["producers"].items()}
    bus = LocalBus(producers, reader="grid", source=Settings().source)
    consumer = Consumer("grid", database, bus, Routes(heard(GRID, producers)))
    began, done = time.perf_counter(), 0
    while done < order["events"]:
        done += await consumer.step()
    seconds = time.perf_counter() - began
    await consumer.close()
    for one in (database, *producers.values()):
        await one.close()
    return {"rate": done / seconds}


async def sweep(order: Order) -> dict[str, Any]:
    """So many seconds of the worker's escalation, a batch at a time."""
    database = Database(order["url"], pool_size=2)
    began, done = time.perf_counter(), 0
    while time.perf_counter() < began + order["seconds"]:
        moved = await database.transact(lambda session: escalate_due(session, utc_now(), order["batch"]))
        if not moved:
            break
        done += moved
    seconds = time.perf_counter() - began
    await database.close()
    return {"rate": done / seconds}


def unit_event() -> UnitChanged:
    """The event that units are told with."""
    return UnitChanged(
        happened_at=utc_now(), code="bench-unit", name_zh="南京东路街道综合行政执法队",
        name_en="Enforcement Team", kind="enforcement-team", area="310101002", origin="live",
    )  # fmt: skip


class _Unit:
    """The aggregate of one event."""

    def __init__(self) -> None:
        self.id: UUID = new_id()
        self.version = 0


async def units(order: Order) -> dict[str, Any]:
    """Commit units at a steady rate; answers their ids."""
    database, free = Database(order["url"], pool_size=WRITERS), asyncio.Semaphore(WRITERS)
    count, gap = int(order["rate"] * order["seconds"]), 1 / order["rate"]
    event, made = unit_event(), [_Unit() for _ in range(count)]

    async def tell(unit: _Unit) -> None:
        async def work(session: AsyncSession) -> None:
            await record(session, unit, event, actor=system_actor("tasks"), now=utc_now())

        async with free:
            await database.transact(work)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number, unit in enumerate(made):
            await asyncio.sleep(max(0.0, began + number * gap - time.perf_counter()))
            group.create_task(tell(unit))
    await database.close()
    return {"ids": [str(unit.id) for unit in made]}


CHORES: Mapping[str, Callable[[Order], Awaitable[dict[str, Any]]]] = {
    "sequence": move,
    "publish": publish,
    "raw": raw,
    "consume": consume,
    "sweep": sweep,
    "units": units,
}


def main() -> None:
    """Do one of them."""

    async def run() -> dict[str, Any]:
        return await CHORES[sys.argv[1]](orjson.loads(sys.stdin.buffer.read()))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.stdout.buffer.write(orjson.dumps(runner.run(run())))


if __name__ == "__main__":
    main()
