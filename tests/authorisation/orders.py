"""Grid's hotline orders: one in each state that a step needs; and what each operation is sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.common.events.sequencer import sequence
from services.grid.hotlines.api import CURSOR
from tests.authorisation.calls import NEW, Call
from tests.grid.factories import Desk
from tests.grid.hotline import CALLER, REPLY, Hotline, order_body

WHY = {"reason": "经研究"}
PARTY = {"name": "李四", "role": "respondent", "kind": "owner"}
LAST = 6


class Orders:
    """The orders by number.

    SH1 has just come, SH2 asks for a return, SH3 for more time, SH4 is replied, SH5 can be replied, SH6 is in
    mediation.
    """

    def __init__(self, ids: dict[str, UUID], versions: dict[str, int]) -> None:
        self.ids = ids
        self.versions = versions

    @classmethod
    async def made(cls, desk: Desk) -> Orders:
        """Make all of them."""
        hotline = Hotline(desk)
        for last in range(1, LAST + 1):
            await hotline.entered(
                f"SH{last}", caller=CALLER | {"phone": f"1391234123{last}", "consent": True}
            )
        await hotline.step("SH2", "ask-return", reason="非本街道")
        await hotline.step("SH3", "ask-extension", reason="多部门会商")
        await hotline.contacted("SH4")
        case_id = (await hotline.order("SH4")).case_id
        await desk.step(case_id, "reject", {"reason_code": "other", "reason": "现场未见"})
        await hotline.step("SH4", "reply", **REPLY | {"result": "explained"})
        await hotline.contacted("SH5")
        case_id = (await hotline.order("SH5")).case_id
        await hotline.accept(case_id)
        await hotline.handle(case_id, "f")
        await hotline.contacted("SH6")
        case_id = (await hotline.order("SH6")).case_id
        await hotline.accept(case_id)
        await desk.step(case_id, "convert", {"parties": [PARTY]})
        await desk.database.transact(sequence)
        orders = [await hotline.order(f"SH{last}") for last in range(1, LAST + 1)]
        return cls({o.number: o.id for o in orders}, {o.number: o.version for o in orders})

    def _at(self, number: str, body: Any = None) -> Call:
        return Call({"order_id": str(self.ids[number])}, body, self.versions[number])

    def calls(self, unit: UUID) -> dict[str, Call]:
        """What each operation is sent."""
        contact = {"reason": "无人接听"}
        steps = {
            "payload": self._at("SH1", WHY),
            "take": self._at("SH1"),
            "contact": self._at("SH1", contact),
            "name-accused": self._at("SH1", {"unit_id": str(unit)}),
            "ask-return": self._at("SH1", WHY),
            "withdraw-return": self._at("SH2", WHY),
            "ask-extension": self._at("SH1", WHY),
            "interim-reply": self._at("SH6", {"note": "已转调解"}),
            "reply": self._at("SH5", REPLY),
        }
        told = {
            "supplement": Call({"number": "SH1"}, {"text": "又一处"}),
            "urge": Call({"number": "SH1"}, {"note": "请尽快"}),
            "return-decision": Call({"number": "SH2"}, {"granted": True}),
            "extension-decision": Call({"number": "SH3"}, {"granted": True}),
            "call-back": Call({"number": "SH4"}, {"satisfaction": "satisfied"}),
            "redo": Call({"number": "SH4"}, WHY),
        }
        by_number = "/hotlines/{channel}/orders/{number}"
        return {
            **{f"POST /orders/{{order_id}}/{step}": call for step, call in steps.items()},
            **{f"POST {by_number}/{what}": call for what, call in told.items()},
            f"PUT {by_number}": Call({"number": NEW}, order_body()),
            "GET /orders/changes": Call(params={"channel": "12345"}, shows="SH1"),
            "POST /orders/changes/acknowledge": Call(body={"channel": "12345", "upto": CURSOR.encode(1, 0)}),
            "GET /orders": Call(shows="SH1"),
        }
