"""Grid's repair orders and major matters: one of each, and what each operation is sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.common.policy import Role
from tests.authorisation.calls import Call
from tests.grid.factories import NEIGHBOURHOOD, REPORTER, Desk, as_

WHY = {"reason": "联系家属"}
TEXT = {"text": "明火已扑灭"}


class Urgent:
    """A case to be repaired, one that is, and a major matter on a case of the estate."""

    def __init__(self, desk: Desk, unit: UUID) -> None:
        self.desk, self.unit = desk, unit
        self.filed, self.sent, self.case = unit, unit, unit
        self.versions: dict[UUID, int] = {}
        self.ids: dict[str, str] = {}
        self.major: dict[str, Any] = {}

    @classmethod
    async def made(cls, desk: Desk, unit: UUID, estate: UUID) -> Urgent:
        """Make all of them."""
        one = cls(desk, unit)
        place = {"area": NEIGHBOURHOOD, "estate_id": str(estate)}
        one.filed = await desk.filed("0505", "urgent")
        one.sent = await desk.filed("0505", "urgent")
        await desk.step(one.sent, "repair", {"unit_id": str(unit)})
        one.case = await desk.report(place=place)
        headers = as_(Role.INSPECTOR, subject=REPORTER)
        answer = await desk.client.post("/grid/v1/majors", json=one._fire(), headers=headers)
        assert answer.status_code == 201, answer.text
        one.major = answer.json()
        one.ids = {"major_id": one.major["id"], "major_notice_id": one.major["notices"][0]["id"]}
        for case_id in (one.filed, one.sent):
            one.versions[case_id] = (await desk.case(case_id)).version
        return one

    def _fire(self) -> dict[str, Any]:
        told = {"kind": "fire", "occurred_at": "2026-11-23T09:40:00+08:00", "text": "3号楼起火"}
        return told | {"area": None, "case_id": str(self.case)}

    def calls(self) -> dict[str, Call]:
        """What each operation is sent."""
        filed = {"case_id": str(self.filed)}
        repair = {"unit_id": str(self.unit)}
        receive = "POST /majors/{major_id}/notices/{major_notice_id}/receive"
        estate = {key: value for key, value in self._fire().items() if key not in ("area", "case_id")}
        version = self.major["version"]
        return {
            "GET /repairs": Call(params={"limit": 200}, shows=str(self.sent)),
            "GET /cases/{case_id}/proposed-repair": Call(filed),
            "POST /cases/{case_id}/repair": Call(filed, repair, self.versions[self.filed]),
            "GET /majors": Call(params={"limit": 200}, shows=self.major["id"]),
            "GET /cases/{case_id}/majors": Call({"case_id": str(self.case)}, shows=self.major["id"]),
            "POST /majors": Call(body=estate | {"estate_id": self.major["estate_id"]}),
            "POST /majors/{major_id}/follow-up": Call(body=TEXT, version=version),
            "POST /majors/{major_id}/conclude": Call(body=TEXT, version=version),
            "GET /major-notices": Call(params={"limit": 200}, shows=self.ids["major_notice_id"]),
            f"{receive} [as who reported it]": Call(subject=REPORTER),
            "POST /majors/{major_id}/casualties": Call(body=WHY),
        }
