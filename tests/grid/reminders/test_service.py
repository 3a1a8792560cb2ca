"""A deadline that is near is told of once; one that was put off, anew."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from libs.common.events.models import Outbox
from libs.common.policy import Role
from services.grid.reminders import service
from tests.grid.crowd import crowd, walks
from tests.grid.factories import Desk
from tests.support.statements import statements

VERB = "cn.jiayuan.grid.case.due-soon.v1"


async def sweep(desk: Desk) -> int:
    return await desk.database.transact(lambda session: service.tell_due_soon(session, desk.clock.now))


async def test_a_quarter_of_its_time_before_the_deadline_and_once(desk: Desk) -> None:
    case = await desk.case(await desk.handled())
    assert case.due_at is not None
    assert case.clock_started_at is not None
    near = case.due_at - (case.due_at - case.clock_started_at) / 4
    desk.clock.now = near - timedelta(seconds=1)
    assert await sweep(desk) == 0
    desk.clock.now = near
    assert [await sweep(desk), await sweep(desk)] == [1, 0]
    told = await desk.database.read(
        lambda session: session.scalars(select(Outbox).where(Outbox.type == VERB))
    )
    assert [row.aggregate_id for row in told] == [case.id]


async def test_a_deadline_that_was_put_off_is_told_of_anew(desk: Desk) -> None:
    case_id = await desk.handled()
    first = (await desk.case(case_id)).due_at
    assert first is not None
    desk.clock.now = first - timedelta(minutes=1)
    assert await sweep(desk) == 1
    await desk.step(case_id, "ask-extension", {"reason": "待料"})
    deferral = await desk.step(case_id, "approve-deferral", {})
    assert deferral["deferral"] is not None
    await desk.step(case_id, "grant-deferral", {}, role=Role.DUTY_CHIEF)
    later = (await desk.case(case_id)).due_at
    assert later is not None
    assert later > first
    assert await sweep(desk) == 0
    desk.clock.now = later - timedelta(minutes=1)
    assert await sweep(desk) == 1


async def test_what_is_late_or_rests_is_not_told_of(desk: Desk) -> None:
    late, answered = await desk.handled(), await desk.answered()
    due = (await desk.case(late)).due_at
    assert due is not None
    desk.clock.now = due + timedelta(seconds=1)
    assert await sweep(desk) == 0
    assert (await desk.case(answered)).soon_mark is None


async def test_the_sweep_is_served_by_an_index(desk: Desk) -> None:
    await crowd(desk.database)
    async with statements(desk.database) as asked:
        await sweep(desk)
    (swept,) = [one for one in asked if "FOR UPDATE" in one[0]]
    assert await walks(desk.database, [swept], "grid_case") == []
