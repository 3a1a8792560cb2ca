"""Keyset paging: every row once, nonsense refused."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from libs.common.http.paging import CursorInvalid, Keyset, Paging
from tests.common.http.test_route import NOTES, key

BY_TIME = Keyset("by-time", datetime, UUID)


def packed(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()


async def test_every_row_once(client: httpx.AsyncClient) -> None:
    made = [
        (await client.post(NOTES, json={"words": str(number)}, headers=key())).json()["id"]
        for number in range(7)
    ]
    seen: list[str] = []
    after, pages = "", 0
    while True:
        page = (await client.get(f"{NOTES}?limit=3{after}")).json()
        seen += [item["id"] for item in page["items"]]
        pages += 1
        assert page["total"] is None
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert (seen, pages) == (sorted(made), 3)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "!!!!",
        "e30",
        packed(),
        packed("notes-by-id"),
        packed("notes-by-id", "not-an-id"),
        packed("notes-by-id", 7),
        packed("notes-by-id", None),
        packed("notes-by-id", str(UUID(int=1)), 2),
        packed("other-list", str(UUID(int=1))),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        "A" * 999,
    ],
)
async def test_nonsense_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    answer = await client.get(NOTES, params={"after": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor-invalid")


async def test_a_cursor_too_long_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get(NOTES, params={"after": "A" * 1001})).status_code == 422


def test_typed_values_go_round() -> None:
    values = (datetime(2026, 1, 1, 2, 3, 4, 5678, tzinfo=UTC), UUID(int=9))
    assert BY_TIME.decode(BY_TIME.encode(*values)) == values
    mixed = Keyset("mixed", int, str, datetime | None)
    assert mixed.decode(mixed.encode(-5, "案件", None)) == (-5, "案件", None)


@pytest.mark.parametrize(
    "types, values",
    [
        ((int,), (1 << 63,)),
        ((int,), (-(1 << 63) - 1,)),
        ((str,), ("a\x00b",)),
        ((str,), ("x" * 501,)),
        ((datetime,), ("2026-01-01T00:00:00",)),
    ],
)
def test_what_no_column_holds_is_refused(types: tuple[type, ...], values: tuple[object, ...]) -> None:
    with pytest.raises(CursorInvalid):
        Keyset("k", *types).decode(packed("k", *values))


def test_slices() -> None:
    keyset = Keyset("numbers", int)
    full = keyset.slice([1, 2, 3], Paging(limit=2), key=lambda row: (row,), total=9)
    assert (list(full.items), full.total) == ([1, 2], 9)
    assert keyset.after(Paging(after=full.next)) == (2,)
    assert keyset.slice([], Paging(), key=lambda row: (row,)).next is None
    assert keyset.after(Paging()) is None
