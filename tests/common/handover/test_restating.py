"""A side that lost steps, or begins from nothing, is told again what the other side knows."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.handover import service
from libs.common.handover.models import HandoverStep, IncomingHandover, OutgoingHandover
from libs.common.handover.orders import Amendment, Outcome
from libs.common.handover.restating import restaters
from tests.common.handover.conftest import NewWorld
from tests.common.handover.world import AFTER, CONTENTS, SHARED, World

DONE = Outcome(result="solved", summary="已清理", media=(AFTER,))


async def _say_again(world: World, who: str, noun: str) -> None:
    database = world.sender if who == "grid" else world.receiver
    restate: Any = restaters(who)[noun]
    after: UUID | None = None
    while True:
        after = await database.transact(partial(restate, limit=2, after=after))
        if after is None:
            return


async def _lose(database: Database, table: Any) -> None:
    async def lose(session: AsyncSession) -> None:
        await session.execute(delete(HandoverStep))
        await session.execute(delete(table))

    await database.transact(lose)


async def _alike(world: World, handover_id: UUID) -> None:
    out, back = await world.outgoing(handover_id), await world.incoming(handover_id)
    assert {n: getattr(out, n) for n in SHARED} == {n: getattr(back, n) for n in SHARED}
    assert (out.peer_version, back.peer_version) == (back.version, out.version)


async def test_a_receiver_that_lost_everything_goes_on_where_the_sender_had_read(world: World) -> None:
    handover_id = await world.request()
    await world.reply(service.sign, handover_id)
    await world.flow()
    await world.send(service.urge, handover_id, note="")
    await world.flow()
    await _lose(world.receiver, IncomingHandover)
    world.heard.clear()
    await _say_again(world, "grid", "outgoing-handover")
    await world.flow()
    await _alike(world, handover_id)
    assert set(world.heard) == {"on_restated"}
    row = await world.incoming(handover_id)
    assert (row.version, row.peer, row.waiting_for, row.wait_until) == (1, "grid", "answer", row.due_at)
    await world.reply(service.answer, handover_id, DONE)
    await world.flow()
    await _alike(world, handover_id)
    assert (await world.outgoing(handover_id)).state == "answered"


async def test_a_sender_that_lost_everything_learns_it_from_the_receiver(world: World) -> None:
    handover_id = await world.request()
    await world.reply(service.sign, handover_id)
    await world.reply(service.answer, handover_id, DONE)
    await world.flow()
    await _lose(world.sender, OutgoingHandover)
    await _say_again(world, "tasks", "incoming-handover")
    await world.flow()
    await _alike(world, handover_id)
    out = await world.outgoing(handover_id)
    assert (out.version, out.peer, out.state, out.answer) == (
        1,
        "tasks",
        "answered",
        DONE.model_dump(mode="json"),
    )
    await world.send(service.accept, handover_id)
    await world.flow()
    await _alike(world, handover_id)


async def test_lost_orders_are_made_good_and_the_unread_answer_stands(world: World) -> None:
    handover_id = await world.request()
    await world.reply(service.sign, handover_id)
    await world.flow()
    await world.reply(service.answer, handover_id, DONE)
    await world.send(service.urge, handover_id, note="催")
    await world.send(service.designate, handover_id, note="指定")
    await world.skip_the_past_of(world.down)
    await _say_again(world, "grid", "outgoing-handover")
    await world.down.deliver()
    row = await world.incoming(handover_id)
    assert (row.state, row.urges, row.designated) == ("answered", 1, True)
    await world.flow()
    await _alike(world, handover_id)


async def test_an_unread_return_is_void_if_the_lost_order_was_a_designation(world: World) -> None:
    handover_id = await world.request()
    await world.reply(service.give_back, handover_id, reason="非本单位", assigned=False)
    await world.send(service.designate, handover_id, note="指定")
    await world.skip_the_past_of(world.down)
    await _say_again(world, "grid", "outgoing-handover")
    await world.flow()
    await _alike(world, handover_id)
    assert (await world.incoming(handover_id)).state == "requested"
    assert [
        (s.applied, s.why) for s in await world.steps(handover_id, at="receiver") if s.step == "return"
    ] == [(False, "crossed:designate")]


async def test_lost_replies_are_made_good_and_the_unread_order_stands(world: World) -> None:
    handover_id = await world.request()
    await world.reply(service.sign, handover_id)
    await world.reply(service.give_back, handover_id, reason="非本单位", assigned=False)
    await world.send(service.change, handover_id, Amendment(due_at=world.now + timedelta(days=1)))
    await world.skip_the_past_of(world.up)
    await _say_again(world, "tasks", "incoming-handover")
    await world.up.deliver()
    out = await world.outgoing(handover_id)
    assert (out.state, out.due_at) == ("return_requested", world.now + timedelta(days=1))
    await world.flow()
    await _alike(world, handover_id)


async def test_what_the_sender_has_ended_stays_ended(world: World) -> None:
    handover_id = await world.request()
    await world.reply(service.sign, handover_id)
    await world.flow()
    await world.send(service.withdraw, handover_id, note="")
    await _say_again(world, "tasks", "incoming-handover")
    world.heard.clear()
    await world.up.deliver()
    assert world.heard == []
    await world.flow()
    assert (
        (await world.outgoing(handover_id)).state == (await world.incoming(handover_id)).state == "withdrawn"
    )


async def test_all_are_said_again_page_by_page_but_not_who_has_said_nothing(new_world: NewWorld) -> None:
    world = await new_world("supervision")
    ids = [await world.request() for _ in range(3)]
    await world.reply(service.sign, ids[1])
    await world.flow()
    await _lose(world.receiver, IncomingHandover)
    await _say_again(world, "grid", "outgoing-handover")
    await world.flow()
    for handover_id in ids:
        await _alike(world, handover_id)
    assert await world.republished(world.sender) == 3
    await _say_again(world, "tasks", "incoming-handover")
    assert await world.republished(world.receiver) == 1


async def test_without_hooks_it_is_kept_all_the_same(world: World) -> None:
    world.without_hooks()
    handover_id = await world.request()
    await world.reply(service.sign, handover_id)
    await world.flow()
    await _say_again(world, "grid", "outgoing-handover")
    await _say_again(world, "tasks", "incoming-handover")
    await world.flow()
    await _alike(world, handover_id)


async def test_a_restatement_too_large_for_the_bus_leaves_the_texts_out(world: World) -> None:
    long = CONTENTS.model_copy(update={"description": "长" * 4000})
    handover_id = await world.request(contents=long)
    await world.reply(service.sign, handover_id)
    await world.reply(service.answer, handover_id, Outcome(result="solved", summary="清" * 2000))
    await world.flow()
    await world.send(service.demand_rework, handover_id, note="")
    await world.skip_the_past_of(world.down)
    await _say_again(world, "grid", "outgoing-handover")
    await world.down.deliver()
    row = await world.incoming(handover_id)
    assert (row.state, row.reworks, row.contents["description"]) == ("signed", 1, "长" * 4000)
    await _lose(world.receiver, IncomingHandover)
    await _say_again(world, "grid", "outgoing-handover")
    await world.down.deliver()
    row = await world.incoming(handover_id)
    assert (row.state, row.contents["title"], row.contents["description"]) == ("signed", CONTENTS.title, "")
