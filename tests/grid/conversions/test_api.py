"""Converting over HTTP: consent, what goes over and what does not, the clock, the interim reply, recall."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.common.contracts import handover as said
from libs.common.db import Database
from libs.common.policy import Role
from services.grid.cases.models import Reporter
from tests.grid.factories import Desk, as_, at_unit, outbox
from tests.grid.mediation import (
    HANDED_OVER,
    NAMES,
    PARTIES,
    REPORTER,
    convert,
    in_mediation,
    ordered,
)


async def consent_on_record(database: Database, case_id: UUID) -> Any:
    row = await database.read(lambda session: session.get(Reporter, case_id))
    assert row is not None
    return row.consent_at


async def dispatches(desk: Desk, case_id: UUID) -> list[tuple[Any, ...]]:
    answer = await desk.client.get(f"/grid/v1/cases/{case_id}/dispatches", headers=as_(Role.DISPATCHER))
    return [(row["unit_id"], row["handover_id"], row["end"]) for row in answer.json()["items"]]


async def refused(desk: Desk, case_id: UUID, **body: Any) -> tuple[int, str]:
    answer = await desk.post(case_id, "convert", {"parties": PARTIES} | body)
    return answer.status_code, answer.json()["code"]


class TestConsent:
    async def test_without_it_nothing_goes_over(self, desk: Desk) -> None:
        case_id = await ordered(desk, consent=False)
        assert await refused(desk, case_id) == (409, "handover-consent-missing")
        assert (await desk.case(case_id)).state == "filed"
        assert await outbox(desk.database, HANDED_OVER) == []

    async def test_given_with_the_report_it_is_enough(self, desk: Desk, database: Database) -> None:
        mediation = await in_mediation(desk)
        assert (await mediation.handover()).consent_at == await consent_on_record(database, mediation.case_id)

    async def test_given_now_it_is_recorded(self, desk: Desk, database: Database) -> None:
        case_id = await ordered(desk, consent=False)
        await convert(desk, case_id, consent_at=desk.clock.now.isoformat())
        assert await consent_on_record(database, case_id) == desk.clock.now

    async def test_who_asked_for_secrecy_must_agree_anew(self, desk: Desk) -> None:
        case_id = await ordered(desk, secret=True)
        assert await refused(desk, case_id) == (409, "handover-consent-missing")
        await convert(desk, case_id, consent_at=desk.clock.now.isoformat())

    async def test_not_in_the_future(self, desk: Desk) -> None:
        ahead = desk.clock.now + timedelta(hours=1)
        refusal = await refused(desk, await ordered(desk), consent_at=ahead.isoformat())
        assert refusal == (422, "consent-in-the-future")


class TestWhatGoesOver:
    async def test_the_dispute_is_not_to_be_told_again(self, desk: Desk) -> None:
        mediation = await in_mediation(desk)
        (sent,) = await outbox(desk.database, HANDED_OVER)
        told, case = sent.payload["contents"], await desk.case(mediation.case_id)
        assert (told["title"], told["description"], told["category"]) == (
            "楼道堆物", case.description, case.category,
        )  # fmt: skip
        assert (told["place"]["area"], told["place"]["address"]) == (case.area, case.address)
        assert told["reporter"] == {
            "name": REPORTER["name"], "phone": REPORTER["phone"], "role": "reporter", "unit_id": None,
        }  # fmt: skip
        assert [(one["name"], one["role"]) for one in told["parties"]] == [
            (one["name"], one["role"]) for one in PARTIES
        ]
        assert told["details"]["party_kinds"] == ["owner", "firm"]
        assert [photo["hash"] for photo in told["media"]] == ["a" * 64]
        assert (sent.payload["kind"], sent.payload["subject_number"]) == ("case-dispute", case.number)

    async def test_no_name_and_no_telephone_goes_elsewhere(self, desk: Desk) -> None:
        mediation = await in_mediation(desk)
        await mediation.end("agreement")
        assert [event.verb for event in await outbox(desk.database)][-3:] == [
            "converted", "started", "concluded",
        ]  # fmt: skip
        for role in (Role.DISPATCHER, Role.HOTLINE_OFFICER, Role.INSPECTOR):
            path = f"/grid/v1/cases/{mediation.case_id}"
            shown = [await desk.client.get(each, headers=as_(role)) for each in (path, f"{path}/history")]
            assert not [name for name in NAMES for answer in shown if name in answer.text]
        assert not [name for name in NAMES for event in await outbox(desk.database) if name in str(event)]

    @pytest.mark.parametrize(
        "parties", [[], [PARTIES[0]], [{**PARTIES[1], "kind": "king"}], [{**PARTIES[1], "role": "reporter"}]]
    )
    async def test_who_is_in_the_dispute_is_checked(self, desk: Desk, parties: list[Any]) -> None:
        answer = await desk.post(await ordered(desk), "convert", {"parties": parties})
        assert answer.status_code == 422

    async def test_an_estate_that_nobody_knows(self, desk: Desk) -> None:
        refusal = await refused(desk, await ordered(desk), estate_id=str(uuid4()))
        assert refusal == (422, "place-unknown")


class TestTheClock:
    async def test_never_dispatched_there_is_none(self, desk: Desk) -> None:
        mediation = await in_mediation(desk)
        desk.clock.tick(timedelta(days=3))
        shown = await desk.step(mediation.case_id, "recall", {"reason": "双方已另约"})
        assert (shown["state"], shown["due_at"], shown["converted_at"]) == ("filed", None, None)

    async def test_it_stands_while_mediation_has_the_case(self, desk: Desk) -> None:
        unit = await at_unit(desk)
        await unit.say(said.ReturnAsked, note="属民事争议")
        before = (await desk.case(unit.case_id)).due_at
        assert before is not None
        mediation = await convert(desk, unit.case_id, consent_at=desk.clock.now.isoformat())
        converted_at = desk.clock.now
        desk.clock.tick(timedelta(days=7))
        shown = await desk.read(unit.case_id)
        assert (shown["state"], shown["overdue"], shown["suspension_count"]) == ("converted", False, 0)
        await desk.step(unit.case_id, "recall", {"reason": "另行派遣"})
        case = await desk.case(unit.case_id)
        assert case.due_at == before + timedelta(days=7)
        assert case.pauses == [converted_at, desk.clock.now]
        assert await dispatches(desk, unit.case_id) == [
            (str((await unit.handover()).unit_id), str(unit.handover_id), "returned"),
            (None, str(mediation.handover_id), "recalled"),
        ]

    async def test_a_changed_standard_keeps_the_pause(self, desk: Desk) -> None:
        unit = await at_unit(desk)
        await unit.say(said.ReturnAsked, note="属民事争议")
        await convert(desk, unit.case_id, consent_at=desk.clock.now.isoformat())
        desk.clock.tick(timedelta(days=7))
        await desk.step(unit.case_id, "recall", {"reason": "另行派遣"})
        before = (await desk.case(unit.case_id)).due_at
        body = {"standard": "structure", "reason": "核对"}
        await desk.step(unit.case_id, "change-standard", body)
        assert (await desk.case(unit.case_id)).due_at == before


class TestInterimReply:
    async def test_a_hotline_is_answered_by_its_limit(self, desk: Desk) -> None:
        case_id = await ordered(desk)
        desk.clock.tick(timedelta(days=1))  # the limit runs from the report, not from the conversion
        mediation = await convert(desk, case_id)
        shown = await desk.read(mediation.case_id)
        assert (shown["queue"], shown["step_due_at"][:10]) == ("interim_reply", "2026-11-30")
        assert await desk.queue(reason="interim_reply") == [(str(mediation.case_id), "interim_reply")]
        desk.clock.tick(timedelta(days=1))
        replied = await desk.step(
            mediation.case_id, "interim-reply", {"note": "已电话告知"}, role=Role.HOTLINE_OFFICER
        )
        assert (replied["state"], replied["queue"], replied["step_due_at"]) == ("converted", None, None)
        assert (await desk.case(mediation.case_id)).interim_at == desk.clock.now
        last = (await outbox(desk.database))[-1]
        assert (last.verb, last.payload["on_time"]) == ("interim-replied", True)
        assert await desk.queue() == []

    async def test_late_it_is_told_as_late(self, desk: Desk) -> None:
        mediation = await in_mediation(desk)
        desk.clock.tick(timedelta(days=9))
        await desk.step(mediation.case_id, "interim-reply", {"note": "已电话告知"})
        assert (await outbox(desk.database))[-1].payload["on_time"] is False

    async def test_other_channels_want_none(self, desk: Desk) -> None:
        mediation = await in_mediation(desk, "leader")
        shown = await desk.read(mediation.case_id)
        assert (shown["queue"], shown["step_due_at"]) == (None, None)

    async def test_once_given_it_is_not_owed_again(self, desk: Desk) -> None:
        mediation = await in_mediation(desk)
        await desk.step(mediation.case_id, "interim-reply", {"note": "已电话告知"})
        await desk.step(mediation.case_id, "recall", {"reason": "补充当事人"})
        assert (await desk.case(mediation.case_id)).queue == "to_dispatch"
        await convert(desk, mediation.case_id)
        assert (await desk.case(mediation.case_id)).queue is None


class TestWhileMediationHasIt:
    async def test_what_who_may_do(self, desk: Desk) -> None:
        mediation = await in_mediation(desk)
        may = {
            role: (await desk.read(mediation.case_id, role))["allowed_actions"]
            for role in (Role.DISPATCHER, Role.HOTLINE_OFFICER, Role.INSPECTOR, Role.DUTY_CHIEF)
        }
        assert may == {
            Role.DISPATCHER: ["interim-reply", "recall", "supplement", "urge"],
            Role.HOTLINE_OFFICER: ["interim-reply", "supplement", "urge"],
            Role.INSPECTOR: ["supplement"],
            Role.DUTY_CHIEF: ["force-close", "void"],
        }

    @pytest.mark.parametrize(
        "action, body, code",
        [
            ("start", None, "handled-by-unit"),
            ("progress", {"note": "x"}, "handled-by-unit"),
            ("return", {"reason_code": "other", "reason": "x"}, "handled-by-unit"),
            ("answer", {"outcome": "solved", "summary": "x"}, "illegal-transition"),
        ],
    )
    async def test_no_squad_works_on_it(self, desk: Desk, action: str, body: Any, code: str) -> None:
        mediation = await in_mediation(desk)
        answer = await desk.post(mediation.case_id, action, body)
        assert (answer.status_code, answer.json()["code"]) == (409, code)

    async def test_urging_and_supplements_reach_it(self, desk: Desk) -> None:
        mediation = await in_mediation(desk)
        await desk.step(mediation.case_id, "urge", {"note": "市民再次来电"})
        await desk.step(mediation.case_id, "supplement", {"text": "又有新情况"})
        told = await outbox(desk.database, HANDED_OVER)
        assert [event.verb for event in told] == ["requested", "urged", "supplemented"]

    async def test_recalled_it_is_withdrawn_there_and_dispatched_anew(self, desk: Desk) -> None:
        mediation = await in_mediation(desk)
        await mediation.sign()
        shown = await desk.step(mediation.case_id, "recall", {"reason": "属违建，另派"})
        assert (shown["state"], shown["queue"], shown["handover_id"]) == ("filed", "to_dispatch", None)
        assert (await mediation.handover()).state == "withdrawn"
        again = await convert(desk, mediation.case_id)
        handover = await again.handover()
        assert (handover.replaces_id, handover.times) == (mediation.handover_id, 2)

    @pytest.mark.parametrize(
        "action, code, state",
        [("force-close", "policy", "force_closed"), ("void", "false-report", "voided")],
    )
    async def test_stopped_it_is_withdrawn_there(
        self, desk: Desk, action: str, code: str, state: str
    ) -> None:
        mediation = await in_mediation(desk)
        shown = await desk.step(mediation.case_id, action, {"reason_code": code, "reason": "依职权"})
        assert (shown["state"], (await mediation.handover()).state) == (state, "withdrawn")


async def test_from_a_units_return(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.say(said.ReturnAsked, note="属民事争议")
    mediation = await convert(desk, unit.case_id, consent_at=desk.clock.now.isoformat())
    assert (await unit.handover()).state == "returned"
    assert (await mediation.handover()).replaces_id == unit.handover_id
    case = await desk.case(unit.case_id)
    assert (case.state, case.unit_id) == ("converted", None)


async def test_only_what_is_filed_or_returned(desk: Desk) -> None:
    handled = await desk.handled()
    assert await refused(desk, handled) == (409, "illegal-transition")


async def test_a_colleagues_claim_holds(desk: Desk) -> None:
    case_id = await ordered(desk)
    path = f"/grid/v1/cases/{case_id}/claim"
    await desk.client.post(path, headers=as_(Role.DISPATCHER, subject="dispatcher-2"))
    assert await refused(desk, case_id) == (409, "case-claimed")
