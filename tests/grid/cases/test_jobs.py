"""What is overdue shows on the dispatcher's list."""

from __future__ import annotations

from datetime import timedelta

from libs.common.jobs import run_once
from services.grid.cases.jobs import JOBS
from tests.grid.factories import Desk, outbox


async def test_overdue_cases_are_marked_once_and_a_late_answer_is_late(desk: Desk) -> None:
    case_id = await desk.handled()
    due_at = (await desk.case(case_id)).due_at
    assert due_at is not None
    assert await run_once(desk.database, "grid", JOBS[0], now=due_at) == 0
    desk.clock.now = due_at + timedelta(seconds=1)
    assert await run_once(desk.database, "grid", JOBS[0], now=desk.clock.now) == 1
    assert await run_once(desk.database, "grid", JOBS[0], now=desk.clock.now) == 0
    assert await desk.queue(reason="overdue") == [(str(case_id), "overdue")]
    shown = await desk.answer(case_id)
    assert (shown["on_time"], shown["queue"]) == (False, "to_check")
    await desk.check(case_id)
    await desk.step(case_id, "close", {})
    assert (await outbox(desk.database))[-1].payload["on_time"] is False
