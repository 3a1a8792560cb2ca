"""A joint study on a disputed duty: called after a return, decided on record, carried out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from libs.common.contracts import handover as said
from libs.common.policy import Role
from tests.grid.factories import Desk, Unit, as_, at_unit, known_unit, outbox


async def disputed(desk: Desk) -> tuple[Unit, UUID, UUID]:
    """A case that a unit has returned and that is under study: with that unit, and another one."""
    unit_id, other = await known_unit(desk.database), await known_unit(desk.database)
    unit = await at_unit(desk, unit_id=unit_id)
    await unit.say(said.ReturnAsked, note="非本单位职责")
    body = {"participant_ids": [str(unit_id), str(other)], "question": "属房管还是城管"}
    await desk.step(unit.case_id, "study", body, role=Role.DISPATCHER)
    return unit, unit_id, other


def decision(desk: Desk, outcome: str, *units: UUID, **overrides: Any) -> dict[str, Any]:
    told = {"outcome": outcome, "unit_ids": [str(each) for each in units], "record": "依职责清单"}
    return told | {"held_at": desk.clock.now.isoformat()} | overrides


async def decide(desk: Desk, case_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    return await desk.step(case_id, "decide-study", body, role=Role.DISPATCHER)


async def studies(desk: Desk, path: str) -> list[dict[str, Any]]:
    answer = await desk.client.get(f"/grid/v1{path}", headers=as_(Role.DISPATCHER))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_who_returned_it_is_designated_by_the_study(desk: Desk) -> None:
    unit, unit_id, _ = await disputed(desk)
    before = await desk.case(unit.case_id)
    shown = await decide(desk, unit.case_id, decision(desk, "unit", unit_id))
    assert (shown["state"], shown["designated"], shown["unit_id"]) == ("dispatched", True, str(unit_id))
    assert (await desk.case(unit.case_id)).due_at == before.due_at
    (row,) = await studies(desk, f"/cases/{unit.case_id}/studies")
    answer = await desk.client.get(f"/grid/v1/cases/{unit.case_id}/dispatches", headers=as_(Role.DISPATCHER))
    (dispatch,) = answer.json()["items"]
    assert (row["dispatch_id"], row["outcome"], row["record"]) == (dispatch["id"], "unit", "依职责清单")
    assert dispatch["designated_at"] is not None
    verbs = [sent.verb for sent in await outbox(desk.database, "jiayuan.grid.case.v1")]
    assert verbs[-4:] == ["returned", "study-opened", "study-decided", "designated"]


async def test_another_unit_is_given_it_by_a_new_handover_that_names_the_old(desk: Desk) -> None:
    unit, unit_id, other = await disputed(desk)
    shown = await decide(desk, unit.case_id, decision(desk, "split", other, unit_id))
    assert (shown["state"], shown["unit_id"]) == ("dispatched", str(other))
    told, beside = [e.payload for e in (await outbox(desk.database, "jiayuan.grid.handover-tasks.v1"))[-2:]]
    assert (told["replaces_id"], told["note"]) == (str(unit.handover_id), "依职责清单")
    assert (told["lead"], beside["lead"], beside["unit_id"]) == (True, False, str(unit_id))
    assert (beside["joint_id"], beside["note"]) == (told["joint_id"], "依职责清单")
    (row,) = await studies(desk, f"/cases/{unit.case_id}/studies")
    assert row["unit_ids"] == [str(other), str(unit_id)]


async def test_what_is_not_ours_goes_back_to_be_filed_anew(desk: Desk) -> None:
    unit, _, _ = await disputed(desk)
    shown = await decide(desk, unit.case_id, decision(desk, "not_ours"))
    assert (shown["state"], shown["unit_id"]) == ("accepted", None)
    (row,) = await studies(desk, f"/cases/{unit.case_id}/studies")
    assert row["dispatch_id"] is None


async def test_open_studies_are_listed_by_their_limit_until_decided(desk: Desk) -> None:
    first, _, _ = await disputed(desk)
    desk.clock.now += timedelta(days=1)
    second, unit_id, _ = await disputed(desk)
    found = await studies(desk, "/studies")
    assert [item["case"]["id"] for item in found] == [str(first.case_id), str(second.case_id)]
    assert found[0]["study"]["due_at"] < found[1]["study"]["due_at"]
    assert len(await studies(desk, "/studies?limit=1")) == 1
    assert await studies(desk, "/studies?area=310107") == []
    await desk.step(first.case_id, "recall", {"reason": "另派"})
    await decide(desk, second.case_id, decision(desk, "unit", unit_id))
    assert await studies(desk, "/studies") == []


async def test_what_does_not_fit_is_refused(desk: Desk) -> None:
    unit, unit_id, other = await disputed(desk)
    early = (desk.clock.now - timedelta(days=1)).isoformat()
    for body, code in (
        (decision(desk, "unit"), "study-units-wrong"),
        (decision(desk, "unit", unit_id, other), "study-units-wrong"),
        (decision(desk, "split", other, other), "study-units-wrong"),
        (decision(desk, "not_ours", other), "study-units-wrong"),
        (decision(desk, "unit", other, held_at=early), "study-time-implausible"),
        (decision(desk, "unit", uuid4()), "unit-unknown"),
    ):
        answer = await desk.post(unit.case_id, "decide-study", body, role=Role.DISPATCHER)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    again = {"participant_ids": [str(unit_id), str(other)], "question": "再议"}
    answer = await desk.post(unit.case_id, "study", again, role=Role.DISPATCHER)
    assert (answer.status_code, answer.json()["code"]) == (409, "already-studied")


async def test_one_return_one_study_and_nothing_is_decided_without_one(desk: Desk) -> None:
    unit_id = await known_unit(desk.database)
    unit = await at_unit(desk, unit_id=unit_id)
    early = {"participant_ids": [str(unit_id), str(uuid4())], "question": "属谁"}
    answer = await desk.post(unit.case_id, "study", early, role=Role.DISPATCHER)
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal-transition")
    await unit.say(said.ReturnAsked, note="非本单位职责")
    answer = await desk.post(unit.case_id, "study", early, role=Role.DISPATCHER)
    assert (answer.status_code, answer.json()["code"]) == (422, "unit-unknown")
    body = decision(desk, "unit", unit_id)
    answer = await desk.post(unit.case_id, "decide-study", body, role=Role.DISPATCHER)
    assert (answer.status_code, answer.json()["code"]) == (409, "no-open-study")
