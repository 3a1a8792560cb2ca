"""Notices go out: to the right address, again until taken, together where there are many; the link works."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from libs.common.media import MediaStore
from libs.common.policy import Role
from libs.common.service import Outside
from libs.common.settings import Settings
from services.grid.deliveries.jobs import deliver
from services.grid.notices.service import Notice
from tests.grid.deliveries.servers import Web, web_gateway
from tests.grid.factories import CHECKER, NEIGHBOURHOOD, Desk, as_
from tests.grid.notices.test_service import TELLER, begun, on_duty, reported, told
from tests.grid.satisfactions.test_api import finish

LINK = "https://grid.example/l/{token}"


def outside(desk: Desk, web: Web, *channels: str) -> Outside:
    urls = {channel: SecretStr(web.url) for channel in channels}
    settings = Settings(notice_gateways=urls, notice_secret=SecretStr("s"), notice_link=LINK)
    return Outside(desk.database, MediaStore.open("memory:///"), settings)


async def switch_on(desk: Desk, channel: str, *occasions: str) -> None:
    answer = await desk.client.get("/grid/v1/notice-templates", headers=as_(Role.DUTY_CHIEF))
    for one in answer.json()["items"]:
        if one["channel"] == channel and one["occasion"] in occasions:
            headers = as_(Role.DUTY_CHIEF, version=one["version"])
            path = f"/grid/v1/notice-templates/{one['id']}"
            assert (await desk.client.patch(path, json={"enabled": True}, headers=headers)).status_code == 200


async def only(desk: Desk) -> Notice:
    (row,) = [row for row in await told(desk) if row.channel != "in_app"]
    return row


async def test_the_reporter_gets_the_message_and_answers_by_its_link(desk: Desk) -> None:
    await begun(desk)
    case_id = await reported(desk)
    await desk.step(case_id, "request-verification", {"inspector": CHECKER})
    await desk.step(case_id, "verify", {"confirmed": True, "note": "属实"})
    await desk.step(case_id, "accept")
    await desk.step(case_id, "file", {"standard": "found"})
    await finish(desk, case_id)
    await told(desk)
    with web_gateway() as web:
        assert await deliver(outside(desk, web, "sms"), desk.clock.now) == 2
        assert await deliver(outside(desk, web, "sms"), desk.clock.now) == 0
    came = {json.loads(body)["occasion"]: json.loads(body) for _, body in web.came}
    assert set(came) == {"received", "closed"}
    assert came["closed"]["to"] == TELLER["phone"]
    found = re.search(r"https://grid\.example/l/([\w-]{22})$", came["closed"]["body"])
    assert found, came["closed"]["body"]
    path = f"/grid/v1/public/links/{found[1]}"
    answer = await desk.client.get(path)
    assert answer.headers["cache-control"] == "private, no-store"
    shown = answer.json()
    assert (shown["state"], shown["can_rate"], shown["rated"]) == ("solved", True, False)
    assert not {"address", "description", "reporter"} & shown.keys()
    told_so = await desk.client.post(f"{path}/rate", json={"satisfaction": "satisfied"})
    assert (told_so.status_code, told_so.json()["satisfaction"]) == (200, "satisfied")
    again = await desk.client.post(f"{path}/rate", json={"satisfaction": "dissatisfied"})
    assert (again.status_code, again.json()["code"]) == (409, "rated-already")
    assert (await desk.client.get(path)).json()["rated"] is True
    await desk.step(case_id, "reopen", {"reason": "仍有堆物"})
    late = await desk.client.post(f"{path}/rate", json={"satisfaction": "satisfied"})
    assert (late.status_code, late.json()["code"]) == (409, "link-outdated")
    desk.clock.tick(timedelta(days=31))
    assert (await desk.client.get(path)).json()["code"] == "link-unknown"
    assert all(found[1] not in row.body for row in await told(desk))


async def test_it_is_tried_again_with_growing_waits_and_parked_at_last(desk: Desk) -> None:
    await begun(desk)
    await reported(desk)
    await told(desk)
    waits = []
    with web_gateway() as web:
        web.answers = [503] * 6
        for _ in range(6):
            assert await deliver(outside(desk, web, "sms"), desk.clock.now) == 1
            assert await deliver(outside(desk, web, "sms"), desk.clock.now) == 0
            row = await only(desk)
            waits.append((row.due_at - desk.clock.now) // timedelta(minutes=1))
            desk.clock.now = max(row.due_at, desk.clock.now)
        assert (row.state, row.why, row.attempts) == ("failed", "away", 6)
        assert waits[:5] == [1, 5, 30, 120, 480]
        assert len({headers["idempotency-key"] for headers, _ in web.came}) == 1
        path = f"/grid/v1/notices/{row.id}/send-again"
        assert (await desk.client.post(path, headers=as_(Role.DISPATCHER))).status_code == 200
        assert await deliver(outside(desk, web, "sms"), desk.clock.now) == 1
    row = await only(desk)
    assert (row.state, row.why, row.sent_at) == ("sent", None, desk.clock.now)


@pytest.mark.parametrize(
    ("channels", "answer", "phone", "state", "why"),
    [
        ((), 204, "13812341234", "suppressed", "channel-off"),
        (("sms",), 204, "021-58123456", "suppressed", "no-address"),
        (("sms",), 400, "13812341234", "failed", "refused"),
    ],
)
async def test_what_cannot_be_sent_says_why(
    desk: Desk, channels: tuple[str, ...], answer: int, phone: str, state: str, why: str
) -> None:
    await begun(desk)
    await desk.report(
        channel="public", reporter={"name": "张三丰", "phone": phone}, photos=[], source_number=None
    )
    await told(desk)
    with web_gateway() as web:
        web.answers = [answer]
        await deliver(outside(desk, web, *channels), desk.clock.now)
    row = await only(desk)
    assert (row.state, row.why) == (state, why)


async def test_staff_are_told_where_they_wish_or_where_the_rota_says(desk: Desk) -> None:
    await begun(desk)
    await switch_on(desk, "sms", "to_check")
    await switch_on(desk, "wechat", "to_check")
    turn = {
        "person": CHECKER, "name": "赵六", "telephone": "13987654321", "role": "inspector",
        "area": NEIGHBOURHOOD, "starts_at": "2026-11-23T08:00:00+08:00",
        "ends_at": "2026-11-23T20:00:00+08:00", "source": "值班表",
    }  # fmt: skip
    added = await desk.client.post("/grid/v1/rosters", json={"items": [turn]}, headers=as_(Role.DUTY_CHIEF))
    assert added.status_code == 201, added.text
    await desk.assign_check(await desk.answered())
    await told(desk)
    with web_gateway() as web:
        assert await deliver(outside(desk, web, "sms", "wechat"), desk.clock.now) == 2
        contact = {"phone": "13700001111"}
        headers = as_(Role.INSPECTOR, subject=CHECKER)
        assert (await desk.client.put("/grid/v1/notices/contact", json=contact, headers=headers)).is_success
        await desk.assign_check(await desk.answered("d"))
        await told(desk)
        assert await deliver(outside(desk, web, "sms", "wechat"), desk.clock.now) == 2
    came = [json.loads(body) for _, body in web.came]
    assert [one["to"] for one in came if one["channel"] == "sms"] == ["13987654321", "13700001111"]
    assert {one["to"] for one in came if one["channel"] == "wechat"} == {CHECKER}


async def test_many_for_one_person_are_put_together(desk: Desk) -> None:
    await begun(desk)
    await switch_on(desk, "email", "returned")
    await on_duty(desk, Role.DISPATCHER, "dispatcher-7")
    contact: Any = {"email": "desk@example.gov.cn"}
    headers = as_(Role.DISPATCHER, subject="dispatcher-7")
    assert (
        await desk.client.put("/grid/v1/notices/contact", json=contact, headers=headers)
    ).status_code == 200
    for _ in range(8):
        case_id = await desk.filed()
        await desk.step(case_id, "dispatch", {"squad": "网格处置一队"})
        await desk.step(case_id, "return", {"reason_code": "not-our-duty", "reason": "属消防"})
    rows = [row for row in await told(desk) if row.channel == "email"]
    assert [row.gathered for row in rows] == [False] * 5 + [True] * 3
    with web_gateway() as web:
        assert await deliver(outside(desk, web, "email"), desk.clock.now) == 5
        desk.clock.tick(timedelta(minutes=10))
        assert await deliver(outside(desk, web, "email"), desk.clock.now) == 1
    last = json.loads(web.came[-1][1])
    assert (last["to"], last["occasion"], last["subject"]) == (contact["email"], "digest", "您有3条新通知")
    assert last["body"] == "您有3条新通知：案件退单3条。请登录系统处理。"
    rows = [row for row in await told(desk) if row.gathered]
    assert {row.state for row in rows} == {"sent"}
    assert len({row.message_id for row in rows}) == 1
