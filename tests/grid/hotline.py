"""A hotline and its officer: orders entered by number, the officer's steps, a case brought to its end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from libs.common.events.sequencer import sequence
from libs.common.policy import Role
from services.grid.orders import service as orders
from services.grid.orders.models import HotlineOrder
from tests.grid.factories import CHECKER, HANDLER, NEIGHBOURHOOD, Desk, as_, outbox

ORDERS = "jiayuan.grid.order.v1"
CALLER = {"name": "张三丰", "phone": "13812341234"}
REPLY = {
    "finding": "true", "finding_note": "经现场核实属实", "result": "solved", "method": "telephone",
    "told_at": "2026-11-23T11:00:00+08:00", "points": "堆物已清理", "may_publish": True,
    "department": "南京东路街道城运中心", "responsible": "李主任",
}  # fmt: skip


def order_body(**overrides: Any) -> dict[str, Any]:
    """An order as the hotline's system sends it."""
    body: dict[str, Any] = {
        "kind": "投诉", "category": "楼道堆物", "description": "3号楼2层楼道长期堆放纸箱",
        "received_at": "2026-11-23T09:30:00+08:00", "caller": CALLER, "source": "电话",
        "place": {"area": NEIGHBOURHOOD, "address": "福建中路100弄3号202室"},
        "raw": '{"gdbh": "SH1", "lxdh": "13812341234"}',
    }  # fmt: skip
    return body | overrides


class Hotline:
    """12345 and its officer at the centre."""

    def __init__(self, desk: Desk, channel: str = "12345") -> None:
        self.desk = desk
        self.channel = channel

    async def enter(self, number: str, **overrides: Any) -> httpx.Response:
        """The hotline passes an order on."""
        path = f"/grid/v1/hotlines/{self.channel}/orders/{number}"
        headers = as_(Role.HOTLINE_OFFICER)
        return await self.desk.client.put(path, json=order_body(**overrides), headers=headers)

    async def entered(self, number: str, **overrides: Any) -> dict[str, Any]:
        """The same, which must be new; answers the receipt."""
        answer = await self.enter(number, **overrides)
        assert answer.status_code == 201, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    async def tell(self, number: str, what: str, **body: Any) -> httpx.Response:
        """What the hotline says by its number."""
        path = f"/grid/v1/hotlines/{self.channel}/orders/{number}/{what}"
        return await self.desk.client.post(path, json=body, headers=as_(Role.HOTLINE_OFFICER))

    async def post(
        self, number: str, step: str, body: Any = None, subject: str = "officer-1"
    ) -> httpx.Response:
        """A step of the officer, from the version that stands."""
        order = await self.order(number)
        headers = as_(Role.HOTLINE_OFFICER, subject=subject, version=order.version)
        return await self.desk.client.post(f"/grid/v1/orders/{order.id}/{step}", json=body, headers=headers)

    async def step(self, number: str, step: str, **body: Any) -> dict[str, Any]:
        """The same, which must succeed."""
        answer = await self.post(number, step, body or None)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def contacted(self, number: str) -> dict[str, Any]:
        """First contact, made now."""
        at = self.desk.clock.now.isoformat()
        return await self.step(number, "contact", contacted_at=at, person="张三丰")

    async def order(self, number: str) -> HotlineOrder:
        """The order as it is stored."""
        found = await self.desk.database.read(lambda s: orders.by_number(s, self.channel, number))
        assert found is not None
        return found

    async def listed(self, **asked: Any) -> list[str]:
        """The numbers of a list."""
        headers = as_(Role.HOTLINE_OFFICER, subject="officer-1")
        answer = await self.desk.client.get("/grid/v1/orders", params=asked, headers=headers)
        assert answer.status_code == 200, answer.text
        return [item["number"] for item in answer.json()["items"]]

    async def verbs(self, number: str) -> list[str]:
        """What was told of the order, each version once."""
        order = await self.order(number)
        told = [event for event in await outbox(self.desk.database, ORDERS) if event.aggregate_id == order.id]
        assert [event.version for event in told] == list(range(1, order.version + 1))
        return [event.verb for event in told]

    async def changes(self, **asked: Any) -> dict[str, Any]:
        """What the hotline reads of the log, after the sequencer has run."""
        await self.desk.database.transact(sequence)
        given = {"channel": self.channel, **asked}
        headers = as_(Role.HOTLINE_OFFICER)
        answer = await self.desk.client.get("/grid/v1/orders/changes", params=given, headers=headers)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page

    async def accept(self, case_id: UUID) -> None:
        """The order's case, verified, accepted and filed."""
        await self.desk.step(case_id, "request-verification", {"inspector": CHECKER})
        await self.desk.step(case_id, "verify", {"confirmed": True, "note": "属实"})
        await self.desk.step(case_id, "accept")
        await self.desk.step(case_id, "file", {"standard": "found"})

    async def handle(self, case_id: UUID, letter: str = "b", outcome: str = "solved") -> None:
        """The filed case, handled by the squad, checked and closed."""
        await self.desk.step(case_id, "dispatch", {"squad": "网格处置一队"})
        await self.desk.step(case_id, "start")
        photos = [await self.desk.photo(HANDLER, letter)]
        body = {"outcome": outcome, "summary": "已清理", "photos": photos}
        await self.desk.step(case_id, "answer", body)
        await self.desk.check(case_id)
        await self.desk.step(case_id, "close", {})

    async def sweep(self) -> None:
        """The timed work of orders, until nothing is left."""
        now = self.desk.clock.now
        while await self.desk.database.transact(lambda session: orders.follow(session, now)):
            pass
        while await self.desk.database.transact(lambda session: orders.mark(session, now)):
            pass


async def raw_of(desk: Desk, number: str) -> str | None:
    """The payload as it lies in the database."""
    query = text("SELECT raw FROM hotline_order WHERE number = :number")
    found: str | None = await desk.database.read(lambda s: s.scalar(query, {"number": number}))
    return found
