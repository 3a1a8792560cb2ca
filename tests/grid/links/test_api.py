"""A link without a message: guesses are bounded, nothing is told of what is not there."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from services.grid.links import service
from tests.grid.factories import Desk

WRONG = "A" * 22


async def test_a_link_shows_progress_and_takes_no_rating_before_the_end(desk: Desk) -> None:
    case_id = await desk.report()
    until = desk.clock.now + timedelta(days=1)
    token = await desk.database.transact(
        partial(service.issue, case_id=case_id, until=until, now=desk.clock.now)
    )
    shown = (await desk.client.get(f"/grid/v1/public/links/{token}")).json()
    assert (shown["state_zh"], shown["can_rate"]) == ("已收到，等待受理", False)
    path = f"/grid/v1/public/links/{token}/rate"
    early = await desk.client.post(path, json={"satisfaction": "satisfied"})
    assert (early.status_code, early.json()["code"]) == (409, "illegal-transition")
    assert (await desk.client.post(path, json={"satisfaction": "so_so"})).status_code == 422
    assert (await desk.client.post(path, content=b"{")).status_code in {400, 415}
    assert await desk.database.transact(partial(service.forget, now=desk.clock.now)) == 0
    assert await desk.database.transact(partial(service.forget, now=until)) == 1


async def test_wrong_links_are_told_alike_and_counted(desk: Desk) -> None:
    answers = [await desk.client.get(f"/grid/v1/public/links/{WRONG}") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [404] * 5 + [429] * 2
    assert answers[0].json()["code"] == "link-unknown"
    refused = await desk.client.post(
        f"/grid/v1/public/links/{WRONG}/rate", json={"satisfaction": "satisfied"}
    )
    assert refused.status_code == 429
    short = await desk.client.get("/grid/v1/public/links/short")
    assert short.status_code in {400, 404, 422, 429}
