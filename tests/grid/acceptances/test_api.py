"""The acceptor's steps over HTTP."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.numbering import read_matter_number
from libs.common.policy import Actor, Role
from services.grid.acceptances import service
from services.grid.acceptances.domain import MergeTargetInvalid
from services.grid.cases.service import By, Case
from tests.grid.factories import Desk, as_, outbox


async def test_accepting_gives_a_number_of_day_subdistrict_and_serial(desk: Desk) -> None:
    numbers = []
    for _ in range(2):
        shown = await desk.step(await desk.report(), "accept")
        numbers.append(read_matter_number(shown["number"]))
    assert [(n.prefix, n.day.isoformat(), n.area, n.serial) for n in numbers] == [
        ("G", "2026-11-23", "310101002", 1), ("G", "2026-11-23", "310101002", 2),
    ]  # fmt: skip


async def test_a_rejected_report_ends_with_a_reason_that_the_reporter_sees(desk: Desk) -> None:
    case_id = await desk.report()
    body = {"reason_code": "private-matter", "reason": "属于邻里私人事务"}
    shown = await desk.step(case_id, "reject", body)
    assert (shown["state"], shown["number"], shown["queue"]) == ("rejected", None, None)
    history = await desk.client.get(f"/grid/v1/cases/{case_id}/history", headers=as_(Role.INSPECTOR))
    assert history.json()["items"][-1]["note"] == "属于邻里私人事务"
    assert (await outbox(desk.database))[-1].payload["reason_code"] == "private-matter"


async def test_near_in_place_and_time_is_shown_and_a_person_merges(desk: Desk) -> None:
    def at(lon: float) -> dict[str, object]:
        return {"point": {"lon": lon, "lat": 31.2286, "crs": "WGS84"}}

    first = await desk.report(place=at(121.4853))
    near = await desk.report(place=at(121.4857))
    await desk.report(place=at(121.4860))
    await desk.report(place=at(121.4853), category="0201")
    earlier = (desk.clock.now - timedelta(hours=25)).isoformat()
    await desk.report(place=at(121.4853), found_at=earlier)
    path = f"/grid/v1/cases/{first}/possible-duplicates"
    found = (await desk.client.get(path, headers=as_(Role.ACCEPTOR))).json()["items"]
    assert [(item["case"]["id"], item["distance_m"]) for item in found] == [(str(near), 38)]
    shown = await desk.step(near, "merge", {"into": str(first), "reason": "同一处堆物"})
    assert (shown["state"], shown["merged_into"]) == ("merged", str(first))
    back = await desk.post(first, "merge", {"into": str(near), "reason": "同一处堆物"})
    assert (back.status_code, back.json()["code"]) == (422, "merge-target-invalid")
    itself = await desk.post(first, "merge", {"into": str(first), "reason": "同一处堆物"})
    assert itself.json()["code"] == "merge-target-invalid"


async def test_of_two_that_are_merged_into_each_other_at_once_one_goes_on(desk: Desk) -> None:
    one, other = await desk.report(), await desk.report()
    by = By(Actor("acceptor-1", Role.ACCEPTOR), desk.clock.now)

    async def merge(session: AsyncSession, case_id: UUID, into: UUID) -> Case:
        return await service.merge(session, case_id, into, reason="同一处", by=by)

    async def both(session: AsyncSession) -> asyncio.Task[Case]:
        await merge(session, one, other)
        second = asyncio.create_task(desk.database.transact(lambda s: merge(s, other, one)))
        done, _ = await asyncio.wait([second], timeout=0.3)
        assert not done, "it waits for the first to commit"
        return second

    second = await desk.database.transact(both)
    with pytest.raises(MergeTargetInvalid):
        await second
    assert [(await desk.case(case_id)).state for case_id in (one, other)] == ["merged", "reported"]


async def test_a_case_without_coordinates_has_no_near_ones(desk: Desk) -> None:
    case_id = await desk.report()
    path = f"/grid/v1/cases/{case_id}/possible-duplicates"
    assert (await desk.client.get(path, headers=as_(Role.ACCEPTOR))).json() == {"items": []}


async def test_what_was_not_filed_is_reopened_with_its_number(desk: Desk) -> None:
    case_id = await desk.report()
    number = (await desk.step(case_id, "accept"))["number"]
    await desk.step(case_id, "refuse-filing", {"reason_code": "other", "reason": "暂不符合立案条件"})
    shown = await desk.step(case_id, "reopen", {"reason": "补充材料"})
    assert (shown["state"], shown["round"], shown["queue"]) == ("reported", 2, "to_accept")
    assert (await desk.step(case_id, "accept"))["number"] == number
