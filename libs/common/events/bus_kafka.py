"""The Kafka bus, reading side: explicit commits, drained rebalances, the offset taken from the database.

The offset that counts is the one stored with the effect, in the consumer's database; what is committed to
Kafka only shows operators how far a group is. A consumer that stops without an error is rebuilt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from libs.common.errors import Unavailable
from libs.common.events import metrics
from libs.common.events.bus import NOWHERE, Batch, Incoming, Mark, Marks, Slot, TopicRefused
from libs.common.events.envelope import Undecodable, decode, key
from libs.common.events.kafka_client import BusAway, Cluster, client_options, look, stopped
from libs.common.settings import Settings

log = structlog.get_logger(__name__)

CHECK_SECONDS = 5.0
STUCK_SECONDS = 20.0
DRAIN_SECONDS = 25.0
COMMIT_SECONDS = 1.0
STOP_SECONDS = 10.0
FAILURES = 2


class KafkaBus:
    """A place in a consumer group. `stuck_after`: seconds behind without a message before it is rebuilt."""

    def __init__(
        self,
        settings: Settings,
        *,
        reader: str,
        stuck_after: float = STUCK_SECONDS,
        check: float = CHECK_SECONDS,
    ) -> None:
        self.settings = settings
        self.reader = reader
        self.stuck_after = stuck_after
        self.check = check
        self._topics: tuple[str, ...] = ()
        self._load: Marks | None = None
        self._cluster = Cluster("", {})
        self._member: Member | None = None
        self._failures = 0
        self._came_at = self._checked_at = 0.0

    async def start(self, topics: Collection[str], marks: Marks) -> None:
        """Join the group. Raises `TopicRefused`, `BusAway`."""
        self._topics = tuple(topics)
        self._load = marks
        self._cluster = await look(self.settings, self._topics)
        await self._join()

    async def _join(self) -> None:
        assert self._load is not None
        member = Member(self.settings, self.reader, self._cluster.origin, self._load)
        try:
            await member.start(self._topics)
        except (KafkaError, OSError, TimeoutError) as error:
            await member.close()
            raise BusAway from error
        self._member = member
        self._came_at = self._checked_at = asyncio.get_running_loop().time()

    async def fetch(self, *, limit: int, wait: float) -> Batch:
        """The next messages. Raises `BusAway`; then, or when stuck, the member is replaced."""
        if self._member is None:
            await self._join()
        member = self._member
        assert member is not None
        try:
            batch = await member.fetch(limit, wait)
            if not batch:
                await self._watch(member)
        except TopicAuthorizationFailedError as error:
            raise TopicRefused from error
        except (KafkaError, OSError, TimeoutError) as error:
            self._failures += 1
            if self._failures >= FAILURES:
                await self._rebuild()
            raise BusAway from error
        if batch:
            self._came_at = asyncio.get_running_loop().time()
        self._failures = 0
        return batch

    async def _watch(self, member: Member) -> None:
        """Behind, and nothing comes: give the member up."""
        now = asyncio.get_running_loop().time()
        if now - self._checked_at < self.check:
            return
        self._checked_at = now
        behind = await member.behind()
        for topic, lag in behind.items():
            metrics.CONSUMER_LAG.labels(self.reader, topic).set(lag)
        if not sum(behind.values()):
            self._came_at = now
        elif now - self._came_at > self.stuck_after:
            await self._rebuild()

    async def _rebuild(self) -> None:
        metrics.CONSUMER_REBUILT.labels(self.reader).inc()
        log.warning("consumer_rebuilt", consumer=self.reader)
        self._failures = 0
        await self.close()

    async def done(self, batch: Batch) -> None:
        """The batch is stored: commit its offsets, now or with a later batch."""
        if self._member is not None:
            await self._member.done(batch)

    async def again(self) -> None:
        """Go back to the stored marks."""
        if self._member is not None:
            await self._member.again()

    async def close(self) -> None:
        """Leave the group."""
        member, self._member = self._member, None
        if member is not None:
            await member.close()


class Member:
    """One aiokafka consumer in its group, and where it stands in each partition it was given."""

    def __init__(self, settings: Settings, reader: str, origin: str, marks: Marks) -> None:
        self.prefix = settings.kafka_prefix
        self.origin = origin
        self._load = marks
        self._marks: dict[Slot, Mark] = {}
        self._idle = asyncio.Lock()
        self._held = False
        """Whether it is a batch, and not a rebalance, that holds the lock."""
        self._committed_at = 0.0
        self._astray = False
        """Whether the consumer may stand elsewhere than at the stored marks."""
        self._in_hand = False
        self._seeks = 0
        self._consumer = AIOKafkaConsumer(
            **client_options(settings),
            group_id=self.prefix + reader,
            client_id=reader,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=10_000,
            heartbeat_interval_ms=3_000,
            max_poll_interval_ms=300_000,
            rebalance_timeout_ms=30_000,
            request_timeout_ms=20_000,
            fetch_max_wait_ms=200,
        )

    async def start(self, topics: Iterable[str]) -> None:
        """Connect and ask for partitions; they come later, by `on_partitions_assigned`."""
        async with asyncio.timeout(15):
            await self._consumer.start()
        self._consumer.subscribe([self.prefix + topic for topic in topics], listener=self)

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Begin at the stored marks. If they cannot be read now, `fetch` tries again before it reads."""
        self._astray = True
        try:
            await self._seek()
        except Unavailable as error:
            log.warning("marks_not_read", kind=type(error).__name__)

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Let the batch in hand finish. If it does not, the fence in the database keeps it harmless."""
        try:
            async with asyncio.timeout(DRAIN_SECONDS), self._idle:
                await self._commit()
        except TimeoutError:
            log.warning("rebalance_not_drained", group=self.prefix)
        for partition in revoked:
            self._marks.pop(self._slot(partition), None)

    async def _seek(self) -> None:
        """Stand at the stored marks of everything that is ours. Until that is done nothing is handed out.

        A rebalance may come while the marks are read: what was given meanwhile has not been looked up here.
        """
        slots = [self._slot(partition) for partition in self._consumer.assignment()]
        stored = await self._load(slots)
        ours = self._consumer.assignment()
        for slot in slots:
            if self._partition(slot) in ours:
                mark = stored.get(slot, NOWHERE)
                self._marks[slot] = mark
                self._consumer.seek(self._partition(slot), mark.next if mark.origin == self.origin else 0)
        self._in_hand = False
        self._astray = not ours <= {self._partition(slot) for slot in slots}
        self._seeks += 1

    async def fetch(self, limit: int, wait: float) -> Batch:
        """Whatever has come for our partitions. The batch is in hand until `done` or `again`."""
        if self._astray or self._in_hand:
            await self._seek()
        seeks = self._seeks
        records = await self._consumer.getmany(timeout_ms=int(wait * 1000), max_records=limit)
        unknown = any(found and self._slot(place) not in self._marks for place, found in records.items())
        if self._astray or unknown or seeks != self._seeks:
            # Given partitions meanwhile: what came may begin elsewhere than at the stored marks.
            self._astray = True
            return Batch()
        messages: list[Incoming] = []
        after: dict[Slot, Mark] = {}
        for partition, found in records.items():
            slot = self._slot(partition)
            if found:
                messages += [self._read(slot, record) for record in found]
                after[slot] = Mark(self.origin, 0, found[-1].offset + 1)
        if not messages:
            return Batch()
        await self._idle.acquire()
        self._held = self._in_hand = True
        before = {slot: self._marks.get(slot, NOWHERE) for slot in after}
        return Batch(tuple(messages), before, after)

    def _read(self, slot: Slot, record: Any) -> Incoming:
        raw = record.value or b""
        try:
            message = decode(raw, topic=slot.topic)
            if record.key != key(message.aggregate_id):
                raise Undecodable("the key is not the subject")
        except Undecodable as error:
            return Incoming(slot, record.offset, None, raw, str(error))
        return Incoming(slot, record.offset, message, raw)

    async def done(self, batch: Batch) -> None:
        """Stored: the marks move, the batch is out of hand."""
        self._marks.update({slot: mark for slot, mark in batch.after.items() if slot in self._marks})
        self._in_hand = False
        self._put_down()
        now = asyncio.get_running_loop().time()
        if now - self._committed_at > COMMIT_SECONDS:
            self._committed_at = now
            await self._commit()

    async def again(self) -> None:
        """Not stored: read what is ours again from the stored marks."""
        self._astray = True
        self._put_down()
        await self._seek()

    def _put_down(self) -> None:
        if self._held:
            self._held = False
            self._idle.release()

    async def _commit(self) -> None:
        """Tell Kafka where we are, for whoever looks there. It may refuse: nothing depends on it."""
        ours = self._consumer.assignment()
        offsets = {
            self._partition(slot): mark.next
            for slot, mark in self._marks.items()
            if mark.origin == self.origin and self._partition(slot) in ours
        }
        if not offsets:
            return
        try:
            await asyncio.wait_for(self._consumer.commit(offsets), 5)
        except (KafkaError, TimeoutError) as error:
            log.debug("commit_refused", kind=type(error).__name__)

    async def behind(self) -> Mapping[str, int]:
        """Messages that wait, per topic. Raises `KafkaError`, `TimeoutError`."""
        ours = list(self._consumer.assignment())
        waiting: dict[str, int] = {}
        if not ours:
            return waiting
        async with asyncio.timeout(10):
            ends = await self._consumer.end_offsets(ours)
            for partition in ours:
                slot = self._slot(partition)
                at = await self._consumer.position(partition)
                waiting[slot.topic] = waiting.get(slot.topic, 0) + max(0, ends[partition] - at)
        return waiting

    async def close(self) -> None:
        """Leave the group; a broker that is away is not waited for."""
        self._put_down()
        if not await stopped(self._consumer, STOP_SECONDS):
            log.debug("consumer_stop_failed")

    def _slot(self, partition: TopicPartition) -> Slot:
        return Slot(partition.topic.removeprefix(self.prefix), partition.partition)

    def _partition(self, slot: Slot) -> TopicPartition:
        return TopicPartition(self.prefix + slot.topic, slot.partition)


ConsumerRebalanceListener.register(Member)
