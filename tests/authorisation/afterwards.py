"""Grid's cases when they are done: an overdue one, one appealed against, a closed one and one rated badly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from libs.common.jobs import run_once
from libs.common.policy import Role
from services.grid.cases.jobs import JOBS as SWEEPS
from tests.authorisation.calls import Call
from tests.grid.factories import HANDLER, REPORTER, Desk

TELLER = {"name": "张三丰", "phone": "13812341234"}
GROUNDS = {"reason_code": "weather", "note": "台风"}
APPELLANT = "dispatcher-1"
NOTE = {"note": "经核"}
GOOD = {"satisfaction": "satisfied"}


class Afterwards:
    """The cases, by the name of how they stand."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.cases: dict[str, UUID] = {}
        self.versions: dict[str, int] = {}
        self.receipt = ""

    @classmethod
    async def made(cls, desk: Desk) -> Afterwards:
        """Make all of them, and leave the clock as it was."""
        one, began = cls(desk), desk.clock.now
        for name in ("overdue", "appealed"):
            one.cases[name] = await desk.handled()
        due = (await desk.case(one.cases["overdue"])).due_at
        assert due is not None
        await run_once(desk.database, "grid", SWEEPS[0], now=due + timedelta(minutes=1))
        await desk.step(one.cases["appealed"], "ask-appeal", GROUNDS, subject=APPELLANT)
        for letter, name in zip("67", ("done", "disliked"), strict=True):
            one.cases[name] = await one._closed(letter)
        bad: dict[str, Any] = {"satisfaction": "dissatisfied"}
        await desk.step(one.cases["disliked"], "rate", bad, role=Role.HOTLINE_OFFICER)
        for name, case_id in one.cases.items():
            one.versions[name] = (await desk.case(case_id)).version
        one.receipt = (await desk.case(one.cases["done"])).receipt_number
        desk.clock.now = began
        return one

    async def _closed(self, letter: str) -> UUID:
        case_id = await self.desk.filed(reporter=TELLER)
        await self.desk.step(case_id, "dispatch", {"squad": "网格处置一队"})
        await self.desk.step(case_id, "start")
        await self.desk.answer(case_id, letter)
        await self.desk.check(case_id)
        await self.desk.step(case_id, "close", {})
        return case_id

    def _at(self, name: str, body: Any = None, **more: Any) -> Call:
        return Call({"case_id": str(self.cases[name])}, body, self.versions[name], **more)

    def calls(self) -> dict[str, Call]:
        """What each operation is sent."""
        steps = {
            "ask-appeal [as the handler]": self._at("overdue", GROUNDS, subject=HANDLER),
            "ask-appeal": self._at("overdue", GROUNDS),
            "grant-appeal": self._at("appealed", NOTE),
            "grant-appeal [as the handler]": self._at("appealed", NOTE, subject=HANDLER),
            "grant-appeal [as who appealed]": self._at("appealed", NOTE, subject=APPELLANT),
            "refuse-appeal": self._at("appealed", NOTE),
            "rate [as who reported it]": self._at("done", GOOD, subject=REPORTER),
            "rate": self._at("done", GOOD),
            "keep-closed": self._at("disliked", NOTE),
        }
        receipt = {"receipt_number": self.receipt, "phone_tail": "1234", **GOOD}
        reads = {
            f"GET /cases/{{case_id}}/{part}": Call({"case_id": str(self.cases["done"])})
            for part in ("appeals", "ratings")
        }
        return {
            **{f"POST /cases/{{case_id}}/{step}": call for step, call in steps.items()},
            **reads,
            "GET /appeals": Call(params={"limit": 200}, shows=str(self.cases["appealed"])),
            "GET /ratings": Call(params={"limit": 200}, shows=str(self.cases["disliked"])),
            "POST /ratings": Call(body=receipt),
        }
