"""`record`: one event, one history row, one outbox row per version."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.events.models import History, Outbox
from libs.common.events.record import Entry, PayloadTooLarge, append_many, record
from libs.common.ids import new_id
from libs.common.tracing import new_traceparent, trace
from tests.common.events.nouns import ACTOR, NOW, Shelf, ShelfFilled, add_shelf, fill, restate_shelf


async def test_each_version_has_one_event_and_one_history_row(store: Database) -> None:
    shelf = await store.transact(add_shelf)
    await store.transact(lambda session: fill(session, shelf.id, note="second"))
    outbox = await store.read(lambda s: s.scalars(select(Outbox).order_by(Outbox.id)))
    rows = outbox.all()
    assert [row.version for row in rows] == [1, 2]
    history = (await store.read(lambda s: s.scalars(select(History).order_by(History.version)))).all()
    assert [row.version for row in history] == [1, 2]
    assert [row.history_digest for row in rows] == [row.digest for row in history]
    assert history[1].changed == {"total": 2, "share": 0.1}
    assert (history[1].note, history[1].actor, history[1].at) == ("second", "system:grid", NOW)
    assert not any(row.restatement for row in rows)


async def test_a_restatement_carries_the_version_and_bumps_nothing(store: Database) -> None:
    shelf = await store.transact(add_shelf)
    await store.transact(lambda session: restate_shelf(session, shelf.id))
    rows = (await store.read(lambda s: s.scalars(select(Outbox).order_by(Outbox.id)))).all()
    assert [(row.version, row.restatement) for row in rows] == [(1, False), (1, True)]
    assert rows[1].history_digest is None
    assert await store.read(lambda s: s.scalar(select(func.count()).select_from(History))) == 1


async def test_the_trace_travels_with_the_event(store: Database) -> None:
    parent = new_traceparent()
    with trace(parent):
        await store.transact(add_shelf)
    assert await store.read(lambda s: s.scalar(select(Outbox.traceparent))) == parent


async def test_a_payload_over_the_limit_is_refused(store: Database) -> None:
    shelf = await store.transact(add_shelf)
    with pytest.raises(PayloadTooLarge):
        await store.transact(lambda session: fill(session, shelf.id, note="书" * 6000))
    assert await store.read(lambda s: s.scalar(select(Shelf.version))) == 1


async def test_one_version_cannot_have_two_events(store: Database) -> None:
    entry = Entry(ShelfFilled(happened_at=NOW, total=1), new_id(), 1, ACTOR, at=NOW)
    with pytest.raises(IntegrityError):
        await store.transact(
            lambda s: append_many(s, [entry, Entry(entry.event, entry.aggregate_id, 1, ACTOR, at=NOW)])
        )


async def test_many_entries_keep_their_order(store: Database) -> None:
    entries = [Entry(ShelfFilled(happened_at=NOW, total=n), new_id(), 1, ACTOR, at=NOW) for n in range(50)]
    await store.transact(lambda session: append_many(session, entries))
    stored = await store.read(lambda s: s.scalars(select(Outbox.event_id).order_by(Outbox.id)))
    assert list(stored) == [entry.event_id for entry in entries]


async def test_an_id_is_drawn_only_with_a_transaction_id(store: Database) -> None:
    """Without it the sequencer could take an id for decided whose writer has not begun (`Floor`)."""

    async def drawn_first(_: AsyncSession) -> bool:
        row = await store.read(
            lambda s: s.scalar(text("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef"
                                    " WHERE adrelid = 'outbox'::regclass AND adnum = 1"))
        )  # fmt: skip
        return str(row).index("pg_current_xact_id") < str(row).index("nextval")

    assert await store.transact(drawn_first)


async def test_record_without_a_change_names_the_events_verb(store: Database) -> None:
    shelf = await store.transact(add_shelf)

    async def plain(session: AsyncSession) -> None:
        await record(session, shelf, ShelfFilled(happened_at=NOW, total=2), actor=ACTOR, now=NOW)

    await store.transact(plain)
    found = await store.read(
        lambda s: s.scalar(
            select(History.action).where(History.aggregate_id == shelf.id, History.version == 2)
        )
    )
    assert found == "filled"
