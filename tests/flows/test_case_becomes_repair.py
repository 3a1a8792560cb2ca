"""Story: a case goes out as a repair order; somebody comes, late; it is finished, checked and closed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.common.policy import Role
from tests.flows.story import TOWN, Story, ok
from tests.flows.test_case_becomes_task import nothing_parked
from tests.flows.world import World


async def ordered(world: World) -> Story:
    """Two repairers are known, the case is with the fallback unit."""
    story = Story(world)
    units = []
    for kind, name in (("housing-office", "曹杨新村街道房管所"), ("repair-centre", "普陀区应急维修中心")):
        body = {"code": f"{TOWN}.{kind}", "name_zh": name, "name_en": kind, "kind": kind, "area": TOWN}
        made = await story.administrator.post("/tasks/v1/units", body | {"source": "演示"})
        units.append(UUID(ok(made, 201)["id"]))
    story.unit_id, story.other_unit_id = units
    story.clerk = world.person(Role.UNIT_CLERK, TOWN, unit_id=story.unit_id)
    await world.settle()
    await story.report()
    await story.step(story.acceptor, "accept")
    await story.step(story.duty_chief, "file", standard="found")
    return story


async def open_repairs(story: Story, **asked: Any) -> list[Any]:
    """Open repair orders as the dispatcher sees them."""
    return list(ok(await story.dispatcher.get("/grid/v1/repairs", **asked))["items"])


async def test_there_late_and_back(world: World) -> None:
    story = await ordered(world)
    proposed = ok(await story.dispatcher.get(f"{story.path}/proposed-repair"))
    assert {item["kind"] for item in proposed["items"]} == {"housing-office", "repair-centre"}
    await story.step(story.dispatcher, "repair", unit_id=str(story.unit_id), urgency="urgent")
    await world.settle()
    task = await story.task()
    assert (task["repair"], task["arrive_due_at"]) == ("urgent", proposed_due(await open_repairs(story)))
    await story.work("sign")
    world.clock.move(hours=2)
    await world.sweep("tasks", "mark_absent_repairers")
    assert (await story.task())["arrival_overdue_at"] is not None
    assert len(await open_repairs(story, late="true")) == 1
    now = world.clock.now.isoformat()
    await story.work("arrive", arrived_at=now, note="已到场")
    (one,) = await open_repairs(story)
    assert (one["order"]["arrived_on_time"], one["case"]["state"]) == (False, "handling")
    photo = await story.photo(story.clerk, "tasks", 2)
    await story.work("answer", outcome="solved", summary="已修复", photos=[photo], finished_at=now)
    assert (await story.case())["state"] == "checking"
    await story.check(passed=True)
    assert (await story.step(story.duty_chief, "close"))["state"] == "closed"
    await world.settle()
    assert (await story.task())["state"] == "closed"
    (dispatch,) = ok(await story.dispatcher.get(f"{story.path}/dispatches"))["items"]
    assert dispatch["finished_at"] is not None
    await nothing_parked(world)


def proposed_due(repairs: list[Any]) -> Any:
    """By when somebody is to be there, as the grid has it."""
    (one,) = repairs
    return one["order"]["arrive_due_at"]


async def test_what_cannot_be_repaired_comes_back_and_goes_to_the_emergency_centre(world: World) -> None:
    story = await ordered(world)
    await story.step(story.dispatcher, "repair", unit_id=str(story.unit_id))
    await world.settle()
    await story.work("return", reason="not-possible", note="无配件")
    assert (await story.case())["queue"] == "returned"
    await story.step(story.dispatcher, "repair", unit_id=str(story.other_unit_id), urgency="emergency")
    await world.settle()
    assert (await story.task())["state"] == "returned"
    assert (await story.case())["unit_id"] == str(story.other_unit_id)
    await nothing_parked(world)
