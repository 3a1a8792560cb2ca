"""Repair orders over HTTP: proposed by rule, sent, arrived at, answered, returned, late."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from libs.common.contracts import handover as said
from libs.common.contracts.handover import MediaRef, Outcome
from libs.common.policy import Role
from tests.grid.factories import MONDAY, NEIGHBOURHOOD, Desk, Unit, as_, known_unit, outbox

HANDOVERS = "jiayuan.grid.handover-tasks.v1"


class Repairer(Unit):
    """The unit's side of a repair order."""

    kind = "case-repair"


class Estate:
    """An estate with the units around it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.id = ""
        self.units: dict[str, str] = {}

    async def settle(self) -> Estate:
        query = text("SELECT estate_id FROM estate_coverage WHERE left(area_code, 12) = :area LIMIT 1")
        found = await self.desk.database.read(lambda s: s.scalar(query, {"area": NEIGHBOURHOOD}))
        self.id = str(found)
        for kind, area in (
            ("property-firm", NEIGHBOURHOOD),
            ("repair-centre", "310101"),
            ("housing-office", "310101002"),
        ):
            self.units[kind] = str(await known_unit(self.desk.database, area, kind=kind))
        return self

    async def managed(self, mode: str) -> None:
        query = text("UPDATE estate SET mode = :mode WHERE id = :id")
        await self.desk.database.transact(lambda s: s.execute(query, {"mode": mode, "id": self.id}))

    async def case(self, standard: str = "ordinary", category: str = "0505", **overrides: Any) -> UUID:
        place = {"area": NEIGHBOURHOOD, "estate_id": self.id, "address": "福建中路100弄3号202室"}
        return await self.desk.filed(category, standard, place=place, **overrides)

    async def proposed(self, case_id: UUID, **asked: Any) -> dict[str, Any]:
        path = f"/grid/v1/cases/{case_id}/proposed-repair"
        answer = await self.desk.client.get(path, params=asked, headers=as_(Role.DISPATCHER))
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def open(self, **asked: Any) -> list[dict[str, Any]]:
        answer = await self.desk.client.get("/grid/v1/repairs", params=asked, headers=as_(Role.DISPATCHER))
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def sent(self, case_id: UUID, **body: Any) -> Repairer:
        shown = await self.desk.step(case_id, "repair", body)
        assert shown["state"] == "dispatched"
        return Repairer(self.desk, case_id, UUID(shown["handover_id"]))

    async def dispatch(self, case_id: UUID) -> dict[str, Any]:
        """The latest dispatch, as the dossier shows it."""
        path = f"/grid/v1/cases/{case_id}/dispatches"
        answer = await self.desk.client.get(path, headers=as_(Role.DISPATCHER))
        last: dict[str, Any] = answer.json()["items"][-1]
        return last


async def test_who_is_proposed_follows_from_the_estate_and_the_class(desk: Desk) -> None:
    estate = await Estate(desk).settle()
    case_id = await estate.case()
    for mode, urgency, kinds in (
        ("firm", None, ["property-firm", "repair-centre"]),
        ("unmanaged", None, ["housing-office", "repair-centre"]),
        ("abandoned", "emergency", ["repair-centre", "housing-office"]),
    ):
        await estate.managed(mode)
        told = await estate.proposed(case_id, **({"urgency": urgency} if urgency else {}))
        assert [item["kind"] for item in told["items"]] == kinds
        assert (told["estate_mode"], told["urgency"]) == (mode, urgency or "ordinary")
    urgent = await estate.proposed(await estate.case("urgent"))
    assert (urgent["urgency"], urgent["urgency_zh"]) == ("urgent", "急修")
    assert datetime.fromisoformat(urgent["arrive_due_at"]) == desk.clock.now + timedelta(hours=1)
    refused = await desk.post(case_id, "repair", {"urgency": "whenever"})
    assert (refused.status_code, refused.json()["code"]) == (422, "repair-class-unknown")


async def test_the_unit_comes_finishes_and_its_answer_goes_to_the_check(desk: Desk) -> None:
    estate = await Estate(desk).settle()
    await estate.managed("firm")
    teller = {"name": "王阿姨", "phone": "13812341234", "consent": True}
    case_id = await estate.case(reporter=teller, description="王阿姨说三楼漏水，电话13812341234")
    unit = await estate.sent(case_id, note="请先关总阀")
    (told,) = [each.payload for each in await outbox(desk.database, HANDOVERS)]
    assert (told["kind"], told["unit_id"]) == ("case-repair", estate.units["property-firm"])
    assert (told["contents"]["reporter"], told["reporter_withheld"]) == (None, True)
    assert "13812341234" not in told["contents"]["description"]
    arrive_due = MONDAY + timedelta(days=1)
    assert datetime.fromisoformat(told["contents"]["details"]["repair"]["arrive_due_at"]) == arrive_due
    case = await desk.case(case_id)
    assert case.due_at == MONDAY + timedelta(hours=72)  # before the standard's three working days
    event = (await outbox(desk.database))[-1]
    assert (event.verb, event.payload["repair"]) == ("dispatched", "ordinary")
    await unit.sign()
    desk.clock.tick(timedelta(hours=25))
    (late,) = await estate.open(late=True)
    assert (late["arrival_overdue"], late["case"]["id"]) == (True, str(case_id))
    assert (await estate.dispatch(case_id))["arrival_overdue"] is True
    came = desk.clock.now - timedelta(hours=2)
    await unit.say(said.Progressed, note="已到场", arrived_at=came)
    assert await estate.open(late=True) == []
    shown = await estate.dispatch(case_id)
    assert (shown["repair"], shown["arrived_on_time"], shown["arrival_overdue"]) == ("ordinary", True, False)
    media = (MediaRef(hash="c" * 64, purpose="after"),)
    done = Outcome(result="solved", summary="已更换水管", media=media)
    await unit.say(said.Answered, outcome=done, finished_at=desk.clock.now)
    assert (await desk.read(case_id))["state"] == "checking"
    shown = await estate.dispatch(case_id)
    assert datetime.fromisoformat(shown["finished_at"]) == desk.clock.now
    await desk.check(case_id)
    await desk.step(case_id, "close", {"note": "同意结案"})
    assert (await unit.handover()).state == "accepted"
    assert await estate.open() == []


async def test_a_returned_order_goes_elsewhere_and_the_clocks_run_on(desk: Desk) -> None:
    estate = await Estate(desk).settle()
    case_id = await estate.case("urgent")
    unit = await estate.sent(case_id, unit_id=estate.units["housing-office"])
    before = await desk.case(case_id)
    await unit.say(said.ReturnAsked, note="not-possible: 无配件")
    assert (await desk.read(case_id))["queue"] == "returned"
    assert (await estate.dispatch(case_id))["reason"] == "not-possible: 无配件"
    desk.clock.tick(timedelta(minutes=10))
    await estate.sent(case_id, unit_id=estate.units["repair-centre"], urgency="emergency")
    after = await desk.case(case_id)
    assert (after.due_at, after.limit_unit) == (before.due_at, "urgent_hours")
    again = await estate.dispatch(case_id)
    assert datetime.fromisoformat(again["arrive_due_at"]) == desk.clock.now + timedelta(minutes=30)
    told = (await outbox(desk.database, HANDOVERS))[-1].payload
    assert told["replaces_id"] == str(unit.handover_id)
    assert [item["order"]["unit_id"] for item in await estate.open()] == [estate.units["repair-centre"]]
    assert await estate.open(area="310107") == []


async def test_while_the_clock_stands_nobody_is_late_to_come(desk: Desk) -> None:
    estate = await Estate(desk).settle()
    unit = await estate.sent(await estate.case(), unit_id=estate.units["property-firm"])
    await unit.sign()
    until = (desk.clock.now + timedelta(days=9)).isoformat()
    await desk.step(unit.case_id, "ask-suspension", {"reason": "待业主维修资金表决", "until": until})
    await desk.step(unit.case_id, "approve-deferral", {})
    await desk.step(unit.case_id, "grant-deferral", {})
    desk.clock.tick(timedelta(days=2))
    assert await estate.open(late=True) == []
    await desk.step(unit.case_id, "resume", {})
    due = datetime.fromisoformat((await estate.dispatch(unit.case_id))["arrive_due_at"])
    assert due == MONDAY + timedelta(days=3)


async def test_without_a_unit_by_rule_one_must_be_named(desk: Desk) -> None:
    case_id = await desk.filed("0505", "urgent")
    answer = await desk.post(case_id, "repair", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "nobody-to-repair")
    reported = await desk.report()
    answer = await desk.post(reported, "repair", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal-transition")
