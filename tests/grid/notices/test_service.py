"""Facts become notices once: whom they concern, what they say, what is put off and what is put together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.sequencer import sequence
from libs.common.jobs import run_once
from libs.common.policy import Role
from services.grid.cases.jobs import JOBS as SWEEPS
from services.grid.notices import service
from services.grid.notices.service import Notice
from services.grid.patrols import service as patrols
from tests.grid.factories import CHECKER, NEIGHBOURHOOD, REPORTER, Desk, as_

TELLER = {"name": "张三丰", "phone": "13812341234"}
PLAN: dict[str, Any] = {
    "name": "地下空间", "kind": "underground", "area": NEIGHBOURHOOD, "every": 1, "unit": "weeks",
    "first_day": "2026-11-23", "inspector": REPORTER, "source": "方案",
}  # fmt: skip


async def told(desk: Desk) -> list[Notice]:
    """Let the log be told as far as it goes; all notices, in order."""
    await desk.database.transact(sequence)
    while await desk.database.transact(partial(service.tell, now=desk.clock.now)):
        pass

    async def read(session: AsyncSession) -> list[Notice]:
        return list(await session.scalars(select(Notice).order_by(Notice.created_at, Notice.id)))

    return await desk.database.read(read)


async def begun(desk: Desk) -> Desk:
    """Notices have been switched on: what comes now is told."""
    assert await told(desk) == []
    return desk


def seen(rows: Sequence[Notice]) -> list[tuple[str, str, str, str]]:
    return [(row.occasion, row.audience, row.channel, row.state) for row in rows]


async def reported(desk: Desk) -> UUID:
    """A report by the public, who left a telephone."""
    return await desk.report(channel="public", reporter=TELLER, photos=[], source_number=None)


async def on_duty(desk: Desk, role: Role, who: str) -> None:
    body = {"role": role.value, "area": NEIGHBOURHOOD[:9]}
    answer = await desk.client.post(
        "/grid/v1/shifts/sign-in", json=body, headers=as_(role, subject=who, areas=(NEIGHBOURHOOD[:9],))
    )
    assert answer.status_code == 201, answer.text


async def test_what_happened_before_the_first_run_is_told_to_nobody(desk: Desk) -> None:
    await reported(desk)
    assert await told(desk) == []
    await reported(desk)
    assert seen(await told(desk)) == [("received", "reporter", "sms", "queued")]
    assert len(await told(desk)) == 1


async def test_a_reporter_hears_of_each_turn_once_and_no_row_holds_their_telephone(desk: Desk) -> None:
    await begun(desk)
    case_id = await reported(desk)
    body = {"reason_code": "private-matter", "reason": "张三丰自家事，13812341234"}
    await desk.step(case_id, "reject", body)
    rows = await told(desk)
    assert seen(rows) == [
        ("received", "reporter", "sms", "queued"),
        ("rejected", "reporter", "sms", "queued"),
        ("rejected", "inspector", "in_app", "sent"),
    ]
    number = (await desk.case(case_id)).receipt_number
    assert rows[1].body == (
        f"【社区治理】您反映的“楼道堆物”问题（回执号{number}）经核未予受理，原因：属私人事务。"
        "如有疑问，请拨打12345咨询。"
    )
    dump = await desk.database.read(lambda s: s.scalar(text("SELECT json_agg(n)::text FROM notice AS n")))
    assert "138" not in dump.replace("2026", "")
    assert "张三丰" not in dump
    assert rows[0].recipient == f"case:{case_id}"


async def test_inspectors_hear_what_is_theirs_and_the_desk_what_came_back(desk: Desk) -> None:
    await begun(desk)
    await on_duty(desk, Role.DISPATCHER, "dispatcher-7")
    case_id = await desk.answered()
    await desk.assign_check(case_id)
    returned = await desk.filed()
    await desk.step(returned, "dispatch", {"squad": "网格处置一队"})
    await desk.step(returned, "return", {"reason_code": "not-our-duty", "reason": "属消防"})
    rows = await told(desk)
    assert [(row.occasion, row.recipient, row.case_id) for row in rows] == [
        ("to_check", CHECKER, case_id), ("returned", "dispatcher-7", returned),
    ]  # fmt: skip
    assert rows[1].body.startswith("网格处置一队退回案件G2026")


async def test_what_is_late_is_told_to_who_is_there_or_the_log_says_nobody(desk: Desk) -> None:
    await begun(desk)
    case_id = await desk.handled()
    due = (await desk.case(case_id)).due_at
    assert due is not None
    await run_once(desk.database, "grid", SWEEPS[0], now=due + timedelta(minutes=1))
    desk.clock.now = due + timedelta(minutes=2)
    rows = await told(desk)
    assert {(row.audience, row.state, row.why, row.recipient) for row in rows} == {
        (audience, "suppressed", "nobody-on-duty", "") for audience in ("dispatcher", "duty_chief")
    }  # fmt: skip


async def test_what_is_long_past_is_not_told_any_more(desk: Desk) -> None:
    await begun(desk)
    await reported(desk)
    desk.clock.tick(timedelta(hours=25))
    (row,) = await told(desk)
    assert (row.state, row.why) == ("suppressed", "stale")


async def test_at_night_it_waits_for_the_morning(desk: Desk) -> None:
    await begun(desk)
    desk.clock.tick(timedelta(hours=12))
    await reported(desk)
    (row,) = await told(desk)
    assert row.due_at == desk.clock.now + timedelta(hours=10)


async def test_a_patrol_is_reminded_of_once(desk: Desk) -> None:
    answer = await desk.client.post("/grid/v1/patrol-plans", json=PLAN, headers=as_(Role.DUTY_CHIEF))
    assert answer.status_code == 201, answer.text
    await desk.database.transact(partial(patrols.make_due, now=desk.clock.now))
    remind = partial(service.remind, now=desk.clock.now)
    assert await desk.database.transact(remind) == 0
    desk.clock.tick(timedelta(days=5))
    remind = partial(service.remind, now=desk.clock.now)
    assert await desk.database.transact(remind) == 1
    assert await desk.database.transact(remind) == 0
    answer = await desk.client.get("/grid/v1/notices/mine", headers=as_(Role.INSPECTOR, subject=REPORTER))
    (item,) = answer.json()["items"]
    assert item["occasion"] == "patrol_due"
    assert "2026年11月29日" in item["body"]


async def test_old_notices_are_forgotten(desk: Desk) -> None:
    await begun(desk)
    await reported(desk)
    await told(desk)
    assert await desk.database.transact(partial(service.forget, now=desk.clock.now)) == 0
    later = desk.clock.now + timedelta(days=181)
    assert await desk.database.transact(partial(service.forget, now=later)) == 1
    assert await told(desk) == []
