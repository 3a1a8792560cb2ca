"""Grid's estates' own people: a statement, an objection, what could not be stopped, a studio, a removal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.common.policy import Role
from tests.authorisation.calls import Call
from tests.grid.estates import bound
from tests.grid.factories import HANDLER, NEIGHBOURHOOD, Desk, as_, upload

HASH = "a" * 64
NOTE = {"note": "经核属实"}
SAID = {"text": "已劝导住户清理"}
DISPUTED = {"ground": "attribution", "reason": "不属本小区"}
STUDIO: dict[str, Any] = {
    "area": NEIGHBOURHOOD, "name": "城管社区工作室", "role": "社区专管员", "contact": "021-63210000",
    "place": "居委会一楼", "hours": [{"weekday": 1, "begins": "08:00", "ends": "11:00"}],
    "valid_from": "2026-11-01", "valid_to": "2026-11-30", "source": "一览表",
}  # fmt: skip
VISIT = {
    "kind": "reception", "begins_at": "2026-11-23T08:30:00+08:00", "ends_at": "2026-11-23T09:30:00+08:00",
    "people": 3,
}  # fmt: skip


class Estates:
    """One of each, in the estate of the records; photos uploaded by every role that may name one."""

    def __init__(self, estate: UUID, unit: UUID, case_id: UUID) -> None:
        self.estate = estate
        self.studio = STUDIO | {"unit_id": str(unit)}
        self.case_id = str(case_id)
        self.ids: dict[str, str] = {}

    @classmethod
    async def made(cls, desk: Desk, estate: UUID, unit: UUID, case_id: UUID) -> Estates:
        """Make all of them."""
        one = cls(estate, unit, case_id)
        for role in Role:
            await upload(desk.database, f"{role}-0", HASH)
        await upload(desk.database, "firm_manager-1", HASH)

        def firm() -> dict[str, str]:
            return bound(Role.FIRM_MANAGER, estate)

        async def post(path: str, body: dict[str, Any], headers: dict[str, str]) -> str:
            answer = await desk.client.post(f"/grid/v1{path}", json=body, headers=headers)
            assert answer.status_code == 201, answer.text
            return str(answer.json()["id"])

        case = f"/cases/{case_id}"
        one.ids["statement_id"] = await post(f"{case}/statements", SAID, firm())
        one.ids["objection_id"] = await post(f"{case}/objections", DISPUTED | {"ground": "facts"}, firm())
        one.ids["dissuasion_id"] = await post("/dissuasions", one.act(), firm())
        one.ids["studio_id"] = await post("/studios", one.studio, as_(Role.DUTY_CHIEF))
        one.ids["visit"] = await post(f"/studios/{one.ids['studio_id']}/visits", VISIT, as_(Role.INSPECTOR))
        one.ids["point_id"] = await post("/collection-points", one.point(), as_(Role.DUTY_CHIEF))
        one.ids["removal_id"] = await post("/removals", {"point_id": one.ids["point_id"]}, firm())
        return one

    def act(self) -> dict[str, Any]:
        """What could not be stopped."""
        return {
            "estate_id": str(self.estate), "kind": "illegal_building", "what": "露台搭建阳光房",
            "address": "福建中路100弄3号201室", "seen_at": "2026-11-22T15:00:00+08:00",
            "dissuaded_at": "2026-11-22T15:20:00+08:00", "how": "上门劝阻无效", "photos": [HASH],
        }  # fmt: skip

    def submission(self) -> dict[str, Any]:
        """What a firm reports by itself, through a channel that each of the two may use."""
        return {
            "estate_id": str(self.estate), "channel": "property_repair", "category": "0505",
            "description": "2号楼水泵房渗漏", "address": "福建中路100弄2号",
            "found_at": "2026-11-23T09:00:00+08:00",
        }  # fmt: skip

    def point(self) -> dict[str, Any]:
        """Where debris is collected, on demand."""
        return {
            "estate_id": str(self.estate), "kind": "decoration", "place": "北门东侧", "carrier": "清运公司",
            "valid_from": "2026-11-01", "source": "协议",
        }  # fmt: skip

    def calls(self) -> dict[str, Call]:
        """What each operation is sent."""
        return {**self._said(), **self._kept()}

    def _said(self) -> dict[str, Call]:
        most, case, ids = {"limit": 200}, {"case_id": self.case_id}, self.ids
        return {
            "GET /cases/{case_id}/statements": Call(case, shows=ids["statement_id"]),
            "POST /cases/{case_id}/statements": Call(case, SAID),
            "POST /statements/{statement_id}/take": Call(body=NOTE),
            "POST /statements/{statement_id}/take [as the handler]": Call(body=NOTE, subject=HANDLER),
            "GET /cases/{case_id}/objections": Call(case, shows=ids["objection_id"]),
            "POST /cases/{case_id}/objections": Call(case, DISPUTED),
            "GET /objections": Call(params=most, shows=ids["objection_id"]),
            "POST /objections/{objection_id}/uphold": Call(body=NOTE),
            "POST /objections/{objection_id}/uphold [as the handler]": Call(body=NOTE, subject=HANDLER),
            "POST /objections/{objection_id}/refuse": Call(body=NOTE),
            "POST /submissions [the firm's channel]": Call(body=self.submission()),
            "POST /submissions [the committee's channel]": Call(
                body=self.submission() | {"channel": "committee"}
            ),
            "GET /dissuasions": Call(params=most, shows=ids["dissuasion_id"]),
            "POST /dissuasions": Call(body=self.act()),
            "GET /dissuasions/punctuality": Call(params=most, shows=str(self.estate)),
        }

    def _kept(self) -> dict[str, Call]:
        most, area, ids = {"limit": 200}, {"area": NEIGHBOURHOOD}, self.ids
        removed = {"removed_at": "2026-11-23T10:00:00+08:00", "photos": [HASH]}
        ordered = {"point_id": ids["point_id"]}
        later = {"valid_from": "2026-12-01", "valid_to": None}
        return {
            "GET /studios": Call(params=area, shows=ids["studio_id"]),
            "GET /studios/attendance": Call(params=area, shows=ids["studio_id"]),
            "GET /public/studios": Call(params=area, shows=STUDIO["contact"]),
            "POST /studios": Call(body=STUDIO | later),
            "PATCH /studios/{studio_id}": Call(body={"contact": "021-63210001"}),
            "GET /studios/{studio_id}/visits": Call(shows=ids["visit"]),
            "POST /studios/{studio_id}/visits": Call(body=VISIT),
            "GET /collection-points": Call(params=most, shows=ids["point_id"]),
            "POST /collection-points": Call(body=self.point()),
            "PATCH /collection-points/{point_id}": Call(body={"place": "南门西侧"}),
            "GET /removals": Call(params=most, shows=ids["removal_id"]),
            "POST /removals": Call(body=ordered),
            "GET /removals/punctuality": Call(params=area),
            "POST /removals/{removal_id}/record": Call(body=removed),
            "POST /removals/{removal_id}/cancel": Call(body={"reason": "已自行清运"}),
        }
