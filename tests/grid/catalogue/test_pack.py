"""The catalogue as a device's pack: told once, and again when what is in force has changed."""

from __future__ import annotations

from datetime import timedelta

import httpx
from sqlalchemy import text

from libs.common.policy import Role
from tests.grid.factories import Desk, as_
from tests.support.statements import statements


async def get(desk: Desk, tag: str | None = None) -> httpx.Response:
    """The answer to an inspector who holds the tag."""
    held = {"if-none-match": tag} if tag else {}
    return await desk.client.get("/grid/v1/categories", headers=as_(Role.INSPECTOR) | held)


async def test_the_catalogue_is_told_once(desk: Desk) -> None:
    first = await get(desk)
    assert first.status_code == 200, first.text
    tag = first.headers["etag"]
    async with statements(desk.database) as asked:
        same = await get(desk, tag)
    assert (same.status_code, same.content) == (304, b"")
    assert len(asked) == 1
    # A revision takes effect by the calendar alone.
    ends = text("UPDATE standard SET effective_to = '2026-11-23' WHERE code = 'found'")
    await desk.database.transact(lambda s: s.execute(ends))
    assert (await get(desk, tag)).status_code == 304
    desk.clock.tick(timedelta(days=1))
    again = await get(desk, tag)
    assert (again.status_code, again.headers["etag"] != tag) == (200, True)
