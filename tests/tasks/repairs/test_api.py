"""A repair order at its unit: signed, arrived at, finished; late marks on the inbox; the answer goes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from libs.common.contracts import handover as said
from libs.common.db import Database
from libs.common.jobs import run_once
from libs.common.policy import Role
from services.tasks.repairs.jobs import JOBS
from services.tasks.tasks.models import Task
from services.tasks.units.models import Unit
from tests.tasks.factories import MONDAY, Clock, Dispatcher, as_, create_unit, outbox, stored

TASKS = "/tasks/v1/tasks"
HOUR = timedelta(hours=1)


class Bench:
    """A unit with a repair order that it has signed."""

    def __init__(self, client: httpx.AsyncClient, grid: Dispatcher, unit: Unit, task: Task) -> None:
        self.client, self.grid, self.unit, self.task = client, grid, unit, task
        self.database = grid.database

    async def do(self, step: str, **body: Any) -> httpx.Response:
        version = (await stored(self.database, self.task.id)).version
        headers = as_(Role.UNIT_CLERK, unit_id=self.unit.id, version=version)
        return await self.client.post(f"{TASKS}/{self.task.id}/{step}", json=body or None, headers=headers)

    async def inbox(self) -> dict[str, Any]:
        headers = as_(Role.UNIT_CLERK, unit_id=self.unit.id)
        (one,) = (await self.client.get(f"{TASKS}/inbox", headers=headers)).json()["items"]
        return dict(one)

    async def sweep(self) -> None:
        await run_once(self.database, "tasks", JOBS[0], now=self.grid.clock.now)

    async def said(self, verb: str) -> list[dict[str, Any]]:
        events = await outbox(self.database)
        return [event.payload for event in events if event.type.split(".")[-2] == verb]


async def signed(client: httpx.AsyncClient, database: Database, clock: Clock) -> Bench:
    unit = await create_unit(database)
    grid = Dispatcher(database, clock)
    bench = Bench(client, grid, unit, await grid.request_repair(unit.id))
    assert (await bench.do("sign")).status_code == 200
    return bench


async def test_somebody_comes_and_finishes(
    client: httpx.AsyncClient, database: Database, clock: Clock
) -> None:
    bench = await signed(client, database, clock)
    one = await bench.inbox()
    assert (one["repair"], one["arrived_at"]) == ("urgent", None)
    early = await bench.do("answer", outcome="solved", summary="已修复")
    assert (early.status_code, early.json()["code"]) == (409, "task-not-arrived")
    clock.now = MONDAY + 2 * HOUR
    for _ in range(2):
        await bench.sweep()
    assert len(await bench.said("arrival-overdue")) == 1
    assert (await bench.inbox())["arrival_overdue_at"] is not None
    came = await bench.do("arrive", arrived_at=(MONDAY + HOUR / 2).isoformat(), note="已到场关阀")
    assert came.status_code == 200, came.text
    assert (came.json()["state"], came.json()["arrival_overdue_at"]) == ("working", None)
    (event,) = await bench.said("arrived")
    assert (event["on_time"], event["repair"]) == (True, "urgent")
    (progress,) = await bench.said("progressed")
    assert progress["arrived_at"] == event["arrived_at"]
    again = await bench.do("arrive", arrived_at=clock.now.isoformat(), note="再次")
    assert again.json()["code"] == "task-arrived-already"
    done = await bench.do("answer", outcome="solved", summary="已修复", finished_at=clock.now.isoformat())
    assert (done.status_code, done.json()["state"], done.json()["on_time"]) == (200, "done", True)
    told = [p for p in await bench.said("answered") if "handover_id" in p]
    assert told[0]["finished_at"] == done.json()["finished_at"]


async def test_who_comes_late_is_marked_and_the_return_says_why(
    client: httpx.AsyncClient, database: Database, clock: Clock
) -> None:
    bench = await signed(client, database, clock)
    clock.now = MONDAY + 2 * HOUR
    came = await bench.do("arrive", arrived_at=clock.now.isoformat(), note="堵车")
    assert came.json()["arrival_overdue_at"] is not None
    assert (await bench.said("arrived"))[0]["on_time"] is False
    back = await bench.do("return", reason="not-possible", note="配件停产")
    assert (back.status_code, back.json()["return_reason"]) == (200, "not-possible")
    (asked,) = await bench.said("return-asked")
    assert asked["note"] == "not-possible: 配件停产"


async def test_while_the_clock_stands_nobody_is_late(
    client: httpx.AsyncClient, database: Database, clock: Clock
) -> None:
    bench = await signed(client, database, clock)
    await bench.grid.say(said.Suspended, note="挂账")
    clock.now = MONDAY + 5 * HOUR
    await bench.sweep()
    assert await bench.said("arrival-overdue") == []
    await bench.grid.say(said.Resumed, due_at=MONDAY + 29 * HOUR)
    assert (await stored(database, bench.task.id)).arrive_due_at == MONDAY + 6 * HOUR
