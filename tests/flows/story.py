"""The people of the story, and its steps in their words: a report becomes a unit's task and comes back."""

from __future__ import annotations

import hashlib
import io
from typing import Any
from uuid import UUID, uuid4

from PIL import Image

from libs.common.ids import new_id
from libs.common.policy import Role
from tests.flows.world import Answer, Person, World

DISTRICT = "310107"
TOWN = "310107005"
NEIGHBOURHOOD = "310107005001"
CLUTTER = "0202"
"""Corridor clutter 楼道堆物: one working day."""


def ok(answer: Answer, status: int = 200) -> Any:
    """The body of an answer that has to be good."""
    assert answer.status == status, answer.body
    return answer.body


async def upload_photo(person: Person, service: str, seed: int) -> str:
    """Upload a photo of its own; answers the name that records use."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), (seed * 7 % 256, 90, 40)).save(buffer, "JPEG")
    content = buffer.getvalue()
    name = hashlib.sha256(content).hexdigest()
    await person.upload(f"/{service}/v1/media/{name}", content)
    return name


class Story:
    """One case and everybody around it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.inspector = world.person(Role.INSPECTOR, NEIGHBOURHOOD, subject="inspector-1")
        self.checker = world.person(Role.INSPECTOR, NEIGHBOURHOOD, subject="inspector-2")
        self.acceptor = world.person(Role.ACCEPTOR, DISTRICT)
        self.duty_chief = world.person(Role.DUTY_CHIEF, DISTRICT)
        self.dispatcher = world.person(Role.DISPATCHER, DISTRICT)
        self.administrator = world.person(Role.ADMINISTRATOR, "31")
        self.case_id = new_id()
        self.unit_id: UUID = uuid4()
        self.clerk: Person
        self.leader: Person

    # -- before the story

    async def settle_units(self, *, sign_off: bool = False) -> None:
        """Two units, and the duty that names the first; everybody has heard of them."""
        self.unit_id = await self.register_unit("310107005.first", "曹杨新村街道平安办", sign_off=sign_off)
        self.other_unit_id = await self.register_unit("310107005.second", "曹杨新村街道房管所")
        self.duty = ok(
            await self.administrator.post(
                "/tasks/v1/duties",
                {
                    "category": CLUTTER,
                    "area": TOWN,
                    "lead_unit_ids": [str(self.unit_id)],
                    "source": "街道职责清单",
                    "valid_from": "2026-01-01",
                },
            ),
            201,
        )
        self.clerk = self.world.person(Role.UNIT_CLERK, TOWN, unit_id=self.unit_id)
        self.leader = self.world.person(Role.UNIT_LEADER, TOWN, unit_id=self.unit_id)
        await self.world.settle()

    async def register_unit(self, code: str, name: str, *, sign_off: bool = False) -> UUID:
        """A unit of the town."""
        made = await self.administrator.post(
            "/tasks/v1/units",
            {
                "code": code,
                "name_zh": name,
                "name_en": code,
                "kind": "office",
                "area": TOWN,
                "source": "演示",
                "settings": {"sign_off_required": sign_off},
            },
        )
        return UUID(ok(made, 201)["id"])

    # -- grid's steps

    @property
    def path(self) -> str:
        """The case."""
        return f"/grid/v1/cases/{self.case_id}"

    async def case(self) -> Any:
        """The case as the dispatcher sees it."""
        return ok(await self.dispatcher.get(self.path))

    async def step(self, person: Person, name: str, **body: Any) -> Any:
        """A step on the case, on its present version."""
        version = (await person.get(self.path)).version
        return ok(await person.post(f"{self.path}/{name}", body, version=version))

    async def report(self) -> Any:
        """The inspector reports clutter, with a photo and who told it."""
        photo = await self.photo(self.inspector, "grid", 1)
        body = {
            "channel": "inspector",
            "category": CLUTTER,
            "description": "3号楼2层楼道堆放纸箱，影响通行",
            "found_at": self.world.clock.now.isoformat(),
            "place": {"area": NEIGHBOURHOOD, "address": "武宁路100弄3号2层楼道"},
            "reporter": {"name": "张三", "phone": "13812341234"},
            "photos": [photo],
        }
        return ok(await self.inspector.put(self.path, body), 201)

    async def dispatch(self) -> Any:
        """From report to the proposed unit; the unit's task is there afterwards."""
        await self.report()
        await self.step(self.acceptor, "accept")
        await self.step(self.duty_chief, "file", standard="found")
        proposed = ok(await self.dispatcher.get(f"{self.path}/proposed-units"))["items"]
        await self.step(self.dispatcher, "dispatch", unit_id=proposed[0]["unit_id"])
        await self.world.settle()
        return proposed[0]

    async def check(self, *, passed: bool) -> Any:
        """Another inspector looks at the result."""
        await self.step(self.dispatcher, "assign-check", inspector=self.checker.subject)
        body = {"passed": passed, "note": "已清理" if passed else "仍有纸箱"}
        done = await self.step(self.checker, "check", **body)
        await self.world.settle()
        return done

    # -- the unit's steps

    async def task(self, number: int = 0) -> Any:
        """The unit's task of this case, the newest first or by number."""
        found = ok(await self.clerk.get("/tasks/v1/tasks", unit_id=str(self.clerk.scope.unit_id)))["items"]
        mine = [each for each in found if each["subject_id"] == str(self.case_id)]
        return mine[number]

    async def work(self, name: str, person: Person | None = None, **body: Any) -> Any:
        """A step on the unit's task, on its present version; its news arrives."""
        task = await self.task()
        by = person or self.clerk
        path = f"/tasks/v1/tasks/{task['id']}/{name}"
        done = ok(await by.post(path, body, version=task["version"]))
        await self.world.settle()
        return done

    async def answer(self, seed: int = 2) -> Any:
        """The unit answers with a photo."""
        photo = await self.photo(self.clerk, "tasks", seed)
        return await self.work("answer", outcome="solved", summary="已清理", photos=[photo])

    async def photo(self, person: Person, service: str, seed: int) -> str:
        """Upload a photo of its own; answers the name that records use."""
        return await upload_photo(person, service, seed)
