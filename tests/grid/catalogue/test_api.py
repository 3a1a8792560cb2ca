"""The catalogue over HTTP."""

from __future__ import annotations

from libs.common.policy import Role
from tests.grid.factories import Desk, as_, outbox

STANDARD = {
    "condition_zh": "现场存在", "condition_en": "Present on site", "limit_amount": 2,
    "limit_unit": "working_days", "closing_zh": "清理整改", "closing_en": "Cleared",
    "source": "区城运中心 2026 年第 3 号通知", "effective_from": "2026-11-23",
}  # fmt: skip


async def test_everybody_reads_the_categories(desk: Desk) -> None:
    answer = await desk.client.get("/grid/v1/categories", headers=as_(Role.UNIT_CLERK))
    items = {item["code"]: item for item in answer.json()["items"]}
    assert len(items) == 124
    assert items["0202"]["name_zh"] == "楼道堆物"
    assert [s["code"] for s in items["0101"]["standards"]] == ["building", "existing"]
    one = await desk.client.get("/grid/v1/categories/0202", headers=as_(Role.UNIT_CLERK))
    assert (one.json(), one.headers["etag"]) == (items["0202"], '"1"')
    missing = await desk.client.get("/grid/v1/categories/9999", headers=as_(Role.UNIT_CLERK))
    assert (missing.status_code, missing.json()["code"]) == (404, "category-not-found")


async def test_a_revision_leaves_running_cases_alone(desk: Desk) -> None:
    running = await desk.filed()
    path = "/grid/v1/categories/0202/standards/found"
    headers = as_(Role.ADMINISTRATOR, version=1)
    revised = await desk.client.put(path, json=STANDARD, headers=headers)
    assert revised.status_code == 200, revised.text
    (standard,) = revised.json()["standards"]
    assert (standard["revision"], standard["limit_amount"], revised.json()["version"]) == (2, 2, 2)
    later = await desk.filed()
    kept = [(await desk.read(case_id))["standard"]["revision"] for case_id in (running, later)]
    assert kept == [1, 2]
    (event,) = await outbox(desk.database, "jiayuan.grid.category.v1")
    assert event.payload["standards"][0]["revision"] == 2


async def test_who_may_revise_and_from_which_version(desk: Desk) -> None:
    path = "/grid/v1/categories/0202/standards/found"
    role = await desk.client.put(path, json=STANDARD, headers=as_(Role.DUTY_CHIEF, version=1))
    assert role.status_code == 403
    stale = await desk.client.put(path, json=STANDARD, headers=as_(Role.ADMINISTRATOR, version=7))
    assert stale.status_code == 412
    early = STANDARD | {"effective_from": "2025-01-01"}
    answer = await desk.client.put(path, json=early, headers=as_(Role.ADMINISTRATOR, version=1))
    assert (answer.status_code, answer.json()["code"]) == (409, "effective-date-not-later")
