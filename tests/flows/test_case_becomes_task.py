"""Story 1: a case that needs a unit becomes the unit's task and comes back, every message delivered twice."""

from __future__ import annotations

from sqlalchemy import text

from libs.common.policy import Role
from tests.flows.story import TOWN, Story, ok
from tests.flows.world import World


async def begun(world: World, *, sign_off: bool = False) -> Story:
    """Units and duty are known, the case is with the unit."""
    story = Story(world)
    await story.settle_units(sign_off=sign_off)
    await story.dispatch()
    return story


async def test_there_and_back(world: World) -> None:
    story = Story(world)
    await story.settle_units()
    proposed = await story.dispatch()
    assert proposed["unit_id"] == str(story.unit_id)
    task = await story.task()
    assert (task["state"], task["subject_number"]) == ("assigned", (await story.case())["number"])
    await story.work("sign")
    assert (await story.case())["state"] == "handling"
    await story.work("progress", note="已联系保洁")
    await story.answer()
    assert (await story.case())["state"] == "checking"
    assert (await story.check(passed=True))["state"] == "checked"
    closed = await story.step(story.duty_chief, "close")
    assert (closed["state"], closed["outcome"], closed["on_time"]) == ("closed", "solved", True)
    await world.settle()
    assert (await story.task())["state"] == "closed"
    await nothing_parked(world)


async def test_photos_reach_both_sides(world: World) -> None:
    story = await begun(world)
    await story.work("sign")
    await story.answer()
    await world.copy_photos()
    task = ok(await story.clerk.get(f"/tasks/v1/tasks/{(await story.task())['id']}"))
    case = await story.case()
    hashes = {photo["hash"] for photo in case["photos"]}
    assert len(hashes) == 2
    assert hashes == {photo["hash"] for photo in task["photos"]}
    for name in hashes:
        assert await story.dispatcher.download(f"/grid/v1/media/{name}") == "image/jpeg"
        assert await story.clerk.download(f"/tasks/v1/media/{name}") == "image/jpeg"
    stranger = world.person(Role.UNIT_CLERK, TOWN, unit_id=story.other_unit_id, subject="stranger")
    for name in hashes:
        assert (await stranger.get(f"/tasks/v1/media/{name}")).status == 404


async def test_a_failed_check_is_rework_without_a_fresh_clock(world: World) -> None:
    story = await begun(world)
    due = (await story.case())["due_at"]
    await story.work("sign")
    await story.answer()
    world.clock.move(hours=2)
    await story.check(passed=False)
    case, task = await story.case(), await story.task()
    assert (case["state"], case["rework_count"], case["due_at"]) == ("handling", 1, due)
    assert (task["reworks"], task["due_at"], task["unit_id"]) == (1, due, str(story.unit_id))
    await story.answer(3)
    await story.check(passed=True)
    assert (await story.step(story.duty_chief, "close"))["state"] == "closed"


async def test_a_returned_case_goes_to_another_unit_as_a_new_handover(world: World) -> None:
    story = await begun(world)
    first = (await story.case())["handover_id"]
    await story.work("return", reason="not-our-duty", note="属房管所职责")
    case = await story.case()
    assert (case["state"], case["queue"], case["return_count"]) == ("returned", "returned", 1)
    await story.step(story.dispatcher, "dispatch", unit_id=str(story.other_unit_id))
    await world.settle()
    assert (await story.task())["state"] == "returned"
    case = await story.case()
    assert (case["state"], case["unit_id"]) == ("dispatched", str(story.other_unit_id))
    assert case["handover_id"] != first


async def test_a_designated_unit_cannot_return_again(world: World) -> None:
    story = await begun(world)
    await story.work("return", reason="not-our-duty", note="属房管所职责")
    await story.step(story.dispatcher, "designate", reason="职责清单明确")
    await world.settle()
    task = await story.task()
    assert task["designated"] is True
    refused = await story.clerk.post(
        f"/tasks/v1/tasks/{task['id']}/return",
        {"reason": "not-our-duty", "note": "仍不是"},
        version=task["version"],
    )
    assert refused.status == 409
    await story.work("sign")
    assert (await story.case())["state"] == "handling"


