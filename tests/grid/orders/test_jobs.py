"""Sweeps of orders: marks told once, cases followed, mediation waited for; lists served by indexes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from libs.common.policy import Role
from services.grid.orders import service as orders
from services.grid.orders.models import HotlineOrder
from tests.grid.crowd import walks
from tests.grid.factories import MONDAY, Desk, as_, outbox
from tests.grid.hotline import ORDERS, REPLY, Hotline
from tests.grid.mediation import convert
from tests.support.statements import statements

MANY = """
INSERT INTO hotline_order (id, version, channel, number, fingerprint, state, case_id, case_state, area, kind,
    kind_known, category_known, hotline_kind, hotline_category, received_at, entered_at, entered_by, officer,
    contact_due_at, return_due_at, clock_started_at, reply_due_at, mark_at, ended_at, caller_key)
SELECT uuidv7(), 1, '12345', 'N' || n, '\\x00',
    CASE WHEN n % 7 = 0 THEN 'received' ELSE 'returned' END, :case, 'filed',
    '310101' || lpad(CAST(1 + n % 25 AS text), 3, '0') || lpad(CAST(1 + n / 25 % 8 AS text), 3, '0') || '001',
    'help', true, true, '求助', '其他', CAST(:now AS timestamptz) - n * interval '7 minutes', :now, 'key',
    'officer-' || n % 30, CAST(:now AS timestamptz) + n * interval '1 minute', :now, :now,
    CAST(:now AS timestamptz) + n * interval '2 minutes',
    CASE WHEN n % 7 = 0 THEN CAST(:now AS timestamptz) + n * interval '1 minute' END,
    CASE WHEN n % 7 <> 0 THEN CAST(:now AS timestamptz) END, sha256(convert_to(CAST(n AS text), 'UTF8'))
FROM generate_series(1, 6000) AS n
"""


async def test_clocks_are_told_of_once_and_stand_in_the_lists(desk: Desk) -> None:
    hotline = Hotline(desk)
    await hotline.entered("SH1")
    for hours in (30, 0, 10, 0, 24 * 7, 0):
        desk.clock.tick(timedelta(hours=hours))
        await hotline.sweep()
    told = [event.payload for event in await outbox(desk.database, ORDERS) if event.verb == "marked"]
    assert [(event["clock"], event["overdue"]) for event in told] == [
        ("contact", False), ("contact", True), ("reply", True),
    ]  # fmt: skip
    shown = await desk.client.get("/grid/v1/orders", params={"due": "reply"}, headers=as_(Role.LEADER))
    (item,) = shown.json()["items"]
    assert item["contact_overdue_at"] is not None
    assert (item["reply_soon_at"], item["reply_overdue_at"] is None) == (None, False)
    late = await hotline.contacted("SH1")
    assert late["contact_on_time"] is False


async def test_in_mediation_the_reply_waits_and_its_end_brings_it_back(desk: Desk) -> None:
    hotline = Hotline(desk)
    case_id = UUID((await hotline.entered("SH1", caller={"name": "张三丰", "consent": True}))["case_id"])
    await hotline.contacted("SH1")
    await hotline.accept(case_id)
    early = await hotline.post("SH1", "interim-reply", {"note": "已转调解"})
    assert early.json()["code"] == "not-in-mediation"
    mediation = await convert(desk, case_id)
    await hotline.sweep()
    assert (await hotline.verbs("SH1"))[-1] == "progressed"
    shown = await hotline.step("SH1", "interim-reply", note="已转调解")
    assert (shown["reply_due_at"], shown["case_state"]) == (None, "converted")
    assert (await desk.case(case_id)).interim_at == desk.clock.now
    desk.clock.tick(timedelta(days=20))
    await hotline.sweep()
    assert "marked" not in await hotline.verbs("SH1")
    await mediation.end("failed", "arbitration")
    await hotline.sweep()
    order = await hotline.order("SH1")
    assert (order.case_state, order.reply_due_at is None) == ("closed", False)
    assert (await hotline.post("SH1", "reply", REPLY)).json()["code"] == "not-solved-in-fact"
    shown = await hotline.step("SH1", "reply", **REPLY | {"result": "explained"})
    assert shown["reply_on_time"] is True


async def test_what_mediation_gave_back_has_the_time_that_was_left(desk: Desk) -> None:
    hotline = Hotline(desk)
    receipt = await hotline.entered("SH1", caller={"name": "张三丰", "consent": True})
    case_id = UUID(receipt["case_id"])
    await hotline.contacted("SH1")
    await hotline.accept(case_id)
    await convert(desk, case_id)
    await hotline.step("SH1", "interim-reply", note="已转调解")
    desk.clock.tick(timedelta(days=14))
    await desk.step(case_id, "recall", {"reason": "双方已另约"})
    await hotline.sweep()
    order = await hotline.order("SH1")
    assert order.reply_due_at is not None
    assert order.reply_due_at.isoformat().startswith("2026-12-14T15:59:59"), "ten working days later"


async def test_lists_and_sweeps_are_served_by_indexes(desk: Desk) -> None:
    case_id = await desk.report()
    given = {"case": case_id, "now": MONDAY}
    await desk.database.transact(lambda session: session.execute(text(MANY), given))
    async with desk.database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE"))
    hotline = Hotline(desk)
    async with statements(desk.database) as asked:
        for given_list in ({}, {"due": "contact"}, {"due": "reply"}, {"mine": True}, {"area": "310101003"}):
            assert len(await hotline.listed(limit=20, **given_list)) == 20
        assert len(await hotline.listed(limit=20, state="received")) == 20
        await desk.database.read(lambda s: orders.list_of_caller(s, b"\x01"))
        await desk.database.transact(lambda s: orders.mark(s, MONDAY - timedelta(days=1)))
        await desk.database.transact(lambda s: orders.made_by_case(s, case_id))
    listed = [one for one in asked if "hotline_order" in one[0]]
    assert len(listed) == 9
    assert await walks(desk.database, listed, HotlineOrder.__tablename__) == []
