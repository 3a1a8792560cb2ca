"""Grid's notices, links and exports: one of each, and what each operation is sent."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import text

from libs.common.events.sequencer import sequence
from libs.common.policy import Role
from services.grid.links import service as links
from services.grid.notices import service as notices
from tests.authorisation.calls import Call
from tests.grid.factories import CHECKER, Desk, as_

EXPORTER = "exporter-1"
ONE_OF = "SELECT id::text FROM notice WHERE audience = :audience AND state = :state ORDER BY id LIMIT 1"


class Notices:
    """What an inspector is told, what was told to nobody, a link of a closed case, an export."""

    def __init__(self, ids: dict[str, str]) -> None:
        self.ids = ids

    @staticmethod
    async def begin(desk: Desk) -> None:
        """From now on it is told what happens."""
        await desk.database.transact(partial(notices.tell, now=desk.clock.now))

    @classmethod
    async def made(cls, desk: Desk, closed: UUID) -> Notices:
        """Tell all that has happened since, and make the rest."""
        now = desk.clock.now
        await desk.database.transact(sequence)
        while await desk.database.transact(partial(notices.tell, now=now)):
            pass
        until = now + timedelta(days=30)
        token = await desk.database.transact(partial(links.issue, case_id=closed, until=until, now=now))
        headers = as_(Role.DUTY_CHIEF, subject=EXPORTER)
        export = await desk.client.post("/grid/v1/exports", json={"format": "csv"}, headers=headers)
        template = await desk.client.get("/grid/v1/notice-templates", headers=headers)
        return cls(
            {
                "notice_id": await cls._one(desk, "inspector", "sent"),
                "unsent": await cls._one(desk, "dispatcher", "suppressed"),
                "token": token,
                "export_id": export.json()["id"],
                "template_id": next(
                    row["id"]
                    for row in template.json()["items"]
                    if (row["occasion"], row["audience"], row["channel"]) == ("received", "reporter", "sms")
                ),
            }
        )

    @staticmethod
    async def _one(desk: Desk, audience: str, state: str) -> str:
        given = {"audience": audience, "state": state}
        found: str = await desk.database.read(lambda s: s.scalar(text(ONE_OF), given))
        return found

    def calls(self) -> dict[str, Call]:
        """What each operation is sent."""
        said = {"body": "收到，回执号{receipt_number}。"}
        unsent = {"notice_id": self.ids["unsent"]}
        return {
            "GET /notices": Call(params={"limit": 200, "state": "suppressed"}, shows=self.ids["unsent"]),
            "POST /notices/mine/read": Call(body={"until": "2026-11-23T10:00:00+08:00"}),
            "PUT /notices/contact": Call(body={"phone": "13812341234"}),
            "POST /notices/{notice_id}/read [as who is told]": Call(subject=CHECKER),
            "POST /notices/{notice_id}/send-again": Call(unsent),
            "PATCH /notice-templates/{template_id}": Call(body=said),
            "POST /notice-templates/{template_id}/preview": Call(body=said),
            "POST /public/links/{token}/rate": Call(body={"satisfaction": "satisfied"}),
            "POST /exports": Call(body={"format": "csv"}),
            "GET /exports/{export_id} [as who asked]": Call(subject=EXPORTER),
            "GET /exports/{export_id}/file [as who asked]": Call(subject=EXPORTER),
        }
