"""The audit: what was edited, deleted, swapped or cut off is found; what was erased by law is told apart."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.events.audit import Checkpoint, Report, verify
from libs.common.events.erase import StillPending, erase
from libs.common.events.sequencer import sequence
from tests.common.events.nouns import ACTOR, NOW, fill, restate_shelf, shelves


async def filled(store: Database) -> list[UUID]:
    """A log of some batches."""
    made = await shelves(store, 4, books=3)
    await store.transact(partial(restate_shelf, shelf_id=made[0]))
    while await store.transact(partial(sequence, limit=3)):
        pass
    return made


async def spoil(store: Database, sql: str) -> None:
    """What somebody with the database's password could do."""

    async def work(session: AsyncSession) -> None:
        for command in sql.split(";"):
            await session.execute(text(command))

    await store.transact(work)


async def report(store: Database, checkpoint: Checkpoint | None = None) -> Report:
    """An audit."""
    return await store.read(lambda s: verify(s, checkpoint=checkpoint))


async def kinds(store: Database, checkpoint: Checkpoint | None = None) -> set[str]:
    """What kinds of faults an audit finds."""
    return {fault.kind for fault in (await report(store, checkpoint)).faults}


async def test_an_untouched_log_is_intact(store: Database) -> None:
    await filled(store)
    found = await report(store)
    assert found.intact
    assert (found.events, found.batches, found.erased) == (13, 5, [])
    assert found.head is not None
    assert found.head.position == 13
    assert Checkpoint.parse(found.head.render()) == found.head
    assert (await report(store, found.head)).intact


async def test_an_empty_log_is_intact(store: Database) -> None:
    found = await report(store)
    assert found.intact
    assert (await report(store, found.head)).intact


SPOILT = [
    ("UPDATE event_log SET actor = 'somebody else' WHERE position = 5", {"chain-broken"}),
    ("UPDATE event_log SET logged_at = logged_at + interval '1 second' WHERE position = 5", {"chain-broken"}),
    ("UPDATE event_log SET payload = '{}' WHERE position = 5", {"payload-changed"}),
    (
        "UPDATE event_log SET payload = '{}', payload_digest = sha256(salt || '{}') WHERE position = 5",
        {"chain-broken"},
    ),
    ("DELETE FROM event_log WHERE position = 5", {"chain-broken"}),
    ("DELETE FROM log_batch WHERE last = 6", {"batch-missing", "chain-broken", "outside-the-chain"}),
    (
        "UPDATE event_log SET position = 1000 WHERE position = 5;"
        "UPDATE event_log SET position = 5 WHERE position = 6;"
        "UPDATE event_log SET position = 6 WHERE position = 1000",
        {"chain-broken"},
    ),
    ("UPDATE event_log SET payload = NULL, salt = NULL WHERE position = 5", {"payload-gone"}),
    ("UPDATE history SET note = 'never happened' WHERE version = 2", {"history-changed"}),
    ("UPDATE history SET digest = sha256(digest) WHERE version = 2", {"history-replaced"}),
    ("DELETE FROM history WHERE version = 2", {"history-missing"}),
    ("UPDATE history SET salt = NULL, note = NULL WHERE version = 2", {"history-gone"}),
    ("UPDATE log_head SET position = 999", {"head-differs"}),
    (
        "INSERT INTO event_log SELECT 14, epoch, logged_at, event_id, topic, aggregate_type, aggregate_id,"
        " version, type, payload, salt, payload_digest, history_digest, actor, traceparent, restatement"
        " FROM event_log WHERE position = 1",
        {"outside-the-chain", "version-twice"},
    ),
]


@pytest.mark.parametrize(("sql", "expected"), SPOILT)
async def test_a_touched_log_is_not(store: Database, sql: str, expected: set[str]) -> None:
    await filled(store)
    await spoil(store, sql)
    assert await kinds(store) == expected


TRUNCATE = (
    "DELETE FROM event_log WHERE position > 9; DELETE FROM log_batch WHERE last > 9;"
    "UPDATE log_head SET position = 9, hash = (SELECT hash FROM log_batch WHERE last = 9)"
)


async def test_a_cut_off_end_shows_against_a_checkpoint_only(store: Database) -> None:
    await filled(store)
    head = (await report(store)).head
    await spoil(store, TRUNCATE)
    assert await kinds(store) == set()
    assert await kinds(store, head) == {"truncated"}


async def test_a_chain_that_was_written_anew_shows_against_a_checkpoint(store: Database) -> None:
    made = await filled(store)
    head = (await report(store)).head
    await spoil(store, TRUNCATE)
    await spoil(store, "DELETE FROM history h WHERE NOT EXISTS (SELECT 1 FROM event_log l"
                       " WHERE l.aggregate_id = h.aggregate_id AND l.version = h.version);"
                       "UPDATE test_shelf s SET version = (SELECT max(version) FROM history h"
                       " WHERE h.aggregate_id = s.id)")  # fmt: skip
    for shelf_id in made:
        await store.transact(partial(fill, shelf_id=shelf_id))
    await store.transact(partial(sequence, limit=4))
    assert await kinds(store) == set()
    assert await kinds(store, head) == {"rewritten"}


async def test_erased_by_law_is_reported_as_that(store: Database) -> None:
    made = await filled(store)
    gone = await store.transact(
        lambda s: erase(s, service="grid", aggregate_id=made[1], basis="pipl-47", actor=ACTOR, now=NOW)
    )
    assert gone == 3
    await store.transact(sequence)
    found = await report(store)
    assert found.intact
    assert {(one.by, one.basis) for one in found.erased} == {("system:grid", "pipl-47")}
    assert len(found.erased) == 3
    left = await store.read(
        lambda s: s.scalar(
            text(
                "SELECT count(*) FROM history WHERE aggregate_id = :id AND (salt IS NOT NULL OR note <> '')"
            ),
            {"id": made[1]},
        )
    )
    assert left == 0


async def test_an_erasure_that_the_log_does_not_tell_of_is_a_fault(store: Database) -> None:
    made = await filled(store)
    await store.transact(
        lambda s: erase(s, service="grid", aggregate_id=made[1], basis="pipl-47", actor=ACTOR, now=NOW)
    )
    assert await kinds(store) == {"payload-gone", "history-gone"}


async def test_what_is_not_logged_yet_cannot_be_erased(store: Database) -> None:
    made = await filled(store)
    await store.transact(partial(fill, shelf_id=made[1]))
    with pytest.raises(StillPending):
        await store.transact(
            lambda s: erase(s, service="grid", aggregate_id=made[1], basis="x", actor=ACTOR, now=NOW)
        )


async def test_a_long_erasure_is_told_in_pieces(store: Database) -> None:
    made = await shelves(store, 1)
    for _ in range(520):
        await store.transact(partial(fill, shelf_id=made[0]))
    await store.transact(sequence)
    await store.transact(
        lambda s: erase(s, service="grid", aggregate_id=made[0], basis="x", actor=ACTOR, now=NOW)
    )
    await store.transact(sequence)
    found = await report(store)
    assert found.intact
    assert (len(found.erased), found.events) == (521, 523)
