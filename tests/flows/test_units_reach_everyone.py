"""Story 5: a unit renamed, merged or with other duties reaches every service; what runs stays as it began.

Every message is delivered twice.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.common.ids import new_id
from libs.common.policy import Role
from tests.flows.promise import CHARGERS, Promise
from tests.flows.story import CLUTTER, NEIGHBOURHOOD, TOWN, Story, ok
from tests.flows.test_case_becomes_task import nothing_parked, rows
from tests.flows.world import World

CODE = "T-U"
UNIT = "jiayuan.tasks.unit.v1"
MERGED = {"valid_to": "2026-11-22", "source": "机构改革方案"}
"""The day before the story begins was its last."""


class Known:
    """A unit that has a case, is a party to a dispute and owes a share of a target; and another beside it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.story = Story(world)
        self.promise = Promise(world)
        self.coordinator = world.person(Role.CENTRE_COORDINATOR, TOWN)
        self.dispute = f"/disputes/v1/disputes/{new_id()}"
        self.target = ""

    @property
    def unit(self) -> str:
        """The unit."""
        return str(self.story.unit_id)

    @property
    def other(self) -> str:
        """The one beside it."""
        return str(self.story.other_unit_id)

    async def begin(self) -> None:
        """The matters are running."""
        await self.story.settle_units()
        await self.promise.begin()
        self.promise.clerks[self.unit] = self.story.clerk
        await self.story.dispatch()
        ok(await self.quarrel(self.dispute), 201)
        self.target = await self.promise.target(CODE, **CHARGERS)
        await self.promise.share(self.target, self.unit, "100")

    async def quarrel(self, path: str) -> Any:
        """An owner's dispute with the unit, registered at the centre."""
        body = {
            "title": "停车位使用争议",
            "description": "固定车位被长期占用",
            "area": NEIGHBOURHOOD,
            "parties": [
                {"name": "张三", "role": "applicant", "kind": "owner"},
                {"name": "某物业", "role": "respondent", "kind": "firm", "unit_id": self.unit},
            ],
        }
        return await self.coordinator.put(path, body)

    async def change(self, **changes: Any) -> None:
        """The administrator changes the unit; everybody hears of it."""
        path = f"/tasks/v1/units/{self.unit}"
        version = (await self.story.administrator.get(path)).version
        ok(await self.story.administrator.patch(path, changes, version=version))
        await self.world.settle()

    async def names(self) -> dict[str, str]:
        """What grid, disputes and targets call it."""
        proposed = ok(await self.story.dispatcher.get(f"{self.story.path}/proposed-units"))["items"]
        parties = ok(await self.coordinator.get(self.dispute))["parties"]
        shares = ok(await self.promise.officer.get(f"{self.target}/allocations"))["items"]
        return {
            "grid": next(each["name_zh"] for each in proposed if each["unit_id"] == self.unit),
            "disputes": next(each["unit_name"] for each in parties if each["unit_id"] == self.unit),
            "targets": next(each["unit_name"] for each in shares if each["unit_id"] == self.unit),
        }

    async def another_case(self) -> None:
        """The same is found once more: filed, not yet dispatched."""
        self.story.case_id = new_id()
        await self.story.report()
        await self.story.step(self.story.acceptor, "accept")
        await self.story.step(self.story.duty_chief, "file", standard="found")

    async def finish(self, case_id: UUID) -> None:
        """The unit ends the case that it has, as if nothing had happened."""
        self.story.case_id = case_id
        await self.story.work("sign")
        await self.story.answer()
        await self.story.check(passed=True)
        closed = await self.story.step(self.story.duty_chief, "close")
        assert (closed["state"], closed["unit_id"]) == ("closed", self.unit)


async def known(world: World) -> Known:
    """The unit and its matters."""
    story = Known(world)
    await story.begin()
    return story


async def test_a_renamed_unit_has_its_new_name_everywhere_and_keeps_its_matters(world: World) -> None:
    story = await known(world)
    assert set((await story.names()).values()) == {"曹杨新村街道平安办"}
    await story.change(name_zh="曹杨新村街道平安建设办公室", aliases=["曹杨新村街道平安办"])
    assert set((await story.names()).values()) == {"曹杨新村街道平安建设办公室"}
    await story.finish(story.story.case_id)
    await story.promise.report(CODE, story.unit, "90")
    assert (await story.promise.progress(story.target))["value"] == "90"
    await nothing_parked(world)


async def test_a_merged_unit_gets_nothing_new_and_ends_what_it_has(world: World) -> None:
    story = await known(world)
    running = story.story.case_id
    await story.change(**MERGED, successor_id=story.other)
    # grid: neither proposed nor dispatched to
    await story.another_case()
    path, dispatcher = story.story.path, story.story.dispatcher
    assert ok(await dispatcher.get(f"{path}/proposed-units"))["items"] == []
    version = (await dispatcher.get(path)).version
    refused = await dispatcher.post(f"{path}/dispatch", {"unit_id": story.unit}, version=version)
    assert (refused.status, refused.body["code"]) == (422, "unit-unknown")
    await story.story.step(dispatcher, "dispatch", unit_id=story.other)
    # tasks and disputes: not named any more
    body = {"title": "整治", "description": "整治", "unit_id": story.unit}
    assert (await story.promise.office.post("/tasks/v1/tasks", body)).status in (409, 422)
    assert (await story.quarrel(f"/disputes/v1/disputes/{new_id()}")).status == 422
    # targets: no new share; the old one stands, and its red light is the successor's
    fresh = await story.promise.target("T-NEW", **CHARGERS)
    share = {"unit_id": story.unit, "area": TOWN, "share": "100", "unit": "facility"}
    given = await story.promise.officer.put(f"{fresh}/allocations", {"items": [share]}, version=1)
    assert given.status == 422
    await story.promise.report(CODE, story.unit, "8")
    await story.promise.look()
    assert [each["unit_id"] for each in await story.promise.supervisions(CODE)] == [story.other]
    # what runs goes on
    parties = ok(await story.coordinator.get(story.dispute))["parties"]
    assert story.unit in {each["unit_id"] for each in parties}
    await story.finish(running)
    await nothing_parked(world)


async def test_other_duties_are_for_new_cases_alone(world: World) -> None:
    story = await known(world)
    running = story.story.case_id
    duty = story.story.duty
    changed = {"lead_unit_ids": [story.other]}
    path = f"/tasks/v1/duties/{duty['id']}"
    ok(await story.story.administrator.patch(path, changed, version=duty["version"]))
    await world.settle()
    await story.another_case()
    proposed = ok(await story.story.dispatcher.get(f"{story.story.path}/proposed-units"))["items"]
    assert [each["unit_id"] for each in proposed] == [story.other]
    case = ok(await story.story.dispatcher.get(f"/grid/v1/cases/{running}"))
    assert (case["unit_id"], case["category"]) == (story.unit, CLUTTER)
    await story.finish(running)


async def test_emptied_projections_of_units_are_rebuilt_from_the_reference_topic(world: World) -> None:
    story = Story(world)
    await story.settle_units()
    path = f"/tasks/v1/units/{story.unit_id}"
    ok(await story.administrator.patch(path, {"name_zh": "曹杨新村街道平安建设办公室"}, version=1))
    await world.settle()
    query = "SELECT * FROM known_unit ORDER BY id"
    for service in ("grid", "disputes", "targets"):
        before = await rows(world, service, query)
        assert len(before) == 2
        await world.forget(service, [UNIT], ["known_unit"])
        assert await rows(world, service, query) == []
        await world.settle()
        assert await rows(world, service, query) == before
    await nothing_parked(world)
