"""What mediation says of a case, each message delivered twice, and what becomes of the case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from libs.common.contracts import handover as said
from libs.common.handover.jobs import JOBS as HANDOVER_JOBS
from libs.common.jobs import run_once
from libs.common.policy import Role
from services.grid.dispatches.jobs import JOBS
from tests.grid.estates import bound
from tests.grid.factories import Desk, as_, at_unit, known_unit, outbox
from tests.grid.mediation import BODY, HANDED_OVER, Mediation, convert, in_mediation


async def verbs(desk: Desk) -> list[str]:
    return [event.verb for event in await outbox(desk.database)]


async def history(desk: Desk, case_id: UUID) -> list[dict[str, Any]]:
    answer = await desk.client.get(f"/grid/v1/cases/{case_id}/history", headers=as_(Role.HOTLINE_OFFICER))
    steps: list[dict[str, Any]] = answer.json()["items"]
    return steps


class TestTheEnd:
    async def test_an_agreement_solves_it_and_the_source_reads_result_date_and_body(self, desk: Desk) -> None:
        mediation = await in_mediation(desk)
        await mediation.sign()
        desk.clock.tick(timedelta(days=20))
        await mediation.end("agreement")
        shown = await desk.read(mediation.case_id, Role.HOTLINE_OFFICER)
        assert (shown["state"], shown["outcome"], shown["queue"]) == ("closed", "solved", None)
        ended = desk.clock.now.isoformat().replace("+00:00", "Z")
        assert shown["mediation"] == {
            "result": "agreement", "answered_at": ended, "body": BODY, "remedies": [],
        }  # fmt: skip
        assert (shown["ended_at"], shown["on_time"], shown["converted_at"]) == (ended, None, None)
        assert (await mediation.handover()).state == "accepted"
        assert (await outbox(desk.database, HANDED_OVER))[-1].verb == "accepted"
        last = (await history(desk, mediation.case_id))[-1]
        assert (last["action"], last["from_state"], last["to_state"]) == ("conclude", "converted", "closed")
        assert (last["changed"]["body"], last["changed"]["result"]) == (BODY, "agreement")

    @pytest.mark.parametrize(
        "result, remedies",
        [("refused", ["arbitration", "court"]), ("failed", ["court"]), ("withdrawn", [])],
    )
    async def test_any_other_end_is_explained(self, desk: Desk, result: str, remedies: list[str]) -> None:
        mediation = await in_mediation(desk)
        await mediation.end(result, *remedies)
        shown = await desk.read(mediation.case_id, Role.INSPECTOR)
        assert (shown["state"], shown["outcome"]) == ("closed", "explained")
        assert (shown["mediation"]["result"], shown["mediation"]["remedies"]) == (result, remedies)
        told = (await outbox(desk.database))[-1]
        assert (told.verb, told.payload["outcome"]) == ("concluded", "explained")
        assert BODY not in str(told)

    async def test_it_was_in_time_if_it_was_not_late_when_mediation_took_it(self, desk: Desk) -> None:
        kept = {}
        for late in (False, True):
            unit = await at_unit(desk)
            due_at = (await desk.case(unit.case_id)).due_at
            assert due_at is not None
            if late:
                desk.clock.now = due_at + timedelta(hours=1)
            await unit.say(said.ReturnAsked, note="属民事争议")
            mediation = await convert(desk, unit.case_id, consent_at=desk.clock.now.isoformat())
            desk.clock.tick(timedelta(days=30))
            await mediation.end("agreement")
            kept[late] = (await desk.read(unit.case_id))["on_time"]
        assert kept == {False: True, True: False}

    async def test_who_reads_from_outside_is_not_told(self, desk: Desk) -> None:
        query = text("SELECT estate_id FROM estate_coverage LIMIT 1")
        estate = (await desk.database.read(lambda session: session.scalars(query))).one()
        mediation = await in_mediation(desk, place={"estate_id": str(estate)})
        await mediation.end("agreement")
        headers = bound(Role.FIRM_MANAGER, estate)
        answer = await desk.client.get(f"/grid/v1/cases/{mediation.case_id}", headers=headers)
        assert (answer.status_code, answer.json()["mediation"]) == (200, None)
        assert BODY not in answer.text

    async def test_reopened_it_is_dispatched_or_converted_anew(self, desk: Desk) -> None:
        mediation = await in_mediation(desk)
        await mediation.end("failed", "court")
        shown = await desk.step(mediation.case_id, "reopen", {"reason": "协议未履行"})
        assert (shown["state"], shown["mediation"], shown["outcome"]) == ("filed", None, None)
        again = await convert(desk, mediation.case_id)
        assert (await again.handover()).replaces_id == mediation.handover_id
        assert (await desk.case(mediation.case_id)).queue == "interim_reply"


class TestOnTheWay:
    async def test_signed_and_in_progress_it_stays_in_mediation(self, desk: Desk) -> None:
        mediation = await in_mediation(desk)
        await mediation.sign()
        await mediation.say(said.Progressed, note="已约双方周五到场", interim=True)
        assert (await desk.case(mediation.case_id)).state == "converted"
        assert (await verbs(desk))[-3:] == ["converted", "started", "progressed"]

    async def test_unsigned_it_shows_on_the_dispatchers_list(self, desk: Desk) -> None:
        mediation = await in_mediation(desk, "leader")
        desk.clock.tick(timedelta(hours=5))
        await run_once(desk.database, "grid", HANDOVER_JOBS[0], now=desk.clock.now)
        assert await run_once(desk.database, "grid", JOBS[0], now=desk.clock.now) == 1
        assert await desk.queue(reason="unsigned") == [(str(mediation.case_id), "unsigned")]
        await mediation.sign()
        assert await desk.queue() == []

    async def test_after_a_withdrawal_an_answer_is_recorded_and_not_applied(self, desk: Desk) -> None:
        mediation = await in_mediation(desk)
        await mediation.sign()
        read = (await mediation.handover()).version
        await desk.step(mediation.case_id, "recall", {"reason": "另行派遣"})
        await mediation.end("agreement", read=read)
        case = await desk.case(mediation.case_id)
        assert (case.state, case.outcome, case.answered_at) == ("filed", None, None)
        assert (await mediation.handover()).state == "withdrawn"


class TestReturned:
    async def returned(self, desk: Desk) -> Mediation:
        mediation = await in_mediation(desk)
        desk.clock.tick(timedelta(hours=1))
        await mediation.say(said.ReturnAsked, note="no-property-dispute: 系借款纠纷")
        return mediation

    async def test_it_is_on_the_dispatchers_queue(self, desk: Desk) -> None:
        mediation = await self.returned(desk)
        shown = await desk.read(mediation.case_id)
        assert (shown["state"], shown["queue"], shown["return_count"]) == ("returned", "returned", 1)
        assert {"dispatch", "recall", "convert", "send-back"} <= set(shown["allowed_actions"])
        assert "designate" not in shown["allowed_actions"]
        assert (await outbox(desk.database))[-1].payload["reason_code"] == "not-for-mediation"

    async def test_mediation_is_not_designated(self, desk: Desk) -> None:
        mediation = await self.returned(desk)
        answer = await desk.post(mediation.case_id, "designate", {"reason": "应予调解"})
        assert (answer.status_code, answer.json()["code"]) == (409, "nobody-to-designate")

    async def test_taken_back_it_is_filed_again(self, desk: Desk) -> None:
        mediation = await self.returned(desk)
        shown = await desk.step(mediation.case_id, "recall", {"reason": "同意退回"})
        assert (shown["state"], shown["queue"]) == ("filed", "to_dispatch")
        assert (await mediation.handover()).state == "returned"
        assert (await outbox(desk.database, HANDED_OVER))[-1].verb == "taken-back"

    async def test_dispatched_elsewhere_it_is_taken_back_too(self, desk: Desk) -> None:
        mediation = await self.returned(desk)
        unit_id = await known_unit(desk.database)
        shown = await desk.step(mediation.case_id, "dispatch", {"unit_id": str(unit_id)})
        assert (shown["state"], shown["unit_id"]) == ("dispatched", str(unit_id))
        assert (await mediation.handover()).state == "returned"
        told = await outbox(desk.database, "jiayuan.grid.handover-tasks.v1")
        assert told[-1].payload["replaces_id"] == str(mediation.handover_id)

    async def test_another_standard_is_nothing_to_mediation(self, desk: Desk) -> None:
        mediation = await self.returned(desk)
        before = len(await outbox(desk.database, HANDED_OVER))
        await desk.step(mediation.case_id, "change-standard", {"standard": "found", "reason": "核对"})
        assert len(await outbox(desk.database, HANDED_OVER)) == before


class TestSaidAgain:
    """What grid lost, mediation says again; the case follows where it had not."""

    async def test_nothing_new_changes_nothing(self, desk: Desk) -> None:
        mediation = await in_mediation(desk)
        await mediation.sign()
        before = await verbs(desk)
        await mediation.restate()
        assert await verbs(desk) == before

    async def test_that_it_signed(self, desk: Desk) -> None:
        mediation = await in_mediation(desk)
        await mediation.restate(state="signed", signed_at=desk.clock.now)
        assert (await verbs(desk))[-2:] == ["converted", "started"]

    async def test_that_it_asked_to_return(self, desk: Desk) -> None:
        mediation = await in_mediation(desk)
        await mediation.restate(state="return_requested")
        assert (await desk.case(mediation.case_id)).state == "returned"
        assert (await desk.step(mediation.case_id, "recall", {"reason": "同意退回"}))["state"] == "filed"

    @pytest.mark.parametrize("state", ["answered", "accepted"])
    async def test_that_it_answered(self, desk: Desk, state: str) -> None:
        mediation = await in_mediation(desk)
        now = desk.clock.now
        answer = {"result": "agreement", "body": BODY}
        ended = {"ended_at": now} if state == "accepted" else {}
        await mediation.restate(state=state, signed_at=now, answered_at=now, answer=answer, **ended)
        shown = await desk.read(mediation.case_id)
        assert (shown["state"], shown["mediation"]["body"]) == ("closed", BODY)
        assert (await mediation.handover()).state == "accepted"
        assert (await verbs(desk)).count("concluded") == 1

    @pytest.mark.parametrize("state", ["withdrawn", "returned"])
    async def test_that_grid_had_ended_it(self, desk: Desk, state: str) -> None:
        mediation = await in_mediation(desk)
        await mediation.restate(state=state, ended_at=desk.clock.now)
        shown = await desk.read(mediation.case_id)
        assert (shown["state"], shown["queue"], shown["handover_id"]) == ("filed", "to_dispatch", None)
        assert (await verbs(desk)).count("recalled") == 1
