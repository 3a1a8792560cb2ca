"""A case and everybody around it 案件: the steps of the centre, and of the unit that has the task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from libs.common.ids import new_id
from libs.common.policy import Role
from services.demo.book import Story
from services.demo.client import awaited
from services.demo.day import Day, Place
from services.demo.people import Person
from services.demo.tasks import Work

WORDS = {
    "0202": "楼道堆放杂物，影响通行",
    "0105": "有人占用共用部位堆物",
    "0301": "楼前绿地被占",
    "0303": "小区内暴露垃圾未清",
    "0305": "建筑垃圾堆放点满溢",
    "0104": "居民反映疑似群租",
}


class Case:
    """One case from report to close."""

    def __init__(self, day: Day, story: Story, place: Place, number: int) -> None:
        self.day, self.story, self.place = day, story, place
        self.id = str(new_id())
        self.path = f"/grid/v1/cases/{self.id}"
        self.category = day.category(number)
        people, district = day.people, place.district
        self.inspector = people.one(Role.INSPECTOR, place.code, number=1)
        self.checker = people.one(Role.INSPECTOR, place.code, number=2)
        self.hotline = people.one(Role.HOTLINE_OFFICER, district)
        self.acceptor = people.one(Role.ACCEPTOR, district)
        self.duty_chief = people.one(Role.DUTY_CHIEF, district)
        self.dispatcher = people.one(Role.DISPATCHER, district)

    # -- monitoring

    async def report(self, person: Person, channel: str, **more: Any) -> None:
        """Report it, in the words of its category unless others are given."""
        lane, house = self.day.random.randrange(1, 900), self.day.random.randrange(1, 60)
        body = {
            "channel": channel,
            "category": self.category,
            "description": f"{WORDS.get(self.category, '居民反映问题')}（演示）",
            "found_at": datetime.now(UTC).isoformat(),
            "place": {"area": self.place.code, "address": f"演示路{lane}弄{house}号"},
            **more,
        }
        await person.put(self.path, body)
        self.noted("上报 reported")
        self.day.book.expect("上报案件 cases reported", self.dispatcher, self.path)

    async def accept(self) -> None:
        """It gets its number."""
        await self._step(self.acceptor, "accept", "受理 accepted")

    async def reject(self, reason: str) -> None:
        """It is not a matter of the grid; the reporter reads why."""
        await self._step(
            self.acceptor, "reject", "不予受理 rejected", reason_code="no-such-problem", reason=reason
        )
        self.ends("不予受理 rejected", "rejected")

    async def verify(self, *, confirmed: bool) -> None:
        """An inspector looks on site whether it is so."""
        await self._step(
            self.acceptor, "request-verification", "派核实 sent to verify", inspector=self.inspector.subject
        )
        note = "现场确有该情况" if confirmed else "现场未发现该情况"
        await self._step(self.inspector, "verify", "核实 verified", confirmed=confirmed, note=note)

    async def file(self) -> None:
        """Filed under the first standard of its category."""
        await self._step(self.duty_chief, "file", "立案 filed", standard=self.day.standards[self.category])

    # -- command

    async def dispatch(self) -> Work:
        """To the unit that the duty list names; answers that unit's work."""
        what = f"unit that the duty list names for {self.category} in {self.place.code}"
        unit_id = await awaited(what, self._proposed)
        await self._step(self.dispatcher, "dispatch", "派遣 dispatched", unit_id=unit_id)
        number = (await self.read())["number"]
        work = Work(self.day, self.story, unit_id)
        await work.of_case(self.id, number)
        return work

    async def _proposed(self) -> str | None:
        """The first unit of the duty list; a platform that has just started may not know it yet."""
        found = (await self.dispatcher.get(f"{self.path}/proposed-units"))["items"]
        return str(found[0]["unit_id"]) if found else None

    async def designate(self) -> None:
        """The unit that returned it has to do it."""
        await self._step(self.dispatcher, "designate", "指定 designated", reason="职责清单明确由该单位负责")

    async def convert(self, parties: Sequence[Mapping[str, Any]]) -> None:
        """It is a property dispute: handed over with its parties, to whom it is not to be told again."""
        told = {"parties": list(parties), "consent_at": datetime.now(UTC).isoformat(), "note": "演示"}
        await self._step(self.dispatcher, "convert", "转纠纷调处 converted", **told)

    async def urge(self) -> None:
        """The hotline's caller rings again."""
        await self._step(self.hotline, "urge", "催办 urged", note="市民再次来电催促")

    async def check(self, *, passed: bool) -> None:
        """An inspector who did not handle it looks at the result."""
        await self._step(
            self.dispatcher, "assign-check", "派核查 sent to check", inspector=self.checker.subject
        )
        note = "现场已整改到位" if passed else "现场仍有残留"
        what = "核查通过 check passed" if passed else "返工 rework"
        await self._step(self.checker, "check", what, passed=passed, note=note)

    async def close(self) -> None:
        """Close it, and expect to find it closed."""
        await self._step(self.duty_chief, "close", "结案 closed")
        self.ends("结案 cases closed", "closed")

    # -- looking

    async def read(self) -> Any:
        """The case as the dispatcher sees it."""
        return await self.dispatcher.get(self.path)

    async def until(self, state: str) -> Any:
        """Wait until what another service says has brought the case there."""

        async def look() -> Any:
            case = await self.read()
            return case if case["state"] == state else None

        return await awaited(f"case {self.id} {state}", look)

    def ends(self, what: str, state: str) -> None:
        """It has to be found in this state at the end of the day."""
        self.day.book.expect(what, self.dispatcher, self.path, lambda case: case["state"] == state)

    def noted(self, what: str) -> None:
        """Something happened in grid."""
        self.story.noted("grid", what)

    async def _step(self, person: Person, verb: str, what: str, **body: Any) -> None:
        await person.step(self.path, verb, **body)
        self.noted(what)
