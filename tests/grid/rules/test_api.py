"""The rules over HTTP, and loading them."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.loading import data_folder
from libs.common.policy import Role
from services.grid.main import SERVICE
from services.grid.rules import service
from tests.grid.factories import Desk, as_, outbox


def change(**value: Any) -> dict[str, Any]:
    """A rule's new value."""
    return {"value": value, "source": "区城运中心通知", "effective_from": "2026-11-23"}


async def test_rules_load_once_and_can_be_changed(desk: Desk) -> None:
    said = await desk.database.transact(lambda s: service.load_rules(s, data_folder(SERVICE)))
    assert said.endswith(", 0 changed")
    listed = await desk.client.get("/grid/v1/rules", headers=as_(Role.ACCEPTOR))
    assert {"claim", "duplicate", "stage.accept"} <= {item["key"] for item in listed.json()["items"]}
    headers = as_(Role.ADMINISTRATOR, version=1)
    changed = await desk.client.put("/grid/v1/rules/extension", json=change(most=0), headers=headers)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["version"], changed.json()["assumption"]) == (2, False)
    (event,) = await outbox(desk.database, "jiayuan.grid.rule.v1")
    assert event.payload["value"] == {"most": 0}
    case_id = await desk.handled()
    asked = await desk.post(case_id, "ask-extension", {"reason": "待料"})
    assert asked.json()["code"] == "deferrals-used-up"
    again = await desk.database.transact(lambda s: service.load_rules(s, data_folder(SERVICE)))
    assert again.endswith(", 0 changed")


@pytest.mark.parametrize(
    "key, value, status, code",
    [
        ("extension", {"most": "many"}, 422, "rule-value-invalid"),
        ("extension", {"most": 1, "other": 2}, 422, "rule-value-invalid"),
        ("stage.accept", {"amount": 1, "unit": "moons"}, 422, "rule-value-invalid"),
        ("invented", {"most": 1}, 404, "rule-unknown"),
    ],
)
async def test_what_no_rule_can_be(
    desk: Desk, key: str, value: dict[str, Any], status: int, code: str
) -> None:
    headers = as_(Role.ADMINISTRATOR, version=1)
    answer = await desk.client.put(f"/grid/v1/rules/{key}", json=change(**value), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_rules_are_restated(desk: Desk) -> None:
    await desk.database.transact(lambda s: service.restate_rules(s, 1000, None))
    told = await outbox(desk.database, "jiayuan.grid.rule.v1")
    assert {event.version for event in told} == {1}
    assert len(told) > 20
