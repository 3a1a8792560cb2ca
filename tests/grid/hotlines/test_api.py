"""Orders over HTTP: entered once, never dropped, told to and fro, replied, called back, handled again."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.common.contracts import handover as said
from libs.common.handover.consumers import handlers
from libs.common.policy import Role
from services.grid.cases.models import Reporter
from services.grid.main import SENDS
from tests.grid.factories import ELSEWHERE, Desk, Unit, as_, known_unit, outbox
from tests.grid.hotline import CALLER, ORDERS, REPLY, Hotline, order_body, raw_of

AGAIN = {"caller": CALLER | {"phone": "13900001111"}}


@pytest.fixture
def hotline(desk: Desk) -> Hotline:
    return Hotline(desk)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_from_order_to_re_handling(desk: Desk, hotline: Hotline) -> None:
    receipt = await hotline.entered("SH1")
    case_id = UUID(receipt["case_id"])
    assert (receipt["state"], receipt["case_state"], receipt["category_known"]) == (
        "received",
        "reported",
        True,
    )
    assert (receipt["contact_due_at"], receipt["reply_due_at"]) == (
        "2026-11-24T15:59:59.999999Z", "2026-11-30T15:59:59.999999Z",
    )  # fmt: skip
    case = await desk.case(case_id)
    assert (case.channel, case.source_number, case.category, case.queue) == (
        "12345", "SH1", "0202", "to_accept",
    )  # fmt: skip
    assert [await hotline.listed(due=clock) for clock in ("contact", "reply")] == [["SH1"], ["SH1"]]
    await hotline.accept(case_id)
    assert code(await hotline.post("SH1", "reply", REPLY)) == (409, "illegal-transition")
    shown = await hotline.contacted("SH1")
    assert (shown["state"], shown["contact_on_time"], shown["contact_person"]) == ("handling", True, "张**")
    assert (await hotline.listed(due="contact"), await hotline.listed(mine=True)) == ([], ["SH1"])
    assert code(await hotline.post("SH1", "reply", REPLY)) == (409, "case-not-ended")
    for what, body in (("supplement", {"text": "5号楼也有"}), ("urge", {"note": "再次来电"})):
        assert (await hotline.tell("SH1", what, **body)).status_code == 200
    await hotline.handle(case_id)
    shown = await hotline.step("SH1", "reply", **REPLY)
    assert (shown["state"], shown["result"], shown["reply_on_time"]) == ("replied", "solved", True)
    assert (shown["reply"]["responsible"], await hotline.listed(due="reply")) == ("李主任", [])
    without = await hotline.tell("SH1", "call-back", contacted=True, satisfaction="dissatisfied")
    assert code(without) == (422, "content-invalid")
    told = await hotline.tell(
        "SH1", "call-back", contacted=True, satisfaction="dissatisfied", reason="又堆了"
    )
    assert told.json()["state"] == "closed"
    await _again(desk, hotline, case_id)


async def _again(desk: Desk, hotline: Hotline, case_id: UUID) -> None:
    """The hotline has it done again."""
    desk.clock.tick(timedelta(hours=1))
    again = (await hotline.tell("SH1", "redo", reason="回访反映未解决")).json()
    assert (again["state"], again["reply_due_at"]) == ("handling", "2026-11-26T15:59:59.999999Z")
    case = await desk.case(case_id)
    assert (case.state, case.round, case.limit_amount, case.limit_unit) == ("filed", 2, 3, "working_days")
    assert code(await hotline.post("SH1", "reply", REPLY)) == (409, "case-not-ended")
    await hotline.handle(case_id, "c", "explained")
    assert code(await hotline.post("SH1", "reply", REPLY)) == (409, "not-solved-in-fact")
    await hotline.step("SH1", "reply", **REPLY | {"result": "explained"})
    assert await hotline.verbs("SH1") == [
        "received", "contacted", "supplemented", "urged", "replied", "called-back", "redone", "replied",
    ]  # fmt: skip
    assert not [word for word in ("张三丰", "13812341234", "纸箱", "李主任", "又堆了")
                for event in await outbox(desk.database, ORDERS) if word in str(event)]  # fmt: skip


class TestEntering:
    async def test_the_number_is_the_key(self, desk: Desk, hotline: Hotline) -> None:
        first, *others = await asyncio.gather(*(hotline.enter("SH1") for _ in range(3)))
        answers = sorted([first, *others], key=lambda answer: -answer.status_code)
        assert [answer.status_code for answer in answers] == [201, 200, 200]
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert code(await hotline.enter("SH1", description="另一内容")) == (409, "order-exists")
        assert (await Hotline(desk, "962121").enter("SH1", **AGAIN)).status_code == 201
        assert code(await Hotline(desk, "pigeon").enter("SH1")) == (404, "hotline-unknown")
        assert await raw_of(desk, "SH1") == order_body()["raw"]

    async def test_words_that_nobody_knows_reach_the_acceptor(self, desk: Desk, hotline: Hotline) -> None:
        receipt = await hotline.entered("SH1", category="外星来客", kind="表扬")
        assert receipt["category_known"] is False
        order = await hotline.order("SH1")
        assert (order.kind, order.kind_known, order.hotline_category) == ("help", False, "外星来客")
        assert (receipt["case_id"], "to_accept") in await desk.queue(Role.ACCEPTOR)
        urgent = await hotline.entered("SH2", kind="安全隐患", **AGAIN)
        assert urgent["contact_due_at"] == "2026-11-23T04:00:00Z"

    async def test_outside_the_callers_area(self, desk: Desk, hotline: Hotline) -> None:
        order = await hotline.entered("SH1")
        strange = as_(Role.HOTLINE_OFFICER, areas=(ELSEWHERE,))
        path = "/grid/v1/hotlines/12345/orders/SH1"
        assert code(await desk.client.put(path, json=order_body(), headers=strange)) == (409, "order-exists")
        assert (
            await desk.client.post(f"{path}/urge", json={"note": "x"}, headers=strange)
        ).status_code == 404
        assert (await desk.client.get(f"/grid/v1/orders/{order['id']}", headers=strange)).status_code == 404

    @pytest.mark.parametrize("number", ["", "a b", "a" * 65, "-1", "号"])
    async def test_what_is_no_number(self, hotline: Hotline, number: str) -> None:
        assert (await hotline.enter(number)).status_code in {404, 405, 422}


class TestRepeats:
    async def test_the_same_callers_same_matter_makes_no_case(self, desk: Desk, hotline: Hotline) -> None:
        first = await hotline.entered("SH1")
        second = await hotline.entered("SH2", description="怎么还没人来")
        assert (second["state"], second["first_number"], second["repeat_count"]) == ("linked", "SH1", 1)
        assert second["case_id"] == first["case_id"]
        third = await hotline.entered("SH3", repeat_of="SH2", **AGAIN)
        assert (third["first_number"], third["repeat_count"]) == ("SH1", 2)
        told = await hotline.tell("SH3", "urge", note="再催")
        assert (told.json()["number"], (await hotline.order("SH1")).urge_count) == ("SH1", 1)
        assert await hotline.verbs("SH1") == ["received", "repeated", "repeated", "urged"]
        assert await hotline.verbs("SH2") == ["received", "linked"]
        page = await hotline.changes()
        assert page["items"][0]["repeats"] == ["SH2", "SH3"]

    async def test_new_facts_another_place_or_another_caller_make_one(self, hotline: Hotline) -> None:
        first = await hotline.entered("SH1")
        elsewhere = {"place": order_body()["place"] | {"address": "福建中路100弄8号"}}
        for number, changed in (
            ("SH2", {"repeat_of": "SH1", "new_facts": True}), ("SH3", elsewhere), ("SH4", AGAIN),
            ("SH5", {"caller": None}),
        ):  # fmt: skip
            receipt = await hotline.entered(number, **changed)
            assert (receipt["state"], receipt["case_id"] == first["case_id"]) == ("received", False), number

    async def test_after_the_end_only_the_hotlines_word_links(self, hotline: Hotline) -> None:
        case_id = UUID((await hotline.entered("SH1"))["case_id"])
        await hotline.contacted("SH1")
        await hotline.accept(case_id)
        await hotline.handle(case_id)
        await hotline.step("SH1", "reply", **REPLY)
        await hotline.tell("SH1", "call-back", satisfaction="satisfied")
        assert (await hotline.entered("SH2"))["state"] == "received"
        assert (await hotline.entered("SH3", repeat_of="SH1"))["state"] == "linked"


class TestToAndFro:
    async def test_a_granted_return_ends_order_and_case(self, desk: Desk, hotline: Hotline) -> None:
        case_id = UUID((await hotline.entered("SH1"))["case_id"])
        await hotline.step("SH1", "ask-return", reason="诉求地址属相邻街道")
        assert (await hotline.tell("SH1", "return-decision", granted=False)).json()["state"] == "handling"
        await hotline.step("SH1", "ask-return", reason="附照片")
        await hotline.step("SH1", "withdraw-return", reason="再核一次")
        await hotline.step("SH1", "ask-return", reason="确非本街道")
        done = await hotline.tell("SH1", "return-decision", granted=True, note="同意")
        assert (done.json()["state"], done.json()["case_state"]) == ("returned", "voided")
        assert (await desk.case(case_id)).ended_at is not None
        assert await hotline.listed(due="contact") == []

    async def test_not_after_its_time(self, desk: Desk, hotline: Hotline) -> None:
        await hotline.entered("SH1")
        desk.clock.tick(timedelta(days=2))
        late = await hotline.post("SH1", "ask-return", {"reason": "诉求地址属相邻街道"})
        assert code(late) == (409, "return-too-late")

    async def test_complex_matters_have_fifteen_days_once(self, desk: Desk, hotline: Hotline) -> None:
        await hotline.entered("SH1")
        assert code(await hotline.tell("SH1", "extension-decision", granted=True)) == (
            409, "extension-not-asked",
        )  # fmt: skip
        await hotline.step("SH1", "ask-extension", reason="多部门会商")
        assert (await hotline.tell("SH1", "extension-decision", granted=False)).status_code == 200
        await hotline.step("SH1", "ask-extension", reason="多部门会商，附记录")
        done = (await hotline.tell("SH1", "extension-decision", granted=True)).json()
        assert done["reply_due_at"] == "2026-12-14T15:59:59.999999Z"
        again = await hotline.post("SH1", "ask-extension", {"reason": "再延"})
        assert code(again) == (409, "extension-not-possible")

    async def test_what_was_rejected_goes_back_to_the_acceptor(self, desk: Desk, hotline: Hotline) -> None:
        case_id = UUID((await hotline.entered("SH1"))["case_id"])
        await hotline.contacted("SH1")
        await desk.step(case_id, "reject", {"reason_code": "private-matter", "reason": "属于私人事务"})
        assert code(await hotline.post("SH1", "reply", REPLY)) == (409, "not-solved-in-fact")
        await hotline.step("SH1", "reply", **REPLY | {"result": "explained", "finding": "untrue"})
        await hotline.tell("SH1", "redo", reason="来电人不认可")
        case = await desk.case(case_id)
        assert (case.state, case.queue, case.round) == ("reported", "to_accept", 2)

    async def test_a_merged_case_is_followed_to_the_other(self, desk: Desk, hotline: Hotline) -> None:
        case_id = UUID((await hotline.entered("SH1"))["case_id"])
        other = await desk.answered()
        await desk.step(case_id, "merge", {"into": str(other), "reason": "同一处"})
        await hotline.contacted("SH1")
        assert code(await hotline.post("SH1", "reply", REPLY)) == (409, "case-not-ended")
        await desk.check(other)
        await desk.step(other, "close", {})
        await hotline.sweep()
        shown = await hotline.step("SH1", "reply", **REPLY)
        assert (shown["case_id"], shown["case_state"]) == (str(other), "closed")

    async def test_through_a_chain_of_merges_orders_follow_the_case_that_goes_on(
        self, desk: Desk, hotline: Hotline
    ) -> None:
        first, second = await hotline.entered("SH1"), await hotline.entered("SH2", **AGAIN)
        main = await desk.answered()
        for case_id, into in ((first["case_id"], second["case_id"]), (second["case_id"], str(main))):
            await desk.step(UUID(case_id), "merge", {"into": into, "reason": "同一处"})
        await hotline.sweep()
        for number, own in (("SH1", first), ("SH2", second)):
            order = await hotline.order(number)
            assert (order.case_id, order.case_state) == (main, "checking")
            again = (await hotline.tell(number, "supplement", text="仍有堆物")).json()
            assert again["receipt_number"] == own["receipt_number"], "the caller keeps the own one"
            await hotline.contacted(number)
        await desk.check(main)
        await desk.step(main, "close", {})
        await hotline.sweep()
        for number in ("SH1", "SH2"):
            shown = await hotline.step(number, "reply", **REPLY)
            assert (shown["case_state"], shown["result"]) == ("closed", "solved")
        await hotline.tell("SH1", "redo", reason="仍有堆物")
        case = await desk.case(main)
        assert (case.state, case.round) == ("filed", 2)


class TestSecrecy:
    async def test_the_accused_neither_learns_nor_calls(self, desk: Desk, hotline: Hotline) -> None:
        firm = await known_unit(desk.database, kind="property-firm")
        office = await known_unit(desk.database, kind="housing-office")
        case_id = UUID((await hotline.entered("SH1", description="张三丰13812341234反映堆物"))["case_id"])
        shown = await hotline.step("SH1", "name-accused", unit_id=str(firm))
        assert (shown["accused_unit_id"], shown["contact_unit_id"]) == (str(firm), str(office))
        await hotline.accept(case_id)
        sent = await desk.step(case_id, "dispatch", {"unit_id": str(firm)})
        await hotline.tell("SH1", "supplement", text="张三丰说电话13812341234随时可打")
        await hotline.tell("SH1", "urge", note="13812341234再催")
        said = str(await outbox(desk.database, "jiayuan.grid.handover-tasks.v1"))
        assert "堆物" in said
        assert not [word for word in ("张三丰", "13812341234") if word in said]
        at = desk.clock.now.isoformat()
        call = {"by": "unit", "contacted_at": at, "person": "张三丰"}
        assert code(await hotline.post("SH1", "contact", call)) == (409, "accused-not-contact")
        await self._unit_calls(desk, case_id, sent)
        assert (await hotline.order("SH1")).contact_recorded_at is None
        await hotline.step("SH1", "contact", **call | {"by": "housing_office"})

    async def test_another_unit_makes_the_first_contact(self, desk: Desk, hotline: Hotline) -> None:
        case_id = UUID((await hotline.entered("SH1"))["case_id"])
        await hotline.accept(case_id)
        unit = await known_unit(desk.database)
        sent = await desk.step(case_id, "dispatch", {"unit_id": str(unit)})
        await self._unit_calls(desk, case_id, sent)
        order = await hotline.order("SH1")
        assert (order.state, order.contact_by, order.contact_on_time) == ("handling", "unit", True)
        assert await hotline.verbs("SH1") == ["received", "contacted"]

    async def _unit_calls(self, desk: Desk, case_id: UUID, sent: dict[str, Any]) -> None:
        unit = Unit(desk, case_id, UUID(sent["handover_id"]))
        unit.hears = handlers("grid", sends=SENDS, receives={}, clock=desk.clock)
        await unit.sign()
        await unit.say(said.FirstContactMade, contacted_at=desk.clock.now, person="张三丰")

    async def test_the_payload_is_shown_for_a_reason(self, desk: Desk, hotline: Hotline) -> None:
        order = await hotline.entered("SH1", caller=CALLER | {"secret": True})
        path = f"/grid/v1/orders/{order['id']}"
        shown = await desk.client.get(path, headers=as_(Role.LEADER))
        assert (shown.json()["claim_address"], "raw" in shown.json()) == ("福建中路100弄3号", False)
        told = await desk.client.post(f"{path}/payload", json={"reason": "核对"}, headers=as_(Role.ACCEPTOR))
        assert told.json()["raw"] == order_body()["raw"]
        (access,) = await outbox(desk.database, "jiayuan.grid.access.v1")
        assert access.payload["subject_id"] == order["id"]
        reporter = await desk.database.read(lambda s: s.get(Reporter, UUID(order["case_id"])))
        assert reporter is not None
        assert reporter.secret is True


class TestTheFeed:
    async def test_nothing_is_missed_and_what_is_acknowledged_is_not_told_again(
        self, desk: Desk, hotline: Hotline
    ) -> None:
        await hotline.entered("SH1")
        await Hotline(desk, "962121").entered("W1", **AGAIN)
        first = await hotline.changes()
        assert [(one["number"], one["change"]) for one in first["items"]] == [("SH1", "received")]
        await hotline.step("SH1", "take")
        await hotline.contacted("SH1")
        await hotline.step("SH1", "ask-return", reason="非本街道")
        page = await hotline.changes(after=first["next"], limit=1)
        assert (page["items"], page["next"] != first["next"]) == ([], True)
        assert page["more"], "what was looked through was not the hotline's, and there is more behind it"
        page = await hotline.changes(after=page["next"])
        told = [(one["change"], one["state"], one["order_state"]) for one in page["items"]]
        assert told == [
            ("contacted", "handling", "return_asked"), ("return-asked", "return_asked", "return_asked"),
        ]  # fmt: skip
        assert page["items"][1]["note"] == "非本街道"
        assert not page["more"]
        assert (await hotline.changes(after=page["next"]))["items"] == []
        await self._acknowledge(desk, page["next"])
        assert (await hotline.changes())["items"] == []
        await self._acknowledge(desk, first["next"])
        assert (await hotline.changes())["items"] == [], "an acknowledgement goes never back"
        hotlines = await desk.client.get("/grid/v1/hotlines", headers=as_(Role.DUTY_CHIEF))
        assert [row["channel"] for row in hotlines.json()["items"]] == ["12345"]
        elsewhere = as_(Role.HOTLINE_OFFICER, areas=(ELSEWHERE,))
        path = "/grid/v1/orders/changes"
        seen = await desk.client.get(
            path, params={"channel": "12345", "after": first["next"]}, headers=elsewhere
        )
        assert seen.json()["items"] == []

    async def _acknowledge(self, desk: Desk, upto: str) -> None:
        told = await desk.client.post(
            "/grid/v1/orders/changes/acknowledge",
            json={"channel": "12345", "upto": upto},
            headers=as_(Role.HOTLINE_OFFICER),
        )
        assert told.status_code == 200, told.text

    async def test_no_such_order(self, desk: Desk, hotline: Hotline) -> None:
        assert code(await hotline.tell("SH9", "urge", note="x")) == (404, "order-not-found")
        shown = await desk.client.get(f"/grid/v1/orders/{uuid4()}", headers=as_(Role.LEADER))
        assert code(shown) == (404, "order-not-found")
