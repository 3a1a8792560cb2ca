"""Story 6: a case that several units have at once, one leads; its parts come back each by itself.

Every message is delivered twice.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.common.policy import Role
from tests.flows.story import TOWN, Story, ok
from tests.flows.test_case_becomes_task import nothing_parked
from tests.flows.world import Person, World

POLICE = {
    "code": "310107005.police", "name_zh": "曹杨新村派出所", "name_en": "Police station",
    "kind": "police-station", "area": TOWN, "source": "演示", "settings": {"sign_off_required": True},
}  # fmt: skip
ANSWER: dict[str, Any] = {"outcome": "solved", "summary": "已到场维持秩序", "photos": []}


class Police:
    """The police station beside the lead: its clerk writes, its leader signs off."""

    def __init__(self, story: Story, unit_id: UUID) -> None:
        self.story = story
        self.unit_id = unit_id
        person = story.world.person
        self.clerk = person(Role.UNIT_CLERK, TOWN, unit_id=unit_id, subject="police-1")
        self.leader = person(Role.UNIT_LEADER, TOWN, unit_id=unit_id, subject="police-2")

    async def task(self) -> Any:
        """Its part of the case."""
        found = ok(await self.clerk.get("/tasks/v1/tasks", unit_id=str(self.unit_id)))["items"]
        return found[0]

    async def work(self, name: str, person: Person | None = None, **body: Any) -> Any:
        """A step on its part; its news arrives."""
        task = await self.task()
        path = f"/tasks/v1/tasks/{task['id']}/{name}"
        done = ok(await (person or self.clerk).post(path, body, version=task["version"]))
        await self.story.world.settle()
        return done


async def shared(world: World) -> tuple[Story, Police]:
    """The duty list wants the police beside the lead; the case is with both."""
    story = Story(world)
    await story.settle_units()
    police = Police(story, UUID(ok(await story.administrator.post("/tasks/v1/units", POLICE), 201)["id"]))
    path = f"/tasks/v1/duties/{story.duty['id']}"
    ok(await story.administrator.patch(path, {"police_support": True}, version=story.duty["version"]))
    await world.settle()
    await story.report()
    await story.step(story.acceptor, "accept")
    await story.step(story.duty_chief, "file", standard="found")
    lead, beside = ok(await story.dispatcher.get(f"{story.path}/proposed-units"))["items"]
    assert (beside["unit_id"], beside["role"]) == (str(police.unit_id), "cooperating")
    partners = [{"unit_id": beside["unit_id"], "note": "请到场维持秩序"}]
    await story.step(story.dispatcher, "dispatch-jointly", unit_id=lead["unit_id"], partners=partners)
    await world.settle()
    return story, police


async def test_both_answer_and_one_is_sent_back(world: World) -> None:
    story, police = await shared(world)
    mine = await story.task()
    others = ok(await story.clerk.get(f"/tasks/v1/tasks/{mine['id']}/joint"))["items"]
    assert [(each["unit_id"], each["lead"]) for each in others] == [(str(police.unit_id), False)]
    await story.work("sign")
    await story.answer()
    assert (await story.case())["state"] == "handling"
    await police.work("sign")
    await police.work("submit", **ANSWER)
    assert (await story.case())["state"] == "handling"  # nothing leaves before the leader has signed
    await police.work("approve", police.leader)
    assert (await story.case())["state"] == "checking"
    await story.step(story.dispatcher, "assign-check", inspector=story.checker.subject)
    failed = {"passed": False, "note": "现场无人值守", "unit_ids": [str(police.unit_id)]}
    await story.step(story.checker, "check", **failed)
    await world.settle()
    assert ((await story.task())["state"], (await police.task())["reworks"]) == ("done", 1)
    await police.work("submit", **ANSWER)
    await police.work("approve", police.leader)
    await story.check(passed=True)
    assert (await story.step(story.duty_chief, "close"))["state"] == "closed"
    await world.settle()
    assert [each["state"] for each in (await story.task(), await police.task())] == ["closed", "closed"]
    await nothing_parked(world)


async def test_a_return_beside_the_lead_stops_nobody(world: World) -> None:
    story, police = await shared(world)
    await police.work("return", reason="not-our-area", note="非本所辖区")
    case = await story.case()
    assert (case["state"], case["queue"]) == ("dispatched", "joint_returned")
    await story.work("sign")
    await story.answer()
    released = {"unit_id": str(police.unit_id), "reason": "同意退出"}
    assert (await story.step(story.dispatcher, "release-partner", **released))["state"] == "checking"
    await world.settle()
    assert (await police.task())["state"] == "returned"
    await nothing_parked(world)
