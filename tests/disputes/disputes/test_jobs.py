"""The sweep marks what has run over its tier's limit, once."""

from __future__ import annotations

from datetime import timedelta

import httpx

from libs.common.db import Database
from services.disputes.disputes.domain import State
from services.disputes.disputes.jobs import mark_overdue_disputes
from tests.disputes.factories import Clock, create_bodies
from tests.disputes.matters import Desk


async def test_a_passed_limit_is_marked_once_and_ends_nothing(
    client: httpx.AsyncClient, database: Database, clock: Clock
) -> None:
    await create_bodies(database)
    desk = Desk(client, database)
    await desk.register()
    dispute = await desk.reach(State.MEDIATING)
    assert dispute.due_at is not None
    due = dispute.due_at
    late = due + timedelta(seconds=1)
    assert await database.transact(lambda s: mark_overdue_disputes(s, due)) == 0
    assert await database.transact(lambda s: mark_overdue_disputes(s, late)) == 1
    assert await database.transact(lambda s: mark_overdue_disputes(s, late)) == 0
    marked = await desk.stored()
    assert (marked.overdue_at, marked.state) == (late, State.MEDIATING)
    assert (await desk.events()).count("overdue") == 1
    clock.now = late + timedelta(days=1)
    until = (clock.now + timedelta(days=10)).isoformat()
    extended = await desk.does("extend", {"until": until, "party_ids": await desk.everyone()})
    assert extended.overdue_at is None


async def test_what_is_decided_or_unplaced_is_never_overdue(
    client: httpx.AsyncClient, database: Database, clock: Clock
) -> None:
    await create_bodies(database)
    waiting, decided = Desk(client, database), Desk(client, database)
    await waiting.register()
    await decided.register()
    await decided.reach(State.REFUSED)
    assert await database.transact(lambda s: mark_overdue_disputes(s, clock.now + timedelta(days=400))) == 0
