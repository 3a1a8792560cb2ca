"""Filing over HTTP."""

from __future__ import annotations

from tests.grid.factories import Desk, outbox


async def test_filing_picks_the_standard_and_its_limit(desk: Desk) -> None:
    case_id = await desk.report(category="0101")
    await desk.step(case_id, "accept")
    shown = await desk.step(case_id, "file", {"standard": "building"})
    assert shown["standard"]["limit_amount"] == 2
    assert shown["standard"]["limit_unit"] == "urgent_hours"
    assert shown["due_at"] is None
    payload = (await outbox(desk.database))[-1].payload
    assert (payload["standard"], payload["standard_revision"]) == ("building", 1)


async def test_what_filing_refuses(desk: Desk) -> None:
    case_id = await desk.report(photos=[])
    await desk.step(case_id, "accept")
    unknown = await desk.post(case_id, "file", {"standard": "invented"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "standard-unknown")
    category = await desk.post(case_id, "file", {"standard": "found", "category": "0999"})
    assert category.json()["code"] == "category-unknown"
    photos = await desk.post(case_id, "file", {"standard": "found"})
    assert (photos.status_code, photos.json()["code"]) == (422, "photos-missing")


async def test_filing_may_name_the_item_of_the_category(desk: Desk) -> None:
    case_id = await desk.report(category="0305")
    await desk.step(case_id, "accept")
    other = await desk.post(case_id, "file", {"standard": "overdue", "item": "020201"})
    assert (other.status_code, other.json()["code"]) == (422, "item-unknown")
    assert other.json()["data"]["choices"] == "030501, 030502, 030503, 030504"
    shown = await desk.step(case_id, "file", {"standard": "overdue", "item": "030503"})
    assert (shown["item"], shown["item_zh"]) == ("030503", "大件垃圾")
    assert (await outbox(desk.database))[-1].payload["item"] == "030503"
    again = {"standard": "overdue", "reason": "核对"}
    assert (await desk.step(case_id, "change-standard", again))["item"] == "030503", "the category stays"
    moved = await desk.step(case_id, "change-standard", again | {"standard": "found", "category": "0202"})
    assert (moved["item"], moved["item_zh"]) == (None, None)


async def test_the_duty_chief_may_refuse_to_file(desk: Desk) -> None:
    case_id = await desk.report()
    await desk.step(case_id, "accept")
    body = {"reason_code": "no-such-problem", "reason": "现场查看未发现"}
    shown = await desk.step(case_id, "refuse-filing", body)
    assert (shown["state"], shown["ended_at"] is None) == ("rejected", False)


async def test_a_changed_standard_moves_the_deadline_from_the_same_start(desk: Desk) -> None:
    case_id = await desk.filed("0203", "parked")
    await desk.step(case_id, "dispatch", {"squad": "网格处置一队"})
    before = await desk.case(case_id)
    desk.clock.tick()
    shown = await desk.step(case_id, "change-standard", {"standard": "charging", "reason": "现场在充电"})
    after = await desk.case(case_id)
    assert (shown["standard"]["code"], after.clock_started_at) == ("charging", before.clock_started_at)
    assert after.due_at is not None
    assert before.due_at is not None
    assert after.due_at < before.due_at
