"""Story 4: a light turned red proposes supervision, the office decides, its verified end comes back.

Every message is delivered twice.
"""

from __future__ import annotations

from typing import Any

from tests.flows.promise import CHARGERS, SUPERVISIONS, Promise
from tests.flows.story import ok
from tests.flows.test_case_becomes_task import nothing_parked
from tests.flows.world import World

CODE = "T-RED"


class Red:
    """A target of a hundred chargers, eight of them there by the end of October."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.promise = Promise(world)
        self.unit = ""
        self.target = ""

    async def begin(self) -> None:
        """The light is red, and what comes of that has arrived."""
        (self.unit,) = await self.promise.begin("regional")
        self.target = await self.promise.target(CODE, **CHARGERS)
        await self.promise.share(self.target, self.unit, "100")
        await self.tell("8")

    async def tell(self, quantity: str) -> None:
        """The unit reports this; lights are looked at."""
        await self.promise.report(CODE, self.unit, quantity)
        await self.promise.look()

    async def proposed(self) -> Any:
        """The newest supervision."""
        return (await self.promise.supervisions(CODE))[0]

    async def episode(self) -> Any:
        """The newest red light."""
        return (await self.promise.episodes(self.target))[-1]

    async def decide(self, step: str, **body: Any) -> Any:
        """The office decides; targets hears of it."""
        path = f"{SUPERVISIONS}/{(await self.proposed())['id']}"
        decided = await self.promise.step(self.promise.office, path, step, **body)
        await self.world.settle()
        return decided

    async def issue(self) -> str:
        """The office issues the supervision; answers the path of its task."""
        issued = await self.decide("issue", due_at="2026-12-07T10:00:00Z", note="请抓紧推进")
        return f"/tasks/v1/tasks/{issued['task_id']}"

    async def not_issue(self) -> Any:
        """The office does not."""
        return await self.decide("not-issue", reason="data-error", note="上月数据漏报，正在补报")


async def red(world: World) -> Red:
    """A red light and its proposal."""
    story = Red(world)
    await story.begin()
    return story


async def test_issued_worked_on_and_verified(world: World) -> None:
    story = await red(world)
    promise = story.promise
    assert await promise.light(CODE) == "red"
    (proposed,) = await promise.supervisions(CODE)
    told = ok(await promise.office.get(f"{SUPERVISIONS}/{proposed['id']}"))
    assert (told["state"], told["unit_id"], told["allowed_actions"]) == (
        "proposed",
        story.unit,
        ["issue", "not_issue"],
    )
    assert (told["details"]["value"], told["details"]["goal"]) == ("8", "100")
    task = await story.issue()
    episode = await story.episode()
    assert (episode["state"], episode["task_id"]) == ("issued", task.rpartition("/")[2])
    assert ok(await promise.clerks[story.unit].get(task))["subject_number"] == proposed["number"]
    await promise.done(task, story.unit)
    await promise.verify(task)
    assert (await story.episode())["state"] == "issued"
    await promise.close(task)
    episode = await story.episode()
    assert (episode["state"], episode["on_time"]) == ("verified", True)
    assert (await story.proposed())["state"] == "closed"
    assert episode["closed_at"] is None  # the light is red still: that is for the next figures to say
    await nothing_parked(world)


async def test_not_issued_with_a_reason(world: World) -> None:
    story = await red(world)
    decided = await story.not_issue()
    assert (decided["state"], decided["reason"], decided["task_id"]) == ("not_issued", "data-error", None)
    episode = await story.episode()
    assert (episode["state"], episode["answer_note"]) == ("not_issued", "上月数据漏报，正在补报")
    await nothing_parked(world)


async def test_one_proposal_per_red_episode_and_another_after_it_left_red(world: World) -> None:
    story = await red(world)
    promise = story.promise
    for days in range(3):
        world.clock.move(days=days)
        await story.tell(str(9 + days))  # other figures, red all the same
        await promise.look()
    assert await promise.light(CODE) == "red"
    assert len(await promise.supervisions(CODE)) == 1
    await story.not_issue()
    await promise.look()
    assert len(await promise.supervisions(CODE)) == 1
    await story.tell("90")
    assert await promise.light(CODE) == "green"
    (first,) = await promise.episodes(story.target)
    assert first["closed_at"] is not None
    await story.tell("8")
    assert await promise.light(CODE) == "red"
    assert [each["state"] for each in await promise.episodes(story.target)] == ["not_issued", "proposed"]
    assert [each["state"] for each in await promise.supervisions(CODE)] == ["proposed", "not_issued"]
    handovers = {each["handover_id"] for each in await promise.supervisions(CODE)}
    assert len(handovers) == 2
    await nothing_parked(world)


async def test_a_task_that_ended_undone_lays_it_before_the_office_again(world: World) -> None:
    story = await red(world)
    promise = story.promise
    task = await story.issue()
    await promise.step(promise.office, task, "withdraw", note="责任单位有误")
    await world.settle()
    assert (await story.proposed())["state"] == "proposed"
    again = await story.issue()
    assert again != task
    assert (await story.episode())["task_id"] == again.rpartition("/")[2]
    await promise.done(again, story.unit)
    await promise.verify(again)
    await promise.close(again)
    assert (await story.episode())["state"] == "verified"
    assert len(await promise.supervisions(CODE)) == 1
    await nothing_parked(world)


async def test_not_issued_after_its_task_ended_undone(world: World) -> None:
    story = await red(world)
    promise = story.promise
    task = await story.issue()
    await promise.step(promise.office, task, "withdraw", note="责任单位有误")
    await world.settle()
    await story.not_issue()
    assert (await story.proposed())["state"] == "not_issued"
    episode = await story.episode()
    assert (episode["state"], episode["answer_note"]) == ("not_issued", "data-error")
    await nothing_parked(world)


async def test_the_light_may_leave_red_while_the_unit_works(world: World) -> None:
    story = await red(world)
    promise = story.promise
    task = await story.issue()
    await story.tell("90")
    assert (await story.episode())["closed_at"] is not None
    await promise.done(task, story.unit)
    await promise.verify(task)
    await promise.close(task)
    (episode,) = await promise.episodes(story.target)
    assert episode["state"] == "verified"
