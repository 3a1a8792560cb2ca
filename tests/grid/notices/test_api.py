"""One's own notices and the delivery log over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from libs.common.policy import Role
from tests.grid.crowd import walks
from tests.grid.factories import CHECKER, Desk, as_, outbox
from tests.grid.notices.test_service import begun, reported, told
from tests.support.statements import statements

PATH = "/grid/v1/notices"


async def get(desk: Desk, path: str, *roles: Role, subject: str | None = None, **asked: Any) -> Any:
    headers = as_(*(roles or (Role.INSPECTOR,)), subject=subject)
    answer = await desk.client.get(f"{PATH}{path}", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def post(desk: Desk, path: str, body: Any = None, *, who: dict[str, str]) -> Any:
    answer = await desk.client.post(f"{PATH}{path}", json=body, headers=who)
    return answer.status_code, answer.json()


async def test_mine_are_read_one_by_one_or_all_up_to_a_time(desk: Desk) -> None:
    await begun(desk)
    for letter in "bcd":
        await desk.assign_check(await desk.answered(letter))
        await told(desk)
        desk.clock.tick()
    page = await get(desk, "/mine", subject=CHECKER, limit=2)
    assert len(page["items"]) == 2
    rest = await get(desk, "/mine", subject=CHECKER, limit=2, after=page["next"])
    times = [item["created_at"] for item in (*page["items"], *rest["items"])]
    assert times == sorted(times, reverse=True)
    assert await get(desk, "/mine", subject="inspector-9") == {"items": [], "next": None, "total": None}
    newest = page["items"][0]["id"]
    status, row = await post(desk, f"/{newest}/read", who=as_(Role.INSPECTOR, subject=CHECKER))
    assert (status, row["read_at"]) == (200, desk.clock.now.isoformat().replace("+00:00", "Z"))
    status, refused = await post(desk, f"/{newest}/read", who=as_(Role.INSPECTOR, subject="inspector-9"))
    assert (status, refused["code"]) == (404, "notice-unknown")
    assert (await get(desk, "/mine/unread", subject=CHECKER))["count"] == 2
    status, left = await post(
        desk,
        "/mine/read",
        {"until": rest["items"][0]["created_at"]},
        who=as_(Role.INSPECTOR, subject=CHECKER),
    )
    assert (status, left["count"]) == (200, 1)
    assert len((await get(desk, "/mine", subject=CHECKER, unread=True))["items"]) == 1


async def test_the_log_shows_what_went_out_and_names_no_reporter(desk: Desk) -> None:
    await begun(desk)
    case_id = await reported(desk)
    await desk.assign_check(await desk.answered())
    await told(desk)
    items = (await get(desk, "", Role.DISPATCHER))["items"]
    assert {(one["channel"], one["recipient"]) for one in items} == {("sms", None), ("in_app", CHECKER)}
    (one,) = (await get(desk, "", Role.DISPATCHER, case_id=str(case_id)))["items"]
    assert (one["state"], one["occasion"]) == ("queued", "received")
    assert (await get(desk, "", Role.DISPATCHER, state="failed"))["items"] == []
    assert (await get(desk, "", Role.DISPATCHER, area="310107"))["items"] == []


async def test_what_was_not_sent_is_sent_again_and_that_is_on_record(desk: Desk) -> None:
    await begun(desk)
    await reported(desk)
    desk.clock.tick(timedelta(hours=25))
    await told(desk)
    (one,) = (await get(desk, "", Role.DISPATCHER, state="suppressed"))["items"]
    path = f"/{one['id']}/send-again"
    status, row = await post(desk, path, who=as_(Role.DISPATCHER))
    assert (status, row["state"], row["why"]) == (200, "queued", None)
    status, refused = await post(desk, path, who=as_(Role.DISPATCHER))
    assert (status, refused["code"]) == (409, "illegal-transition")
    status, refused = await post(desk, path, who=as_(Role.DISPATCHER, areas=("310107",)))
    assert (status, refused["code"]) == (404, "notice-unknown")
    deed = (await outbox(desk.database, "jiayuan.grid.access.v1"))[-1].payload
    assert (deed["action"], deed["subject_id"]) == ("notice-sent-again", one["id"])


async def test_a_contact_is_ones_own(desk: Desk) -> None:
    assert await get(desk, "/contact") == {"phone": None, "email": None, "changed_at": None}
    body = {"phone": "+86 138-1234-1234", "email": "zhang@example.gov.cn"}
    answer = await desk.client.put(f"{PATH}/contact", json=body, headers=as_(Role.INSPECTOR))
    assert answer.status_code == 200, answer.text
    assert (await get(desk, "/contact"))["phone"] == "13812341234"
    assert (await get(desk, "/contact", subject="inspector-9"))["phone"] is None
    wrong = await desk.client.put(f"{PATH}/contact", json={"email": "zhang"}, headers=as_(Role.INSPECTOR))
    assert wrong.status_code == 422


async def test_no_list_walks_the_table(desk: Desk) -> None:
    """Every list of many notices has an index that serves it."""
    await begun(desk)
    await reported(desk)
    await told(desk)
    await desk.database.transact(lambda session: session.execute(text(_MANY)))
    async with desk.database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE notice"))
    async with statements(desk.database) as asked:
        await get(desk, "/mine", subject="inspector-7")
        await get(desk, "/mine", subject="inspector-7", unread=True)
        await get(desk, "/mine/unread", subject="inspector-7")
        for wanted in ({}, {"state": "failed"}, {"area": "310101002"}):
            await get(desk, "", Role.DISPATCHER, **wanted)
    assert len([one for one in asked if "FROM notice" in one[0]]) >= 6
    assert await walks(desk.database, asked, "notice") == []


_MANY = """
INSERT INTO notice (id, event_id, occasion, audience, channel, recipient, area, template_id, template_version,
    body, urgent, gathered, state, created_at, due_at)
SELECT uuidv7(), uuidv7(), occasion, audience, CASE WHEN n % 2 = 0 THEN 'in_app' ELSE 'sms' END,
    'inspector-' || n % 90, '310101' || lpad(CAST(n % 25 AS text), 3, '0') || '001', template_id, 1, body,
    urgent, gathered, CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'sent' END,
    created_at - n * interval '1 minute', due_at
FROM notice, generate_series(1, 6000) AS n
"""
