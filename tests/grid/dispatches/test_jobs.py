"""A unit that does not sign in time shows on the dispatcher's list."""

from __future__ import annotations

from datetime import timedelta

from libs.common.handover.jobs import JOBS as HANDOVER_JOBS
from libs.common.jobs import run_once
from services.grid.dispatches.jobs import JOBS
from tests.grid.factories import Desk, at_unit


async def test_an_unsigned_case_is_on_the_queue_until_it_is_signed(desk: Desk) -> None:
    unit = await at_unit(desk)
    assert await desk.queue() == []
    desk.clock.tick(timedelta(hours=5))
    await run_once(desk.database, "grid", HANDOVER_JOBS[0], now=desk.clock.now)
    assert await run_once(desk.database, "grid", JOBS[0], now=desk.clock.now) == 1
    assert await run_once(desk.database, "grid", JOBS[0], now=desk.clock.now) == 0
    assert await desk.queue(reason="unsigned") == [(str(unit.case_id), "unsigned")]
    await unit.sign()
    assert await desk.queue() == []
