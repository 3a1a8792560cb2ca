"""An inspector's device: what it queues, and what it is answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx

from libs.common.ids import new_id
from libs.common.policy import Role
from tests.grid.factories import REPORTER, Desk, as_, report_body

Item = dict[str, Any]


def report(**overrides: Any) -> Item:
    """A report, queued."""
    return {"operation_id": str(new_id()), "action": "report", "body": report_body(**overrides)}


def step(
    case_id: UUID | str, action: str, body: Any = None, *, base: int | None = None, after: Item | None = None
) -> Item:
    """A step of a case, queued behind a version that was read or another item."""
    made: Item = {"operation_id": str(new_id()), "case_id": str(case_id), "action": action}
    made |= {"body": body} if body is not None else {}
    made |= {"base_version": base} if base is not None else {}
    return made | ({"after": after["operation_id"]} if after is not None else {})


async def send(
    desk: Desk, items: Sequence[Item], subject: str = REPORTER, **headers: str
) -> list[dict[str, Any]]:
    """Send the queue; answers the outcomes."""
    answer = await put(desk.client, items, subject, **headers)
    assert answer.status_code == 200, answer.text
    outcomes: list[dict[str, Any]] = answer.json()["items"]
    assert [one["operation_id"] for one in outcomes] == [item.get("operation_id") for item in items]
    return outcomes


async def put(
    client: httpx.AsyncClient, items: Sequence[Item], subject: str = REPORTER, **headers: str
) -> httpx.Response:
    """Send the queue."""
    who = as_(Role.INSPECTOR, subject=subject) | headers
    return await client.put("/grid/v1/operations", json={"items": list(items)}, headers=who)


def codes(outcomes: Sequence[dict[str, Any]]) -> list[tuple[int, str | None]]:
    """Status and problem code of each."""
    return [(one["status"], one["problem"] and one["problem"]["code"]) for one in outcomes]
