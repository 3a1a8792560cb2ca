"""The Kafka bus: the suite of all buses on a real broker, and what is its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr
from sqlalchemy import select

from libs.common.db import Database
from libs.common.embedded.kafka import Kafka
from libs.common.embedded.postgres import Postgres
from libs.common.events import metrics, park
from libs.common.events.bus import Bus
from libs.common.events.bus_kafka import KafkaBus
from libs.common.events.envelope import encode
from libs.common.events.kafka_client import BusAway, client_options
from libs.common.events.kafka_sink import KafkaSink
from libs.common.events.loops import Progress, run_consumer, run_publisher, run_sequencer
from libs.common.events.models import EventLog
from libs.common.events.publisher import Publisher, to_message
from libs.common.events.topics import provision
from libs.common.settings import Settings
from tests.common.events.compliance import BusCompliance
from tests.common.events.marks import MarksCompliance
from tests.common.events.nouns import LABELS, SECRETS, SHELVES, fill, shelves
from tests.common.events.rig import NAME, Reader, Rig, reached
from tests.common.events.test_bus_local import LocalRig, local_readers
from tests.support.servers import Run, new_kafka
from tests.support.stores import NewStore

TOPICS = (SHELVES, SECRETS, LABELS)
SERVICES = ("grid", "tasks", "disputes")

pytestmark = pytest.mark.kafka


class KafkaRig(Rig):
    """Two databases and a broker; topics, groups and rules under a prefix of the test's own."""

    def __init__(self, kafka: Kafka, producer: Database, consumer: Database, prefix: str) -> None:
        self.kafka = kafka
        self.producer = producer
        self.consumer = consumer
        self.prefix = prefix
        self.sink = KafkaSink(self.settings("grid"), client_id="grid-publisher")
        self.publisher = Publisher(producer, self.sink, name="kafka", source="urn:cn:jiayuan:test")

    def settings(self, principal: str) -> Settings:
        """How a service connects."""
        endpoint = self.kafka.endpoint(principal)
        return Settings(
            bus="kafka",
            kafka_bootstrap=endpoint.bootstrap,
            kafka_username=endpoint.username,
            kafka_password=SecretStr(endpoint.password),
            kafka_prefix=self.prefix,
        )

    async def deliver(self) -> None:
        """Sequence, then publish to the end."""
        await self.sequence()
        while await self.publisher.step():
            pass

    def bus(self, reader: str = NAME) -> Bus:
        """A member of the reader's group."""
        return KafkaBus(self.settings(reader), reader=reader)

    async def arrived(self, bus: Bus) -> bool:
        """Ask the broker: a slow one sends its partitions one after the other."""
        assert isinstance(bus, KafkaBus)
        member = bus._member
        if member is None or not member._consumer.assignment():
            return False
        return not sum((await member.behind()).values())


@pytest.fixture
async def rig(new_store: NewStore, kafka: Kafka) -> AsyncIterator[KafkaRig]:
    """A producer, a consumer, their topics."""
    prefix = f"t{uuid4().hex[:12]}."
    await provision(kafka.admin_options(), SERVICES, topics=TOPICS, prefix=prefix)
    made = KafkaRig(kafka, await new_store("grid"), await new_store("tasks"), prefix)
    yield made
    await made.publisher.close()


class TestKafkaBus(BusCompliance, MarksCompliance):
    """The suite over Kafka."""


async def raw(rig: KafkaRig, key: bytes, value: bytes) -> None:
    """Something that our publisher would never send."""
    producer = AIOKafkaProducer(**client_options(rig.settings("grid")))
    await producer.start()
    await producer.send_and_wait(rig.prefix + SHELVES.name, value=value, key=key, partition=0)
    await producer.stop()


async def test_bytes_that_nobody_can_read_are_parked_by_their_offset(rig: KafkaRig) -> None:
    reader = Reader(rig)
    made = await shelves(rig.producer, 3)
    await raw(rig, b"k", b"\x00not json")
    await rig.deliver()
    (row,) = (await rig.producer.read(lambda s: s.execute(select(EventLog).limit(1)))).scalars()
    await raw(rig, b"another key", encode(to_message(row, "urn:x")))
    await reader.drain_until(3, limit=100)
    await reached(lambda: reader.aside(2))
    found = await rig.consumer.read(lambda s: park.list_parked(s, NAME))
    assert {one.problem for one in found} == {"no JSON", "the key is not the subject"}
    assert {one.reason for one in found} == {"undecodable"}
    assert (await reader.faults(dict.fromkeys(made, 1))).none
    await reader.consumer.close()


