"""Time-outs mark a wait and end nothing; objects of the other side are copied outside of transactions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import refuse_outside_calls
from libs.common.handover import jobs, repository, service
from libs.common.handover.jobs import WantedObject, copy_handover_media, mark_timed_out_handovers
from libs.common.handover.models import OutgoingHandover
from libs.common.handover.orders import Amendment, Outcome
from libs.common.handover.repository import Page
from tests.common.handover.world import AFTER, BEFORE, START, World

UNIT = UUID(int=7)
DONE = Outcome(result="solved", summary="已清理", media=(AFTER,))


async def _sweep(world: World) -> tuple[int, int]:
    marked = [
        await database.transact(lambda s: mark_timed_out_handovers(s, world.now))
        for database in (world.sender, world.receiver)
    ]
    return marked[0], marked[1]


async def _dispatchers(world: World, *areas: str) -> list[UUID]:
    rows = await world.sender.read(lambda s: repository.list_timed_out_outgoing(s, areas, Page()))
    return [row.id for row in rows]


async def _clerks(world: World, unit_id: UUID = UNIT) -> list[UUID]:
    rows = await world.receiver.read(lambda s: repository.list_timed_out_incoming(s, unit_id, Page()))
    return [row.id for row in rows]


async def test_a_wait_that_ran_out_shows_on_both_lists_and_later_steps_still_apply(world: World) -> None:
    handover_id = await world.request()
    world.later(hours=3, minutes=59)
    assert await _sweep(world) == (0, 0)
    world.later(minutes=1)
    assert await _sweep(world) == (1, 1)
    assert await _sweep(world) == (0, 0)
    assert await _dispatchers(world, "310101") == [handover_id]
    assert await _dispatchers(world, "310104", "310101002") == [handover_id]
    assert await _dispatchers(world, "310104") == []
    assert await _dispatchers(world) == []
    assert await _clerks(world) == [handover_id]
    assert await _clerks(world, UUID(int=8)) == []
    out = await world.outgoing(handover_id)
    assert (out.state, out.waiting_for, out.waiting_since, out.timed_out_at) == (
        "requested", "sign", START, world.now
    )  # fmt: skip
    await world.reply(service.sign, handover_id)
    await world.flow()
    assert await _dispatchers(world, "310101") == await _clerks(world) == []
    await world.agrees(handover_id)


async def test_the_deadline_is_the_wait_for_an_answer_and_an_extension_lifts_the_mark(world: World) -> None:
    handover_id = await world.request()
    await world.reply(service.sign, handover_id)
    await world.reply(service.ask_extension, handover_id, until=START + timedelta(days=2), reason="待料")
    await world.flow()
    world.later(hours=8)
    assert await _sweep(world) == (1, 1)
    assert (await world.outgoing(handover_id)).waiting_for == "extension_decision"
    await world.send(service.refuse_extension, handover_id, note="不同意")
    await world.flow()
    out = await world.outgoing(handover_id)
    assert (out.waiting_for, out.timed_out_at) == ("answer", None)
    assert await _sweep(world) == (1, 1)
    await world.send(service.urge, handover_id, note="")
    await world.flow()
    assert await _clerks(world) == [handover_id]
    later = START + timedelta(days=3)
    await world.send(service.change, handover_id, Amendment(due_at=later))
    await world.flow()
    assert await _clerks(world) == await _dispatchers(world, "310101") == []


async def test_the_senders_own_waits_run_out_too(world: World) -> None:
    handover_id = await world.request()
    await world.reply(service.sign, handover_id)
    await world.reply(service.give_back, handover_id, reason="非本单位", assigned=False)
    await world.flow()
    world.later(hours=4)
    assert await _sweep(world) == (1, 1)
    assert (await world.outgoing(handover_id)).waiting_for == "return_decision"
    await world.send(service.designate, handover_id, note="")
    await world.flow()
    await world.reply(service.answer, handover_id, DONE)
    await world.flow()
    world.later(hours=24)
    assert await _sweep(world) == (1, 1)
    assert (await world.outgoing(handover_id)).waiting_for == "check"
    await world.send(service.accept, handover_id)
    await world.flow()
    assert await _dispatchers(world, "31") == await _clerks(world) == []


async def test_neither_suspended_nor_without_deadline_is_ever_late(world: World) -> None:
    free = await world.request(due_at=None)
    halted = await world.request()
    for handover_id in (free, halted):
        await world.reply(service.sign, handover_id)
    await world.flow()
    await world.send(service.suspend, halted, note="台风")
    await world.flow()
    world.later(days=30)
    assert await _sweep(world) == (0, 0)


async def test_a_wait_without_a_configured_limit_does_not_run_out(world: World) -> None:
    handover_id = await world.request()

    async def forget(session: AsyncSession) -> None:
        row = await repository.get_for_update(session, OutgoingHandover, handover_id)
        row.waits = {}

    await world.sender.transact(forget)
    await world.send(service.urge, handover_id, note="")
    world.later(days=30)
    assert await world.sender.transact(lambda s: mark_timed_out_handovers(s, world.now)) == 0


async def test_the_lists_are_paged_by_key(world: World) -> None:
    ids = [await world.request() for _ in range(3)]
    world.later(hours=5)
    await _sweep(world)
    first = await world.sender.read(lambda s: repository.list_timed_out_outgoing(s, ["31"], Page(limit=2)))
    last = first[-1]
    assert last.timed_out_at is not None
    after = (last.timed_out_at, last.id)
    rest = await world.sender.read(
        lambda s: repository.list_timed_out_outgoing(s, ["31"], Page(after=after, limit=2))
    )
    assert [row.id for row in (*first, *rest)] == ids


async def test_objects_are_copied_once_and_tried_again_when_it_fails(world: World) -> None:
    handover_id = await world.request()
    await world.send(service.supplement, handover_id, note="", media=(AFTER,))
    await world.flow()
    asked: list[WantedObject] = []

    async def copy(wanted: Iterable[WantedObject]) -> Iterable[WantedObject]:
        refuse_outside_calls()
        asked.extend(wanted)
        return [each for each in wanted if each.hash == BEFORE.hash or len(asked) > 2]

    assert await copy_handover_media(world.receiver, copy, world.now) == 1
    assert {each.hash for each in asked} == {BEFORE.hash, AFTER.hash}
    assert {(each.handover_id, each.source) for each in asked} == {(handover_id, "grid")}
    assert await copy_handover_media(world.receiver, copy, world.now) == 0
    waited = timedelta(minutes=1)
    world.later(minutes=5)
    pending = await world.receiver.read(lambda s: repository.count_pending_media(s, waited, world.now))
    assert pending == 1
    assert await copy_handover_media(world.receiver, copy, world.now) == 1
    assert [each.hash for each in asked[2:]] == [AFTER.hash]
    assert await copy_handover_media(world.receiver, copy, world.later(hours=1)) == 0


async def test_a_copy_that_did_nothing_settles_nothing(world: World) -> None:
    await world.request()

    async def copy(_: Iterable[WantedObject]) -> Iterable[WantedObject]:
        return []

    assert await copy_handover_media(world.receiver, copy, world.now) == 0


async def test_a_copy_that_fails_is_tried_again_later(world: World) -> None:
    await world.request()

    async def fail(_: Iterable[WantedObject]) -> Iterable[WantedObject]:
        raise OSError("store away")

    with pytest.raises(OSError, match="store away"):
        await copy_handover_media(world.receiver, fail, world.now)
    pending = await world.receiver.read(
        lambda s: repository.count_pending_media(s, timedelta(0), world.later(minutes=3))
    )
    assert pending == 1


def test_the_sweep_is_declared() -> None:
    assert [job.name for job in jobs.JOBS] == ["mark_timed_out_handovers"]
