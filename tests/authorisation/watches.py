"""Grid's rota, shifts and patrols: one of each, and what each operation is sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text

from libs.common.policy import Role
from services.grid.patrols import service as patrols
from tests.authorisation.calls import Call
from tests.grid.factories import NEIGHBOURHOOD, Desk, as_

THERE = "inspector-there"
TURN: dict[str, Any] = {
    "person": "chief-1", "name": "张三丰", "telephone": "13812341234", "role": "duty_chief",
    "area": NEIGHBOURHOOD, "starts_at": "2026-11-23T08:00:00+08:00", "ends_at": "2026-11-23T20:00:00+08:00",
    "source": "值班表",
}  # fmt: skip
NEXT = {"starts_at": "2026-11-23T20:00:00+08:00", "ends_at": "2026-11-24T08:00:00+08:00"}
PLAN: dict[str, Any] = {
    "name": "地下空间", "kind": "underground", "area": NEIGHBOURHOOD, "every": 1, "unit": "weeks",
    "first_day": "2026-11-23", "source": "方案",
}  # fmt: skip


class Watches:
    """A turn on the rota, a shift of somebody who is there, a plan and its item."""

    def __init__(self, ids: dict[str, str]) -> None:
        self.ids = ids

    @classmethod
    async def made(cls, desk: Desk) -> Watches:
        """Make all of them."""
        client, chief = desk.client, Role.DUTY_CHIEF
        turn = await client.post("/grid/v1/rosters", json={"items": [TURN]}, headers=as_(chief))
        arrival = {"role": "inspector", "area": NEIGHBOURHOOD}
        there = as_(Role.INSPECTOR, subject=THERE)
        shift = await client.post("/grid/v1/shifts/sign-in", json=arrival, headers=there)
        plan = await client.post("/grid/v1/patrol-plans", json=PLAN, headers=as_(chief))
        await desk.database.transact(lambda s: patrols.make_due(s, desk.clock()))
        first = text("SELECT id FROM patrol_item ORDER BY period_start LIMIT 1")
        item: UUID | None = await desk.database.read(lambda s: s.scalar(first))
        return cls(
            {
                "turn_id": turn.json()["items"][0]["id"], "shift_id": shift.json()["id"],
                "plan_id": plan.json()["id"], "patrol_id": str(item),
            }
        )  # fmt: skip

    def calls(self) -> dict[str, Call]:
        """What each operation is sent."""
        area, note, why = {"area": NEIGHBOURHOOD}, {"note": "无"}, {"reason": "调休"}
        arrival = {"role": "inspector", "area": NEIGHBOURHOOD}
        seen = {"at": "2026-11-23T09:50:00+08:00", "result": "normal"}
        return {
            "GET /rosters": Call(shows=self.ids["turn_id"]),
            "POST /rosters": Call(body={"items": [TURN | NEXT]}),
            "GET /rosters/on-duty": Call(params=area, shows=self.ids["turn_id"]),
            "GET /rosters/gaps": Call(params=area),
            "PATCH /rosters/{turn_id}": Call(body={"substitute": "chief-2"}),
            "POST /rosters/{turn_id}/cancel": Call(body=why),
            "POST /rosters/{turn_id}/contact": Call(body=why),
            "POST /shifts/sign-in": Call(body=arrival),
            "POST /shifts/sign-out [as who is there]": Call(body=note, subject=THERE),
            "POST /shifts/sign-out": Call(body=note),
            "GET /shifts": Call(shows=self.ids["shift_id"]),
            "GET /shifts/mine [as who is there]": Call(subject=THERE),
            "POST /shifts/{shift_id}/relieve": Call(body=note),
            "GET /patrol-plans": Call(shows=self.ids["plan_id"]),
            "POST /patrol-plans": Call(body=PLAN),
            "PATCH /patrol-plans/{plan_id}": Call(body={"name": "新名"}),
            "GET /patrols": Call(shows=self.ids["patrol_id"]),
            "GET /patrols/coverage": Call(params=area | {"until": "2026-11-30"}, shows="underground"),
            "POST /patrols/{patrol_id}/check-in": Call(body=seen),
        }
