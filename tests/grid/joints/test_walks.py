"""Random walks: units sign, return, answer, leave in any order, and case and handovers always agree."""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from libs.common.contracts import handover as said
from tests.grid.factories import Desk, Unit, known_unit
from tests.grid.joints.test_api import jointly, parts

Move = tuple[str, Callable[[], Coroutine[Any, Any, None]]]
STEPS = 22


@dataclass
class Part:
    """What the test expects of one unit: `state` is that of its handover."""

    unit: Unit
    unit_id: str
    lead: bool
    state: str = "requested"
    signed: bool = False
    bound: bool = False
    """It was designated, or works anew: it may not return."""
    designated: bool = False


class Walk:
    """A case with several units, and what is expected of it."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.chance = random.Random(seed)
        self.parts: list[Part] = []
        self.state = "dispatched"
        self.letter = 0

    async def begin(self) -> None:
        """Two units beside the lead."""
        for place, unit in enumerate(await jointly(self.desk, 2)):
            unit_id = str((await unit.handover()).unit_id)
            self.parts.append(Part(unit, unit_id, lead=place == 0))
        self.case_id = self.parts[0].unit.case_id

    @property
    def having(self) -> list[Part]:
        return [part for part in self.parts if part.state not in ("returned", "withdrawn")]

    def settle(self) -> None:
        """The case is checked once the lead has answered and nobody else owes an answer."""
        leads = [part for part in self.having if part.lead]
        done = all(part.state == "answered" for part in self.having)
        if self.state == "handling" and leads and done:
            self.state = "checking"

    def moves(self) -> list[Move]:
        """What may happen now."""
        found: list[Move] = []
        if self.state == "checking":
            return [("check fails", self.fail)]
        for part in self.having:
            found += self._of_unit(part)
        if self.state == "returned":
            found += [("designate the lead", self.designate_lead), ("another lead", self.another_lead)]
        elif len(self.having) < 5:
            found.append(("join", self.join))
        return found

    def _of_unit(self, part: Part) -> list[Move]:
        found: list[Move] = []
        if part.state == "requested":
            found.append(("sign", lambda: self.sign(part)))
        if part.state == "signed":
            found.append(("answer", lambda: self.answer(part)))
        if part.state in ("requested", "signed") and not part.bound:
            found.append(("return", lambda: self.give_back(part)))
        if not part.lead and part.state != "answered":
            found.append(("release", lambda: self.release(part)))
        if not part.lead and part.state != "answered" and not part.designated:
            found.append(("designate", lambda: self.designate(part)))
        return found

    async def sign(self, part: Part) -> None:
        await part.unit.sign()
        part.state, part.signed = "signed", True
        if part.lead:
            self.state = "handling"

    async def answer(self, part: Part) -> None:
        self.letter += 1
        await part.unit.answer(format(self.letter % 16, "x"))
        part.state = "answered"

    async def give_back(self, part: Part) -> None:
        await part.unit.say(said.ReturnAsked, note="非本单位职责")
        part.state = "return_requested"
        if part.lead:
            self.state = "returned"

    async def release(self, part: Part) -> None:
        await self._named("release-partner", part)
        part.state = "returned" if part.state == "return_requested" else "withdrawn"

    async def designate(self, part: Part) -> None:
        await self._named("designate-partner", part)
        self._bind(part)

    def _bind(self, part: Part) -> None:
        if part.state == "return_requested":
            part.state = "signed" if part.signed else "requested"
        part.bound = part.designated = True

    async def _named(self, step: str, part: Part) -> None:
        await self.desk.step(self.case_id, step, {"unit_id": part.unit_id, "reason": "经研究"})

    async def designate_lead(self) -> None:
        (lead,) = [part for part in self.having if part.lead]
        await self.desk.step(self.case_id, "designate", {"reason": "职责明确"})
        self._bind(lead)
        self.state = "handling" if lead.signed else "dispatched"

    async def another_lead(self) -> None:
        (lead,) = [part for part in self.having if part.lead]
        unit_id = str(await known_unit(self.desk.database))
        returns = sum(1 for part in self.parts if part.lead and part.state == "returned")
        if returns == 2:  # the third return wants a study: the authority decides here
            await self.designate_lead()
            return
        shown = await self.desk.step(self.case_id, "dispatch", {"unit_id": unit_id})
        lead.state, self.state = "returned", "dispatched"
        unit = Unit(self.desk, self.case_id, UUID(shown["handover_id"]))
        self.parts.append(Part(unit, unit_id, lead=True))

    async def join(self) -> None:
        unit_id = str(await known_unit(self.desk.database))
        leads = [part for part in self.having if part.lead]
        await self.desk.step(self.case_id, "add-partner", {"unit_id": unit_id})
        assert leads
        row = next(row for row in await parts(self.desk, self.case_id) if row["unit_id"] == unit_id)
        unit = Unit(self.desk, self.case_id, UUID(row["handover_id"]))
        self.parts.append(Part(unit, unit_id, lead=False))

    async def fail(self) -> None:
        again = self.chance.sample(self.having, self.chance.randint(1, len(self.having)))
        await self.desk.assign_check(self.case_id)
        body = {"passed": False, "note": "未完成", "unit_ids": [part.unit_id for part in again]}
        await self.desk.step(self.case_id, "check", body)
        for part in again:
            part.state, part.bound = "signed", True
        self.state = "handling"

    async def step(self) -> None:
        """One move, and then all must agree."""
        name, move = self.chance.choice(self.moves())
        await move()
        self.settle()
        await self.agree(name)

    async def agree(self, after: str) -> None:
        """Case, dispatches and handovers tell the same story."""
        case = await self.desk.case(self.case_id)
        assert case.state == self.state, after
        for part in self.parts:
            assert (await part.unit.handover()).state == part.state, (after, part)
        rows = {row["handover_id"]: row for row in await parts(self.desk, self.case_id)}
        for part in self.parts:
            row = rows[str(part.unit.handover_id)]
            gone = part.state in ("returned", "withdrawn") or (part.lead and part.state == "return_requested")
            assert (row["ended_at"] is not None, row["answered_at"] is not None) == (
                gone, part.state == "answered",
            ), (after, part)  # fmt: skip
        asks = any(part.state == "return_requested" and not part.lead for part in self.parts)
        assert (case.joint_returned_at is not None) == asks, after
        assert len({row["joint_id"] for row in rows.values()}) == 1

    async def finish(self) -> None:
        """Everybody does what is left, and nothing hangs."""
        for _ in range(40):
            if self.state == "checking":
                break
            if self.state == "returned":
                await self.designate_lead()
            part = next(each for each in self.having if each.state != "answered")
            if part.state == "return_requested":
                await self.release(part)
            elif part.state == "requested":
                await self.sign(part)
            else:
                await self.answer(part)
            self.settle()
        await self.agree("finish")
        await self.desk.check(self.case_id)
        await self.desk.step(self.case_id, "close", {})
        for part in self.having:
            assert (await part.unit.handover()).state == "accepted"
        assert all(row["ended_at"] for row in await parts(self.desk, self.case_id))


@pytest.mark.parametrize("seed", range(4))
async def test_in_any_order_everything_agrees(desk: Desk, seed: int) -> None:
    walk = Walk(desk, seed)
    await walk.begin()
    for _ in range(STEPS):
        await walk.step()
    await walk.finish()
