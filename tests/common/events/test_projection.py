"""Projections: all rows of a batch by one statement, the last word counts, one bad row stops no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from libs.common.db import Database
from libs.common.events.consumer import Consumer
from libs.common.events.models import ParkedMessage
from libs.common.events.projection import Projection
from libs.common.events.redrive import Redrive
from libs.common.events.routes import Routes
from libs.common.ids import new_id
from tests.common.events.nouns import (
    ACTOR,
    LABELS,
    NOW,
    KnownLabel,
    LabelChanged,
    ShelfFilled,
    add_shelf,
    label,
)
from tests.common.events.rig import NAME, Reader
from tests.common.events.test_bus_local import LocalRig
from tests.support.statements import statements


def counted(told: LabelChanged) -> Mapping[str, Any]:
    """How many words it has."""
    return {"count": len(told.words.split())}


LABEL = Projection(KnownLabel, counted)


@pytest.fixture
def reader(rig: LocalRig) -> Reader:
    """A consumer with a handler for shelves and a projection of labels."""
    made = Reader(rig)
    made.routes = Routes({ShelfFilled: made.on_filled, LabelChanged: LABEL})
    made.consumer = Consumer(NAME, rig.consumer, rig.bus(), made.routes)
    return made


def puts(asked: Sequence[tuple[str, Any]]) -> int:
    """How many of the statements write the projection."""
    return sum("INSERT INTO test_known_label" in sql for sql, _ in asked)


async def kept(database: Database) -> dict[UUID, int]:
    """What is known of the labels."""
    rows = await database.read(lambda s: s.scalars(select(KnownLabel)))
    return {row.id: row.count for row in rows}


async def labels(database: Database, count: int) -> list[UUID]:
    """So many labels, each told once."""
    return [await database.transact(label) for _ in range(count)]


async def test_a_batch_is_one_statement_and_the_last_word_counts(rig: LocalRig, reader: Reader) -> None:
    made = await labels(rig.producer, 20)
    await rig.producer.transact(partial(label, label_id=made[3]))
    await rig.sequence()
    async with statements(rig.consumer) as asked:
        await reader.drain()
    assert await kept(rig.consumer) == {key: 2 if key == made[3] else 1 for key in made}
    assert puts(asked) == 1


async def test_a_handler_finds_what_was_told_before_it(rig: LocalRig, reader: Reader) -> None:
    await labels(rig.producer, 2)
    await rig.producer.transact(add_shelf)
    await labels(rig.producer, 2)
    await rig.sequence()
    async with statements(rig.consumer) as asked:
        await reader.drain()
    assert len(await kept(rig.consumer)) == 4
    assert len(await reader.seen()) == 1
    assert puts(asked) <= 2


async def test_a_row_that_is_refused_is_parked_alone_and_redriven(rig: LocalRig, reader: Reader) -> None:
    rule = text("ALTER TABLE test_known_label ADD CONSTRAINT short CHECK (count < 3)")
    await rig.consumer.transact(lambda s: s.execute(rule))
    made = await labels(rig.producer, 30)
    for _ in range(2):
        await rig.producer.transact(partial(label, label_id=made[7]))
    await rig.sequence()
    await reader.drain()
    assert await kept(rig.consumer) == {key: 2 if key == made[7] else 1 for key in made}
    (parked,) = await rig.consumer.read(lambda s: s.scalars(select(ParkedMessage)))
    assert (parked.aggregate_id, parked.version, parked.reason) == (made[7], 3, "invariant")

    await rig.consumer.transact(
        lambda s: s.execute(text("ALTER TABLE test_known_label DROP CONSTRAINT short"))
    )
    done = await Redrive(rig.consumer, NAME, reader.routes, actor=ACTOR).key(LABELS.name, made[7], now=NOW)
    assert done.applied == 1
    assert (await kept(rig.consumer))[made[7]] == 3


async def test_it_keeps_the_whole_state_by_the_records_identity(rig: LocalRig) -> None:
    key = new_id()
    for words in ("a b", "c"):
        told = LabelChanged(happened_at=NOW, words=words)
        await rig.consumer.transact(partial(LABEL.keep, told=[(key, told)]))
    (row,) = await rig.consumer.read(lambda s: s.scalars(select(KnownLabel)))
    assert (row.id, row.words, row.count) == (key, "c", 1)