async def test_an_extension_is_asked_for_and_granted_or_refused(world: World) -> None:
    story = await begun(world)
    due = (await story.case())["due_at"]
    await story.work("sign")
    until = "2026-11-26T15:59:59Z"
    await story.work("extension", until=until, reason="等待材料")
    assert (await story.case())["queue"] == "extension"
    await story.step(story.dispatcher, "refuse-deferral", reason="时限内可以完成")
    await world.settle()
    assert (await story.task())["due_at"] == due
    await story.work("extension", until=until, reason="材料明日到")
    await story.step(story.dispatcher, "approve-deferral")
    await story.step(story.duty_chief, "grant-deferral")
    await world.settle()
    extended = (await story.case())["due_at"]
    assert extended > due
    assert (await story.task())["due_at"] == extended


async def test_urging_reaches_the_clerk(world: World) -> None:
    story = await begun(world)
    await story.step(story.dispatcher, "urge", note="居民再次来电")
    await world.settle()
    inbox = ok(await story.clerk.get("/tasks/v1/tasks/inbox"))["items"]
    assert [(task["subject_id"], task["urges"]) for task in inbox] == [(str(story.case_id), 1)]


async def test_an_answer_after_a_withdrawal_is_recorded_and_not_applied(world: World) -> None:
    story = await begun(world)
    await story.work("sign")
    task = await story.task()
    await story.step(story.duty_chief, "void", reason_code="entered-by-mistake", reason="误报")
    photo = await story.photo(story.clerk, "tasks", 2)
    answered = await story.clerk.post(
        f"/tasks/v1/tasks/{task['id']}/answer",
        {"outcome": "solved", "summary": "已清理", "photos": [photo]},
        version=task["version"],
    )
    ok(answered)
    await world.settle()
    assert (await story.case())["state"] == "voided"
    assert (await story.task())["state"] == "withdrawn"
    recorded = await rows(world, "grid", "SELECT step, applied FROM handover_step WHERE step = 'answer'")
    assert recorded == [("answer", False)]
    await nothing_parked(world)


async def test_a_wait_that_ran_out_shows_on_the_dispatchers_queue(world: World) -> None:
    story = await begun(world)
    world.clock.move(days=1)
    await world.sweep("grid", "mark_timed_out_handovers")
    for job in [job.name for job in world.sides["grid"].service.jobs]:
        await world.sweep("grid", job)
    queue = ok(await story.dispatcher.get("/grid/v1/queue"))["items"]
    assert [(case["id"], case["queue"]) for case in queue] == [(str(story.case_id), "unsigned")]
    await story.work("sign")
    assert (await story.case())["state"] == "handling"


async def test_the_leaders_sign_off_comes_before_the_answer(world: World) -> None:
    story = await begun(world, sign_off=True)
    await story.work("sign")
    photo = await story.photo(story.clerk, "tasks", 2)
    await story.work("submit", outcome="solved", summary="已清理", photos=[photo])
    assert (await story.case())["state"] == "handling"
    await story.work("approve", story.leader)
    assert (await story.case())["state"] == "checking"


async def test_a_changed_duty_reaches_grid(world: World) -> None:
    story = Story(world)
    await story.settle_units()
    changed = await story.administrator.patch(
        f"/tasks/v1/duties/{story.duty['id']}",
        {"lead_unit_ids": [str(story.other_unit_id)]},
        version=story.duty["version"],
    )
    ok(changed)
    await world.settle()
    proposed = await story.dispatch()
    assert proposed["unit_id"] == str(story.other_unit_id)


async def test_emptied_projections_are_rebuilt_from_the_reference_topics(world: World) -> None:
    story = Story(world)
    await story.settle_units()
    before = await projections(world)
    assert all(before.values())
    await world.forget("grid", ("jiayuan.tasks.unit.v1", "jiayuan.tasks.duty.v1"), tuple(before))
    assert not any((await projections(world)).values())
    await world.settle()
    assert await projections(world) == before


async def projections(world: World) -> dict[str, list[tuple[object, ...]]]:
    """What grid knows of units and duties."""
    return {
        table: await rows(world, "grid", f"SELECT * FROM {table} ORDER BY 1")
        for table in ("known_unit", "known_duty")
    }


async def rows(world: World, service: str, query: str) -> list[tuple[object, ...]]:
    """What a database holds."""
    found = await world.sides[service].database.read(lambda session: session.execute(text(query)))
    return [tuple(row) for row in found]


async def nothing_parked(world: World) -> None:
    """No message was put aside on either side."""
    for service in world.sides:
        assert await rows(world, service, "SELECT reason FROM parked_message") == []
