"""Templates over HTTP: edited by the office, tried before, every version kept."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from libs.common.loading import data_folder
from libs.common.policy import Role
from services.grid.main import SERVICE
from services.grid.templates import service
from tests.grid.factories import Desk, as_, outbox

PATH = "/grid/v1/notice-templates"
TOPIC = "jiayuan.grid.notice-template.v1"


async def of(desk: Desk, occasion: str, audience: str = "reporter", channel: str = "sms") -> dict[str, Any]:
    """The template for this."""
    answer = await desk.client.get(PATH, headers=as_(Role.ACCEPTOR))
    assert answer.status_code == 200, answer.text
    wanted = (occasion, audience, channel)
    (found,) = [
        one for one in answer.json()["items"] if (one["occasion"], one["audience"], one["channel"]) == wanted
    ]
    row: dict[str, Any] = found
    return row


async def change(desk: Desk, row: dict[str, Any], body: dict[str, Any], status: int = 200) -> Any:
    headers = as_(Role.DUTY_CHIEF, version=row["version"])
    answer = await desk.client.patch(f"{PATH}/{row['id']}", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def preview(desk: Desk, row: dict[str, Any], body: dict[str, Any], status: int = 200) -> Any:
    answer = await desk.client.post(f"{PATH}/{row['id']}/preview", json=body, headers=as_(Role.DUTY_CHIEF))
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_the_office_edits_and_every_version_stays(desk: Desk) -> None:
    row = await of(desk, "received")
    assert {one["name"] for one in row["placeholders"]} >= {"receipt_number", "link"}
    changed = await change(desk, row, {"body": "已收到，回执号{receipt_number}。", "enabled": False})
    assert (changed["version"], changed["enabled"]) == (row["version"] + 1, False)
    assert (await change(desk, row, {"urgent": True}, 412))["code"] == "stale-version"
    refused = await change(desk, changed, {"body": "电话{phone}"}, 422)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("placeholder-unknown", "/body")
    answer = await desk.client.get(f"{PATH}/{row['id']}/history", headers=as_(Role.ACCEPTOR))
    last = answer.json()["items"][-1]
    assert last["changed"]["body"] == {"from": row["body"], "to": changed["body"]}
    assert last["actor"] == "duty_chief-1"
    told = (await outbox(desk.database, TOPIC))[-1].payload
    assert (told["occasion"], told["enabled"]) == ("received", False)
    assert "body" not in told


async def test_what_the_office_has_edited_is_not_loaded_over(desk: Desk) -> None:
    changed = await change(desk, await of(desk, "received"), {"body": "收到。"})
    summary = await desk.database.transact(lambda s: service.load_templates(s, data_folder(SERVICE)))
    assert summary.endswith("0 made")
    assert await of(desk, "received") == changed


async def test_it_is_tried_with_samples_and_with_a_case(desk: Desk) -> None:
    row = await of(desk, "closed")
    told = await preview(desk, row, {})
    assert "M7Q-4H2K-9TXB-3RW" in told["body"]
    assert told["parts"] == 2
    case_id = await desk.report()
    told = await preview(desk, row, {"case_id": str(case_id), "body": "{category}，{address}，{progress}"})
    assert told["body"] == "楼道堆物，福建中路100弄3号，已收到，等待受理"
    assert (await preview(desk, row, {"case_id": str(uuid4())}, 404))["code"] == "case-not-found"
    assert (await preview(desk, row, {"body": "{nothing}"}, 422))["code"] == "placeholder-unknown"
    assert (await of(desk, "closed")) == row


async def test_they_are_restated(desk: Desk) -> None:
    rows = await desk.database.read(service.list_all)
    before = len(await outbox(desk.database, TOPIC))
    last = await desk.database.transact(lambda s: service.restate_templates(s, 100, None))
    assert last is not None
    assert len(await outbox(desk.database, TOPIC)) == before + len(rows)
    assert await desk.database.transact(lambda s: service.restate_templates(s, 100, last)) is None
