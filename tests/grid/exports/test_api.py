"""Exports over HTTP: small ones at once, long ones with progress; masked, bounded, on record, no formulas."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import openpyxl
import pytest

from libs.common.media import MediaStore
from libs.common.policy import Role
from libs.common.service import Outside
from libs.common.settings import Settings
from services.grid.exports import service
from services.grid.exports.domain import LEASE, TRIES
from services.grid.exports.jobs import let_go, make
from services.grid.main import SERVICE
from tests.grid.crowd import crowd
from tests.grid.factories import Callers, Desk, as_, outbox
from tests.support.apps import lent_app

PATH = "/grid/v1/exports"
CHIEF = as_(Role.DUTY_CHIEF)
PERIOD = {"since": "2026-11-01", "until": "2026-11-30", "by": "category"}


async def ask(desk: Desk, body: dict[str, Any], status: int = 201, **who: Any) -> Any:
    answer = await desk.client.post(PATH, json=body, headers=as_(Role.DUTY_CHIEF, **who))
    assert answer.status_code == status, answer.text
    return answer.json()


async def fetch(client: httpx.AsyncClient, export: Any, **who: Any) -> httpx.Response:
    return await client.get(f"{PATH}/{export['id']}/file", headers=as_(Role.DUTY_CHIEF, **who))


def table(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


async def test_a_small_list_leaves_at_once_masked_and_on_record(desk: Desk) -> None:
    await desk.report(description='=HYPERLINK("http://x","张三丰13812341234")')
    await desk.report(description="+8613812341234\n第二行", category="0303")
    export = await ask(desk, {"format": "csv", "cases": {"category": "0202"}})
    assert (export["state"], export["rows"], export["done"]) == ("ready", 1, 1)
    answer = await fetch(desk.client, export)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].endswith('.csv"')
    head, row = table(answer.content)
    shown = dict(zip(head, row, strict=True))
    assert shown["问题描述"] == '\'=HYPERLINK("http://x","张三丰138****1234")'
    assert (shown["地址"], shown["状态"], shown["来源"]) == ("福建中路100弄3号", "待受理", "网格员巡查")
    assert shown["上报时间"] == "2026-11-23 10:00:00"
    (event,) = [one.payload for one in await outbox(desk.database, "jiayuan.grid.access.v1")]
    told = (event["action"], event["subject_type"], event["subject_id"], event["count"])
    assert told == ("exported", "cases", export["id"], 1)


async def test_the_same_as_excel_has_no_formula(desk: Desk) -> None:
    await desk.report(description="=1+1")
    export = await ask(desk, {"format": "xlsx"})
    answer = await fetch(desk.client, export)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["案件"]
    head = [cell.value for cell in sheet[1]]
    cell = sheet.cell(2, head.index("问题描述") + 1)
    assert (cell.value, cell.data_type) == ("=1+1", "s")


async def test_statistics_leave_as_a_table(desk: Desk) -> None:
    export = await ask(desk, {"format": "csv", "statistics": PERIOD | {"by": None}})
    (head, row) = table((await fetch(desk.client, export)).content)
    assert head[:3] == ["代码", "名称", "上报"]
    assert row[:3] == ["合计", "", "0"]
    refused = await ask(desk, {"format": "csv", "statistics": PERIOD | {"since": "2026-12-01"}}, 422)
    assert refused["code"] == "period-invalid"


async def test_an_export_is_ones_own_and_inside_ones_areas(desk: Desk) -> None:
    await desk.report()
    export = await ask(desk, {"format": "csv"})
    assert (await fetch(desk.client, export, subject="duty_chief-2")).json()["code"] == "export-unknown"
    outside = await ask(desk, {"format": "csv"}, areas=("310107",))
    assert outside["rows"] == 0
    mine = await desk.client.get(PATH, params={"limit": 1}, headers=CHIEF)
    assert len(mine.json()["items"]) == 1
    rest = await desk.client.get(PATH, params={"limit": 1, "after": mine.json()["next"]}, headers=CHIEF)
    assert {mine.json()["items"][0]["id"], rest.json()["items"][0]["id"]} == {export["id"], outside["id"]}
    other = await desk.client.get(f"{PATH}/{export['id']}", headers=as_(Role.DUTY_CHIEF, subject="x"))
    assert other.status_code == 404


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
async def test_a_long_list_is_made_with_progress_and_kept_for_some_days(desk: Desk, format_: str) -> None:
    await crowd(desk.database, 2600)
    store = MediaStore.open("memory:///")
    outside = Outside(desk.database, store, Settings())
    with lent_app(
        SERVICE, database=desk.database, authenticator=Callers(), clock=desk.clock, store=store
    ) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://grid.test") as client:
            desk = Desk(client, desk.clock, desk.database)
            export = await ask(desk, {"format": format_})
            assert (export["state"], export["rows"], export["done"]) == ("queued", 2600, 0)
            assert (await fetch(client, export)).json()["code"] == "export-not-ready"
            assert await make(outside, desk.clock.now) == 1
            assert await make(outside, desk.clock.now) == 0
            shown = await client.get(f"{PATH}/{export['id']}", headers=CHIEF)
            assert (shown.json()["state"], shown.json()["done"]) == ("ready", 2600)
            content = (await fetch(client, export)).content
            if format_ == "csv":
                numbers = [row[0] for row in table(content)[1:]]
            else:
                sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True)["案件"]
                numbers = [str(row[0]) for row in sheet.iter_rows(min_row=2, max_col=1, values_only=True)]
            assert len(numbers) == len(set(numbers)) == 2600
            desk.clock.tick(timedelta(days=8))
            assert (await fetch(client, export)).json()["code"] == "export-not-ready"
            assert await let_go(outside, desk.clock.now) == 1
            assert await store.get("grid", export["id"].replace("-", "")) is None


async def test_what_a_worker_has_left_is_begun_again_and_given_up_at_last(desk: Desk) -> None:
    await crowd(desk.database, 2100)
    export = await ask(desk, {"format": "csv"})
    take = partial(desk.database.transact)
    for _ in range(TRIES):
        taken = await take(partial(service.take, now=desk.clock.now))
        assert taken is not None
        assert await take(partial(service.take, now=desk.clock.now)) is None
        desk.clock.tick(LEASE + timedelta(seconds=1))
    await take(partial(service.take, now=desk.clock.now))
    shown = await desk.client.get(f"{PATH}/{export['id']}", headers=CHIEF)
    assert shown.json()["state"] == "failed"


async def test_more_than_leaves_in_one_file_is_refused(desk: Desk) -> None:
    await crowd(desk.database, 30)
    rule = {"value": {"at_once": 5, "most": 20, "days": 1}, "source": "通知", "effective_from": "2026-11-01"}
    headers = as_(Role.ADMINISTRATOR, version=1)
    changed = await desk.client.put("/grid/v1/rules/export", json=rule, headers=headers)
    assert changed.status_code == 200, changed.text
    refused = await ask(desk, {"format": "csv"}, 422)
    assert (refused["code"], refused["data"]) == ("export-too-long", {"rows": 30, "most": 20})
