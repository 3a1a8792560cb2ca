"""What every bus must keep: one suite, run over the local bus and over Kafka by a rig of each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import orjson
import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.errors import Conflict, Unavailable
from libs.common.events import park
from libs.common.events.bus import TopicRefused
from libs.common.events.consumer import Consumer
from libs.common.events.gate import Verdict
from libs.common.events.models import ConsumerOffset, EventLog, Outbox, VersionGate
from libs.common.events.offsets import Superseded
from libs.common.events.redrive import Redrive
from libs.common.events.routes import Routes
from libs.common.service import Delivery
from libs.common.tracing import new_traceparent, trace
from tests.common.events.nouns import (
    ACTOR,
    NOW,
    SHELVES,
    SecretTold,
    Seen,
    add_shelf,
    fill,
    label,
    move,
    restate_shelf,
    shelves,
)
from tests.common.events.rig import NAME, Reader, Rig


class BusCompliance:
    """The suite. A subclass provides the fixture `rig`."""

    @pytest.fixture
    async def reader(self, rig: Rig) -> AsyncIterator[Reader]:
        """The consumer under test."""
        made = Reader(rig)
        yield made
        await made.consumer.close()

    async def test_every_event_arrives_once_and_in_order(self, rig: Rig, reader: Reader) -> None:
        made = await shelves(rig.producer, 10, books=5)
        await rig.deliver()
        assert await reader.drain(limit=7) == 50
        assert (await reader.faults(dict.fromkeys(made, 5))).none

    async def test_a_new_process_goes_on_where_the_old_one_stopped(self, rig: Rig, reader: Reader) -> None:
        made = await shelves(rig.producer, 3, books=2)
        await rig.deliver()
        await reader.drain()
        await reader.consumer.close()
        await shelves(rig.producer, 1)
        await rig.deliver()
        again = Reader(rig)
        assert await again.drain() == 1
        assert (await again.faults(dict.fromkeys(made, 2))).none
        await again.consumer.close()

    async def test_redelivery_of_everything_changes_nothing(self, rig: Rig, reader: Reader) -> None:
        made = await shelves(rig.producer, 4, books=3)
        await rig.deliver()
        await reader.drain()
        await reader.consumer.close()
        await rig.consumer.transact(lambda s: s.execute(delete(ConsumerOffset)))
        again = Reader(rig)
        assert await again.drain() == 12
        assert (await again.faults(dict.fromkeys(made, 3))).none
        await again.consumer.close()

    async def test_control_without_the_gate_redelivery_is_seen_twice(self, rig: Rig) -> None:
        """Negative control: the checker must find the repeats."""
        made = await shelves(rig.producer, 4, books=3)
        await rig.deliver()
        for _ in range(2):
            ungated = Reader(rig, judge=lambda known, event: Verdict.APPLY)
            await ungated.drain()
            await ungated.consumer.close()
            await rig.consumer.transact(lambda s: s.execute(delete(ConsumerOffset)))
        assert (await ungated.faults(dict.fromkeys(made, 3))).repeated == 12

    async def test_what_was_done_before_a_crash_is_done_once(self, rig: Rig, reader: Reader) -> None:
        """The effect is stored and the bus never hears of it."""
        made = await shelves(rig.producer, 3)
        await rig.deliver()
        await reader.consumer._start()
        batch = await reader.consumer.bus.fetch(limit=100, wait=5)
        await reader.consumer._take(batch)
        await reader.consumer.close()
        made += await shelves(rig.producer, 1)
        await rig.deliver()
        again = Reader(rig)
        await again.drain()
        assert (await again.faults(dict.fromkeys(made, 1))).none
        await again.consumer.close()

    async def test_what_was_not_stored_comes_again(self, rig: Rig, reader: Reader) -> None:
        made = await shelves(rig.producer, 2, books=2)
        await rig.deliver()
        reader.failures[made[1], 2] = [Unavailable(), Unavailable()]
        for _ in range(2):
            with pytest.raises(Unavailable):
                await reader.drain()
        await reader.drain()
        assert (await reader.faults(dict.fromkeys(made, 2))).none
        assert await reader.parked() == []

    async def test_a_refusal_that_passes_is_tried_again(self, rig: Rig, reader: Reader) -> None:
        made = await shelves(rig.producer, 2)
        await rig.deliver()
        reader.failures[made[0], 1] = [Conflict(), Conflict(), Conflict()]
        await reader.drain()
        assert (await reader.faults(dict.fromkeys(made, 1))).none
        assert await reader.parked() == []

    async def test_poison_parks_its_key_and_nothing_else(self, rig: Rig, reader: Reader) -> None:
        made = await shelves(rig.producer, 6, books=4)
        await rig.deliver()
        sick = made[2]
        reader.broken.add((sick, 2))
        await reader.drain()
        expected = {**dict.fromkeys(made, 4), sick: 1}
        assert (await reader.faults(expected)).none
        assert await reader.parked() == [(2, "invariant"), (3, "behind"), (4, "behind")]
        assert await reader.gate(sick) == (1, 1, True)

    async def test_redrive_replays_a_key_in_order(self, rig: Rig, reader: Reader) -> None:
        made = await shelves(rig.producer, 2, books=4)
        await rig.deliver()
        reader.broken.add((made[0], 2))
        await reader.drain()
        redrive = Redrive(rig.consumer, NAME, reader.routes, actor=ACTOR)
        still = await redrive.key(SHELVES.name, made[0], now=NOW)
        assert (still.applied, still.released, still.problem) == (0, False, "conflict")
        reader.broken.clear()
        await rig.producer.transact(partial(fill, shelf_id=made[0]))
        await rig.deliver()
        await reader.drain()
        assert (await reader.parked())[-1] == (5, "behind")
        done = await redrive.key(SHELVES.name, made[0], now=NOW)
        assert (done.applied, done.released) == (4, True)
        assert (await reader.faults({made[0]: 5, made[1]: 4})).none
        assert await reader.gate(made[0]) == (1, 5, False)
        await rig.producer.transact(partial(fill, shelf_id=made[0]))
        await rig.deliver()
        await reader.drain()
        assert await reader.gate(made[0]) == (1, 6, False)
        deeds = select(Outbox.payload).where(Outbox.aggregate_type == "access")
        told = (await rig.consumer.read(lambda s: s.scalars(deeds))).all()
        assert [orjson.loads(one)["count"] for one in told] == [4]

    async def test_a_gap_parks_until_a_restatement(self, rig: Rig, reader: Reader) -> None:
        made = await shelves(rig.producer, 2, books=3)
        lost = delete(Outbox).where(Outbox.aggregate_id == made[0], Outbox.version == 2)
        await rig.producer.transact(lambda s: s.execute(lost))
        await rig.deliver()
        await reader.drain()
        assert await reader.parked() == [(3, "gap")]
        redrive = Redrive(rig.consumer, NAME, reader.routes, actor=ACTOR)
        assert (await redrive.key(SHELVES.name, made[0], now=NOW)).problem == "gap"
        await rig.producer.transact(partial(restate_shelf, shelf_id=made[0]))
        await rig.producer.transact(partial(fill, shelf_id=made[0]))
        await rig.deliver()
        await reader.drain()
        assert await reader.parked() == []
        assert [version for key, version in await reader.seen() if key == made[0]] == [1, 3, 4]
        assert await reader.gate(made[0]) == (1, 4, False)

    async def test_a_reader_that_comes_late_waits_for_a_restatement(self, rig: Rig, reader: Reader) -> None:
        made = await shelves(rig.producer, 1, books=2)
        await rig.producer.transact(lambda s: s.execute(delete(Outbox).where(Outbox.version == 1)))
        await rig.deliver()
        await reader.drain()
        assert await reader.parked() == [(2, "unknown")]
        await rig.producer.transact(partial(restate_shelf, shelf_id=made[0]))
        await rig.deliver()
        await reader.drain()
        assert await reader.seen() == [(made[0], 2)]
        assert await reader.parked() == []

    async def test_what_nobody_handles_passes_the_gate(self, rig: Rig, reader: Reader) -> None:
        made = await shelves(rig.producer, 1)
        await rig.producer.transact(partial(move, shelf_id=made[0]))
        await rig.producer.transact(partial(fill, shelf_id=made[0]))
        await rig.deliver()
        await reader.drain()
        assert [version for _, version in await reader.seen()] == [1, 3]
        assert await reader.gate(made[0]) == (1, 3, False)

    async def test_full_state_is_a_baseline_anywhere(self, rig: Rig, reader: Reader) -> None:
        made = await rig.producer.transact(label)
        for _ in range(3):
            await rig.producer.transact(partial(label, label_id=made))
        await rig.producer.transact(lambda s: s.execute(delete(Outbox).where(Outbox.version.in_([1, 3]))))
        await rig.deliver()
        await reader.drain()
        assert await reader.seen() == [(made, 2), (made, 4)]

    async def test_data_against_the_contract_parks_at_once(self, rig: Rig, reader: Reader) -> None:
        made = await shelves(rig.producer, 2)
        broken = update(Outbox).where(Outbox.aggregate_id == made[0]).values(payload='{"total": "many"}')
        await rig.producer.transact(lambda s: s.execute(broken))
        await rig.deliver()
        await reader.drain()
        assert await reader.parked() == [(1, "schema")]
        rows = await rig.consumer.read(lambda s: park.list_parked(s, NAME))
        assert "many" not in rows[0].problem
        assert rows[0].data_class == "internal"
        assert (await reader.faults({made[1]: 1})).none

    async def test_an_erased_event_passes_without_effect(self, rig: Rig, reader: Reader) -> None:
        made = await shelves(rig.producer, 1, books=2)
        await rig.sequence()
        gone = update(EventLog).where(EventLog.version == 1).values(payload=None, salt=None)
        await rig.producer.transact(lambda s: s.execute(gone))
        await rig.deliver()
        await reader.drain()
        assert await reader.seen() == [(made[0], 2)]
        assert await reader.gate(made[0]) == (1, 2, False)

    async def test_twins_of_one_consumer_do_everything_once(self, rig: Rig, reader: Reader) -> None:
        made = await shelves(rig.producer, 8, books=2)
        twin = Reader(rig)
        await rig.deliver()
        await asyncio.gather(reader.drain_until(16, limit=3), twin.drain_until(16, limit=3))
        await twin.consumer.close()
        made += await shelves(rig.producer, 4, books=2)
        await rig.deliver()
        await reader.drain_until(24, limit=3)
        assert (await reader.faults(dict.fromkeys(made, 2))).none
        assert await reader.parked() == []

    async def test_the_trace_goes_on(self, rig: Rig, reader: Reader) -> None:
        parent = new_traceparent()
        with trace(parent):
            await rig.producer.transact(add_shelf)
        await rig.deliver()
        await reader.drain()
        assert [one.split("-")[1] for one in reader.traces if one] == [parent.split("-")[1]]

    async def test_a_foreign_topic_is_refused(self, rig: Rig) -> None:
        async def never(session: AsyncSession, event: SecretTold, delivery: Delivery) -> None:
            raise AssertionError

        stranger = Consumer(NAME, rig.consumer, rig.bus(), Routes({SecretTold: never}))
        with pytest.raises(TopicRefused):
            await stranger.step(wait=5)
        await stranger.close()

    async def test_effect_gate_and_offset_are_one_transaction(self, rig: Rig, reader: Reader) -> None:
        await shelves(rig.producer, 2, books=2)
        await rig.deliver()
        await reader.drain()
        counts = await rig.consumer.read(
            lambda s: s.execute(
                select(
                    select(func.count()).select_from(Seen).scalar_subquery(),
                    select(func.sum(VersionGate.version)).scalar_subquery(),
                )
            )
        )
        assert tuple(counts.one()) == (4, 4)
        stale = text("UPDATE consumer_offset SET next = next + 1000 WHERE topic = :topic")
        await rig.producer.transact(add_shelf)
        await rig.deliver()
        batch = await reader.consumer.bus.fetch(limit=10, wait=5)
        await rig.consumer.transact(lambda s: s.execute(stale, {"topic": SHELVES.name}))
        with pytest.raises(Superseded):
            await reader.consumer._take(batch)
        assert len(await reader.seen()) == 4