async def test_a_foreign_topic_cannot_be_written(rig: KafkaRig) -> None:
    await shelves(rig.producer, 1)
    await rig.sequence()
    stranger = KafkaSink(rig.settings("tasks"), client_id="stranger", deadline=5)
    forged = Publisher(rig.producer, stranger, name="forged", source="urn:x")
    with pytest.raises(BusAway):
        await forged.step()
    await forged.close()
    reader = Reader(rig)
    await rig.deliver()
    assert await reader.drain() == 1
    await reader.consumer.close()


async def test_members_that_come_and_go_lose_and_repeat_nothing(rig: KafkaRig) -> None:
    made = await shelves(rig.producer, 20)
    last = 20
    readers = [Reader(rig)]
    for round_ in range(4):
        for shelf_id in made:
            await rig.producer.transact(partial(fill, shelf_id=shelf_id))
        last += 20
        await rig.deliver()
        if round_ % 2 == 0:
            readers.append(Reader(rig))
        else:
            await readers.pop(0).consumer.close()
        await asyncio.gather(*(one.drain_until(last, limit=5) for one in readers))
    assert (await readers[0].faults(dict.fromkeys(made, 5))).none
    assert await readers[0].parked() == []
    for one in readers:
        await one.consumer.close()


async def test_a_member_that_stands_still_is_replaced(rig: KafkaRig) -> None:
    reader = Reader(rig)
    bus = KafkaBus(rig.settings(NAME), reader=NAME, stuck_after=0.3, check=0.1)
    reader.consumer.bus = bus
    await shelves(rig.producer, 2)
    await rig.deliver()
    await reader.drain_until(2, limit=10)
    assert bus._member is not None
    stuck = bus._member._consumer
    stuck.pause(*stuck.assignment())
    await shelves(rig.producer, 2)
    await rig.deliver()
    await reader.drain_until(4, limit=10)
    assert bus._member._consumer is not stuck
    assert await reader.count(4)
    await reader.consumer.close()


async def test_a_reader_that_changes_the_bus_repeats_nothing(rig: KafkaRig, postgres: Postgres) -> None:
    made = await shelves(rig.producer, 3, books=2)
    await rig.deliver()
    local = await local_readers(rig.producer, postgres)
    over_local = Reader(LocalRig(rig.producer, rig.consumer, local))
    await over_local.drain()
    over_kafka = Reader(rig)
    await over_kafka.drain()
    await rig.producer.transact(partial(fill, shelf_id=made[0]))
    await rig.deliver()
    await over_local.drain()
    await over_kafka.drain()
    assert (await over_kafka.faults({made[0]: 3, made[1]: 2, made[2]: 2})).none
    await over_kafka.consumer.close()
    for database in local.values():
        await database.close()


def given_up() -> float:
    """How often a reader has given its member of the group up."""
    return float(metrics.CONSUMER_REBUILT.labels(NAME)._value.get())


async def given_up_since(before: float) -> bool:
    """Whether it has once more."""
    return given_up() > before


@pytest.mark.parametrize("long", [False, True], ids=["back at once", "back when the member was given up"])
async def test_a_broker_that_was_killed_costs_time_and_nothing_else(
    new_store: NewStore, run: Run, long: bool
) -> None:
    kafka = new_kafka(run, f"bus-{long}", principals=SERVICES)
    before = given_up()
    await asyncio.to_thread(kafka.start)
    try:
        prefix = "k."
        await provision(kafka.admin_options(), SERVICES, topics=TOPICS, prefix=prefix)
        rig = KafkaRig(kafka, await new_store("grid"), await new_store("tasks"), prefix)
        reader, stop = Reader(rig), asyncio.Event()
        progress = {name: Progress(name) for name in ("sequencer", "publisher", "consumer")}
        async with asyncio.TaskGroup() as group:
            group.create_task(run_sequencer(rig.producer, stop, progress=progress["sequencer"]))
            settings = rig.settings("grid")
            group.create_task(
                run_publisher(rig.producer, settings, "grid", stop, progress=progress["publisher"])
            )
            group.create_task(run_consumer(reader.consumer, stop, progress=progress["consumer"]))
            made = await shelves(rig.producer, 5, books=2)
            await reached(lambda: reader.count(10), 30)
            await asyncio.to_thread(kafka.kill)
            for shelf_id in made * 3:
                await rig.producer.transact(partial(fill, shelf_id=shelf_id))
            if long:
                await reached(lambda: given_up_since(before), 90)
            await asyncio.to_thread(kafka.start)
            await reached(lambda: reader.count(25), 90)
            stop.set()
        assert (await reader.faults(dict.fromkeys(made, 5))).none
        assert await reader.parked() == []
    finally:
        await asyncio.to_thread(kafka.kill)
