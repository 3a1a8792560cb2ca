"""A unit's task 任务: signed, worked on, answered through the leader where the unit asks for that."""

from __future__ import annotations

from typing import Any

from libs.common.policy import Role
from services.demo.book import Story
from services.demo.client import awaited
from services.demo.day import Day

TASKS = "/tasks/v1/tasks"


class Work:
    """One task and the people of its unit."""

    def __init__(self, day: Day, story: Story, unit_id: str) -> None:
        self.day, self.story, self.unit_id = day, story, unit_id
        self.clerk = day.people.one(Role.UNIT_CLERK, unit_id=unit_id)
        self.leader = day.people.one(Role.UNIT_LEADER, unit_id=unit_id)
        self.path = ""

    async def of_case(self, case_id: str, number: str) -> None:
        """Wait until the case has arrived in the unit's list."""

        async def look() -> Any:
            found = (await self.clerk.get(TASKS, q=number))["items"]
            return next((task for task in found if task["subject_id"] == case_id), None)

        self.found(await awaited(f"task of case {number}", look), "办结任务 tasks of cases closed")

    def found(self, task: Any, what: str) -> None:
        """This is the task; at the end of the day it has to be closed."""
        self.path = f"{TASKS}/{task['id']}"
        self.noted("收到任务 tasks arrived")
        self.day.book.expect(what, self.clerk, self.path, lambda task: task["state"] == "closed")

    async def sign(self) -> None:
        """The unit has it."""
        await self.clerk.step(self.path, "sign")
        self.noted("签收 signed")

    async def give_back(self) -> None:
        """Not our duty, says the unit."""
        body = {"reason": "not-our-duty", "note": "该处不属本单位职责（演示）"}
        await self.clerk.step(self.path, "return", **body)
        self.noted("退单 returned")

    async def progress(self) -> None:
        """First contact, and how far it is."""
        await self.clerk.step(self.path, "first-contact", note="电话无人接听，已到场（演示）")
        await self.clerk.step(self.path, "progress", note="已约定今日处理（演示）", interim=True)
        self.noted("进展 progress")

    async def answer(self, outcome: str = "solved") -> None:
        """The result with a photo; a unit with sign-off lays it before its leader."""
        photo = await self.clerk.photo("tasks", self.day.random)
        summary = "已整改到位（演示）" if outcome == "solved" else "已向反映人解释政策（演示）"
        body = {"outcome": outcome, "summary": summary, "photos": [photo]}
        if await self.day.signs_off(self.unit_id):
            await self.clerk.step(self.path, "submit", **body)
            await self.leader.step(self.path, "approve")
            self.noted("签发 signed off")
        else:
            await self.clerk.step(self.path, "answer", **body)
        self.noted("反馈 answered")

    async def until(self, *states: str) -> Any:
        """Wait until what another service says has brought the task there."""

        async def look() -> Any:
            task = await self.clerk.get(self.path)
            return task if task["state"] in states else None

        return await awaited(f"task {self.path} {' or '.join(states)}", look)

    def noted(self, what: str) -> None:
        """Something happened in tasks."""
        self.story.noted("tasks", what)
