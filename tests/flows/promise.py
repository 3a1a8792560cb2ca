"""The people of a plan and their steps in their words: what was promised, and the work towards it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import UUID

from libs.common.ids import new_id, stable_id
from libs.common.policy import Role
from tests.flows.story import TOWN, ok, upload_photo
from tests.flows.world import Person, World

TASKS = "/tasks/v1/tasks"
SUPERVISIONS = "/tasks/v1/supervisions"
CHARGERS = {"kind": "count", "wanted": {"value": "100", "comparator": "reach", "unit": "facility"}}
"""New e-bike chargers 新增充电设施, a hundred of them."""


def target_id(code: str) -> str:
    """The id that every service derives from the target's code."""
    return str(stable_id("target", code))


class Promise:
    """A city plan of the year in force, two units of the town, and everybody around them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.administrator = world.person(Role.ADMINISTRATOR, "31")
        self.officer = world.person(Role.TARGET_OFFICER, "31")
        self.office = world.person(Role.SUPERVISION_OFFICE, "31")
        self.plan_id = str(new_id())
        self.clerks: dict[str, Person] = {}
        self._seeds = count(2)

    # -- before the story

    async def begin(self, *codes: str) -> list[str]:
        """The units of these codes and the plan, in force; answers the units' ids."""
        units = [await self.unit(code) for code in codes]
        plan = {
            "code": "story-2026",
            "title_zh": "上海市住宅小区治理2026年工作计划",
            "title_en": "City plan for residential estates 2026",
            "level": "city",
            "area": "31",
            "period_from": "2026-01-01",
            "period_to": "2026-12-31",
        }
        path = f"/targets/v1/plans/{self.plan_id}"
        ok(await self.officer.put(path, plan), 201)
        await self.step(self.officer, path, "put-in-force", note="经市联席会议审议通过")
        await self.world.settle()
        return units

    async def unit(self, code: str, **overrides: Any) -> str:
        """A unit of the town, and its clerk."""
        body = {
            "code": f"{TOWN}.{code}",
            "name_zh": f"曹杨新村街道{code}",
            "name_en": code,
            "kind": "office",
            "area": TOWN,
            "source": "演示",
        }
        made = ok(await self.administrator.post("/tasks/v1/units", body | overrides), 201)
        self.clerks[made["id"]] = self.world.person(
            Role.UNIT_CLERK, TOWN, unit_id=UUID(made["id"]), subject=f"clerk:{code}"
        )
        return str(made["id"])

    async def step(self, person: Person, path: str, name: str, **body: Any) -> Any:
        """A step on a record, on its present version."""
        version = (await person.get(path)).version
        return ok(await person.post(f"{path}/{name}", body, version=version))

    # -- targets

    async def target(self, code: str, **told: Any) -> str:
        """A target of the plan, known to tasks afterwards; answers its path."""
        body = {
            "code": code,
            "plan_id": self.plan_id,
            "title_zh": f"年度目标{code}",
            "title_en": f"Target {code}",
            "level": "city",
            "area": "31",
            "start": "2026-01-01",
            "deadline": "2026-12-31",
        }
        path = f"/targets/v1/targets/{target_id(code)}"
        ok(await self.officer.put(path, body | told), 201)
        await self.world.settle()
        return path

    async def share(self, path: str, unit_id: str, share: str) -> None:
        """One unit of the town owes so many chargers, and is asked to report."""
        version = (await self.officer.get(path)).version
        item = {"unit_id": unit_id, "area": TOWN, "share": share, "unit": "facility"}
        ok(await self.officer.put(f"{path}/allocations", {"items": [item]}, version=version))
        await self.world.sweep("targets", "expect_reports")

    async def report(self, code: str, unit_id: str, quantity: str) -> None:
        """The unit says how many there were up to last month, or corrects it; the officer accepts."""
        found = ok(await self.officer.get("/targets/v1/reports", target=target_id(code)))["items"]
        path = f"/targets/v1/reports/{min(found, key=lambda row: row['period_last'])['id']}"
        present = ok(await self.officer.get(path))
        body: dict[str, Any] = {"quantity": quantity, "unit": "facility"}
        if present["state"] == "accepted":
            await self.step(self.clerks[unit_id], path, "correct", reason="复核后调整", **body)
        else:
            await self.step(self.clerks[unit_id], path, "submit", **body)
        await self.step(self.officer, path, "accept", note="属实")

    async def progress(self, path: str) -> Any:
        """How far the target is: the figure, and of how many."""
        return ok(await self.officer.get(f"{path}/progress"))["whole"]

    async def contributions(self, path: str) -> list[Any]:
        """What tasks brought to the target."""
        return list(ok(await self.officer.get(f"{path}/contributions"))["items"])

    async def look(self) -> None:
        """The lights are computed; what comes of it arrives."""
        await self.world.sweep("targets", "look_at_lights")
        await self.world.settle()

    async def light(self, code: str) -> str:
        """The target's present light."""
        found = ok(await self.officer.get("/targets/v1/lights", plan=self.plan_id))["items"]
        return str(next(each["light"] for each in found if each["code"] == code))

    async def episodes(self, path: str) -> list[Any]:
        """The target's red lights, the first one first."""
        return list(ok(await self.officer.get(f"{path}/episodes"))["items"])

    # -- tasks

    async def measure(self, code: str) -> Any:
        """A measure of the plans with its links."""
        return ok(await self.officer.get(f"/tasks/v1/measures/{stable_id('measure', code)}"))

    async def link(self, measure: str, target: str, **told: Any) -> Any:
        """Say how much the measure brings to the target."""
        path = f"/tasks/v1/measures/{stable_id('measure', measure)}"
        version = (await self.officer.get(path)).version
        body = {"note": "按竣工验收备案表核定", **told}
        return ok(await self.officer.put(f"{path}/targets/{target}", body, version=version))

    async def assign(
        self, unit_id: str, *, measure: str | None = None, counts: Sequence[dict[str, str]] = ()
    ) -> str:
        """The office gives a unit a task, of a measure where it is named; answers its path."""
        body = {
            "title": "新增电动自行车充电设施",
            "description": "按计划在既有小区增设",
            "unit_id": unit_id,
            "area": TOWN,
            "due_at": "2026-12-20T10:00:00Z",
            "measure_id": measure and str(stable_id("measure", measure)),
            "counts": counts,
        }
        return f"{TASKS}/{ok(await self.office.post(TASKS, body), 201)['id']}"

    async def done(self, path: str, unit_id: str) -> None:
        """The unit signs the task and answers it with a photo."""
        clerk = self.clerks[unit_id]
        await self.step(clerk, path, "sign")
        await self.answer(path, unit_id)

    async def answer(self, path: str, unit_id: str) -> None:
        """The unit answers with a photo."""
        clerk = self.clerks[unit_id]
        name = await upload_photo(clerk, "tasks", next(self._seeds))
        await self.step(clerk, path, "answer", outcome="solved", summary="已建成投用", photos=[name])

    async def verify(self, path: str, **body: Any) -> None:
        """The office finds it done; everybody hears of it."""
        await self.step(self.office, path, "verify", note="现场核验属实", **body)
        await self.world.settle()

    async def close(self, path: str) -> None:
        """The office closes the task."""
        await self.step(self.office, path, "close")
        await self.world.settle()

    async def supervisions(self, code: str) -> list[Any]:
        """What was proposed for the target, newest first."""
        return list(ok(await self.office.get(SUPERVISIONS, target=code))["items"])
