"""A member of a consumer group, without a broker: what a rebalance and a batch in hand owe each other."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from aiokafka import TopicPartition

from libs.common.db import DatabaseAway
from libs.common.events.bus import Mark, Slot
from libs.common.events.bus_kafka import Member
from libs.common.settings import Settings

SLOT, PARTITION = Slot("jiayuan.grid.shelf.v1", 3), TopicPartition("jiayuan.grid.shelf.v1", 3)
HERE = Settings(kafka_bootstrap="127.0.0.1:1")


async def nowhere(slots: Collection[Slot]) -> Mapping[Slot, Mark]:
    """No mark is stored."""
    return {}


class Committing(Member):
    """A member whose commit takes as long as the test wants."""

    def __init__(self) -> None:
        super().__init__(HERE, "tasks", "kafka:here", nowhere)
        self.asked, self.answered = asyncio.Event(), asyncio.Event()

    async def _commit(self) -> None:
        self.asked.set()
        await self.answered.wait()


async def test_a_member_that_is_given_up_leaves_the_rebalance_its_lock() -> None:
    """Found by chaos: the drain's lock was let go from outside, and the revoked marks stayed."""
    member = Committing()
    member._marks[SLOT] = Mark("kafka:here", 0, 7)
    revoking = asyncio.create_task(member.on_partitions_revoked([PARTITION]))
    await member.asked.wait()
    closing = asyncio.create_task(member.close())
    await asyncio.sleep(0)
    member.answered.set()
    await asyncio.gather(revoking, closing)
    assert SLOT not in member._marks


async def test_an_older_look_at_the_marks_does_not_stand_for_partitions_given_meanwhile() -> None:
    """Else, with the database away at a rebalance, messages of the new partitions were passed over."""
    asked, answered = asyncio.Event(), asyncio.Event()

    async def marks(slots: Collection[Slot]) -> Mapping[Slot, Mark]:
        if slots:
            raise DatabaseAway
        asked.set()
        await answered.wait()
        return {}

    member = Member(HERE, "tasks", "kafka:here", marks)
    looking = asyncio.create_task(member.again())
    await asked.wait()
    member._consumer.assign([PARTITION])
    await member.on_partitions_assigned([PARTITION])
    answered.set()
    await looking
    assert member._astray, "the marks of what was given have still to be read"
    await member.close()
