"""Hints before sending: what is open, near, recent and of the same category, and nothing about persons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import text

from libs.common.policy import Role
from tests.grid.factories import DISTRICT, ELSEWHERE, REPORTER, Desk, as_

HERE: dict[str, Any] = {"lon": 121.4782, "lat": 31.2285, "crs": "GCJ02"}


def at(lon: float = 0.0) -> dict[str, Any]:
    """A place some degrees of longitude beside."""
    return {"point": HERE | {"lon": 121.4782 + lon}, "address": "福建中路100弄3号202室"}


async def near(desk: Desk, category: str = "0202", **who: Any) -> httpx.Response:
    """What an inspector is told who is about to report."""
    headers = as_(Role.INSPECTOR, **who)
    return await desk.client.get("/grid/v1/cases/near", params=HERE | {"category": category}, headers=headers)


async def test_the_nearest_first_and_no_more_than_is_needed(desk: Desk) -> None:
    beside, here = await desk.report(place=at(0.0002)), await desk.report(place=at())
    await desk.report(place=at(0.002))
    await desk.report(place=at(), category="0201")
    ended = await desk.report(place=at())
    await desk.step(ended, "withdraw", {"reason": "重复"})
    told = (await near(desk, subject="inspector-9")).json()["items"]
    assert [one["id"] for one in told] == [str(here), str(beside)]
    assert told[0]["distance_m"] == 0
    assert 15 < told[1]["distance_m"] < 25
    assert {one["mine"] for one in told} == {False}
    assert told[0].keys() == {
        "id", "category", "state", "found_at", "reported_at", "area", "estate_id", "distance_m", "mine",
    }  # fmt: skip
    assert (await near(desk, subject=REPORTER)).json()["items"][0]["mine"] is True
    assert (await near(desk, areas=(ELSEWHERE,))).json()["items"] == []
    assert (await near(desk, areas=(DISTRICT,), category="0301")).json()["items"] == []
    desk.clock.tick(timedelta(hours=25))
    assert (await near(desk)).json()["items"] == []


async def test_an_index_finds_them(desk: Desk) -> None:
    await desk.report(place=at())
    others = """INSERT INTO grid_case SELECT (jsonb_populate_record(c, jsonb_build_object('id',
        gen_random_uuid(), 'receipt_number', n, 'lat', 31 + n * 0.0001))).*
        FROM grid_case c, generate_series(1, 3000) AS n"""
    query = """EXPLAIN SELECT * FROM grid_case WHERE category = '0202' AND ended_at IS NULL
        AND lat BETWEEN 31.2 AND 31.2009 AND lon BETWEEN 121.4 AND 121.402 AND found_at >= '2026-11-22'"""

    async def plan(session: Any) -> str:
        await session.execute(text(others))
        await session.execute(text("ANALYZE grid_case"))
        return "\n".join((await session.scalars(text(query))).all())

    assert "ix_grid_case_near" in await desk.database.transact(plan)
