"""Grid's records: one case in each state, in one neighbourhood; and what each operation is sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text

from libs.common.ids import new_id
from libs.common.media.store import digest
from libs.common.policy import Role
from libs.common.tables import MEDIA_TYPE
from services.grid.places.domain import identity
from tests.authorisation.access import PHOTO, access_calls, issue
from tests.authorisation.afterwards import Afterwards
from tests.authorisation.calls import NEW, Call
from tests.authorisation.estates import Estates
from tests.authorisation.geography import Geography
from tests.authorisation.joints import Joints
from tests.authorisation.notices import Notices
from tests.authorisation.orders import PARTY, Orders
from tests.authorisation.places import Home
from tests.authorisation.urgent import Urgent
from tests.authorisation.watches import Watches
from tests.grid.factories import (
    CHECKER,
    DISTRICT,
    HANDLER,
    NEIGHBOURHOOD,
    REPORTER,
    Desk,
    as_,
    known_unit,
    report_body,
)

TELLER = {"name": "张三丰", "phone": "13812341234", "secret": False, "consent": True}
MEETING = {
    "held_at": "2026-11-22T19:00:00+08:00", "attendees": ["residents_committee", "residents"], "present": 9,
    "votes_for": 8, "votes_against": 1, "outcome": "residents", "decision": "居民自行清理",
}  # fmt: skip
UP = {"reason": "lack_of_power", "note": "本级无执法权限"}
WHY = {"reason": "经研究"}
OTHER = {"reason_code": "other", "reason": "经研究"}
SQUAD = {"squad": "网格处置一队"}
LATER = "2027-03-01T00:00:00+08:00"

PERIOD = {"since": "2026-11-01", "until": "2026-11-30"}


class Grid:
    """The cases, by the name of how they stand."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.cases: dict[str, UUID] = {}
        self.versions: dict[str, int] = {}
        self.unit = new_id()
        self.station = identity("node", f"W{NEIGHBOURHOOD[:9]}-1")
        self.home: Home
        self.near: dict[str, Any] = {}
        self.orders: Orders
        self.watches: Watches
        self.urgent: Urgent
        self.afterwards: Afterwards
        self.joints: Joints
        self.geography: Geography
        self.estates: Estates
        self.notices: Notices

    async def make(self) -> None:
        """Make all of them."""
        query = "SELECT DISTINCT estate_id FROM estate_coverage WHERE left(area_code, 12) = :area LIMIT 1"
        given = {"area": NEIGHBOURHOOD}
        estate = await self.desk.database.read(lambda s: s.scalar(text(query), given)) or new_id()
        self.unit = await known_unit(self.desk.database)
        self.home = Home(NEIGHBOURHOOD, unit=self.unit, estate=estate)
        await issue(self.desk.database, "grid", self.home)
        await Notices.begin(self.desk)
        await self._reported(estate)
        await self._filed()
        await self._deferred()
        await self._answered()
        self.orders = await Orders.made(self.desk)
        self.watches = await Watches.made(self.desk)
        self.urgent = await Urgent.made(self.desk, self.unit, estate)
        self.afterwards = await Afterwards.made(self.desk)
        self.joints = await Joints.made(self.desk)
        self.geography = await Geography.made(self.desk, self.near, estate)
        self.estates = await Estates.made(self.desk, estate, self.unit, self.cases["in the estate"])
        self.notices = await Notices.made(self.desk, self.afterwards.cases["done"])
        for name, case_id in self.cases.items():
            self.versions[name] = (await self.desk.case(case_id)).version

    async def _reported(self, estate: UUID) -> None:
        desk, cases = self.desk, self.cases
        headers = as_(Role.INSPECTOR, subject=REPORTER) | {"content-type": "image/jpeg"}
        sent = await desk.client.put(f"/grid/v1/media/{digest(PHOTO)}", content=PHOTO, headers=headers)
        assert sent.status_code == 201, sent.text
        place = {"area": NEIGHBOURHOOD, "estate_id": str(estate), "address": "福建中路100弄3号202室"}
        cases["reported"] = await desk.report(place=place, photos=[digest(PHOTO)], reporter=TELLER)
        cases["twin"] = await desk.report(place=place)
        query = "SELECT centre_lon, centre_lat FROM unit_grid WHERE code = :code"
        given = {"code": f"{NEIGHBOURHOOD}002"}
        (centre,) = await desk.database.read(lambda s: s.execute(text(query), given))
        point = {"lon": centre[0] / 1e6, "lat": centre[1] / 1e6, "crs": "CGCS2000"}
        self.near = {"category": "0202", **point}
        cases["near"] = await desk.report(place={"point": point})
        cases["verifying"] = await self._hotline()
        await desk.step(cases["verifying"], "request-verification", {"inspector": CHECKER})
        cases["hotline"] = await self._hotline()

    async def _hotline(self) -> UUID:
        return await self.desk.report(channel="12345", photos=[], reporter=TELLER)

    async def _filed(self) -> None:
        desk, cases = self.desk, self.cases
        cases["accepted"] = await desk.report()
        await desk.step(cases["accepted"], "accept")
        cases["filed"] = await desk.filed()
        for name in ("hotline filed", "converted"):
            cases[name] = await self._hotline()
            await desk.step(cases[name], "request-verification", {"inspector": CHECKER})
            await desk.step(cases[name], "verify", {"confirmed": True, "note": "属实"})
            await desk.step(cases[name], "accept")
            await desk.step(cases[name], "file", {"standard": "found"})
        await desk.step(cases["converted"], "convert", {"parties": [PARTY]})
        for name in ("dispatched", "returned", "studied"):
            cases[name] = await desk.filed()
            await desk.step(cases[name], "dispatch", SQUAD)
        why = {"reason_code": "not-our-duty", "reason": "属消防部门职责"}
        for name in ("returned", "studied"):
            await desk.step(cases[name], "return", why)
        concerned = [str(self.unit), str(await known_unit(desk.database))]
        self.study = {"participant_ids": concerned, "question": "属谁"}
        await desk.step(cases["studied"], "study", self.study, role=Role.DISPATCHER)
        cases["handling"] = await desk.handled()
        place = {"area": NEIGHBOURHOOD, "estate_id": str(self.home.estate)}
        cases["in the estate"] = await desk.filed(place=place)
        await desk.step(cases["in the estate"], "dispatch", SQUAD)
        await desk.step(cases["in the estate"], "start")
        cases["escalated"] = await desk.filed()
        await desk.step(cases["escalated"], "escalate", UP)

    async def _deferred(self) -> None:
        desk, cases = self.desk, self.cases
        for name in ("asked", "approved", "suspended"):
            cases[name] = await desk.handled()
        for name in ("asked", "approved"):
            await desk.step(cases[name], "ask-extension", WHY, role=Role.INSPECTOR, subject=HANDLER)
        asked = {"reason": "列入年度计划", "until": LATER}
        await desk.step(cases["suspended"], "ask-suspension", asked)
        for name in ("approved", "suspended"):
            await desk.step(cases[name], "approve-deferral", {})
        await desk.step(cases["suspended"], "grant-deferral", {})

    async def _answered(self) -> None:
        desk, cases = self.desk, self.cases
        for letter, name in zip("bcde", ("checking", "assigned", "checked", "closed"), strict=True):
            cases[name] = await desk.answered(letter)
        await desk.assign_check(cases["assigned"])
        for name in ("checked", "closed"):
            await desk.check(cases[name])
        await desk.step(cases["closed"], "close", {"note": "同意结案"})

    def _at(self, name: str, body: Any = None, **more: Any) -> Call:
        """A step of the case of that name, from the version that stands."""
        return Call({"case_id": str(self.cases[name])}, body, self.versions[name], **more)

    def calls(self) -> dict[str, Call]:
        """What each operation is sent."""
        steps = {**self._first_steps(), **self._handling(), **self._last_steps()}
        case = {f"POST /cases/{{case_id}}/{step}": call for step, call in steps.items()}
        photo = digest(PHOTO)
        access = access_calls("grid", self.home, photo)
        apart = {**self.orders.calls(self.unit), **self.watches.calls(), **self.afterwards.calls(), **access}
        apart |= self.joints.calls() | self.urgent.calls() | self.geography.calls() | self.estates.calls()
        return {**case, **self._reads(), **self._reference(), **apart, **self.notices.calls()}

    def _first_steps(self) -> dict[str, Call]:
        moved = {"description": "4号楼2层", **WHY}
        verify = {"purpose": "verify", **WHY}
        twin = {"into": str(self.cases["twin"]), "reason": "同一处"}
        return {
            "claim": self._at("reported"),
            "release": self._at("reported"),
            "correct [as who reported it]": self._at("reported", moved, subject=REPORTER),
            "correct": self._at("reported", moved),
            "withdraw [as who reported it]": self._at("reported", WHY, subject=REPORTER),
            "withdraw": self._at("reported", WHY),
            "request-verification": self._at("hotline", {"inspector": CHECKER}),
            "verify [as the verifier]": self._at(
                "verifying", {"confirmed": True, "note": "属实"}, subject=CHECKER
            ),
            "verify": self._at("verifying", {"confirmed": True, "note": "属实"}),
            "accept": self._at("reported"),
            "reject": self._at("reported", OTHER),
            "merge": self._at("reported", twin),
            "file": self._at("accepted", {"standard": "found"}),
            "refuse-filing": self._at("accepted", OTHER),
            "supplement": self._at("filed", {"text": "又新增一处"}),
            "reporter [to accept]": self._at("reported", {"purpose": "accept", **WHY}),
            "reporter [to verify, as the verifier]": self._at("verifying", verify, subject=CHECKER),
            "reporter [to verify]": self._at("verifying", verify),
            "reporter [to call back]": self._at("hotline", {"purpose": "call-back", **WHY}),
        }

    def _handling(self) -> dict[str, Call]:
        answer = {"outcome": "solved", "summary": "已清理", "photos": []}
        until = {"reason": "列入年度计划", "until": LATER}
        decided = {"outcome": "not_ours", "record": "非本级", "held_at": self.desk.clock.now.isoformat()}
        return {
            "change-standard": self._at("filed", {"standard": "found", **WHY}),
            "dispatch": self._at("filed", SQUAD),
            "designate": self._at("returned", WHY),
            "send-back": self._at("returned", WHY),
            "study": self._at("returned", self.study),
            "decide-study": self._at("studied", decided),
            "recall": self._at("dispatched", WHY),
            "urge": self._at("handling", {"note": "请尽快"}),
            "hold-meeting": self._at("filed", MEETING),
            "escalate [as the handler]": self._at("handling", UP, subject=HANDLER),
            "escalate": self._at("handling", UP),
            "start": self._at("dispatched", subject=HANDLER),
            "progress [as the handler]": self._at("handling", {"note": "约定今日"}, subject=HANDLER),
            "progress": self._at("handling", {"note": "约定今日"}),
            "return": self._at("dispatched", {"reason_code": "not-our-duty", "reason": "非职责"}),
            "answer [as the handler]": self._at("handling", answer, subject=HANDLER),
            "answer": self._at("handling", answer),
            "ask-extension [as the handler]": self._at("handling", WHY, subject=HANDLER),
            "ask-extension": self._at("handling", WHY),
            "ask-suspension [as the handler]": self._at("handling", until, subject=HANDLER),
            "convert": self._at("hotline filed", {"parties": [PARTY]}),
            "interim-reply": self._at("converted", {"note": "已转调解"}),
            "approve-deferral": self._at("asked", {}),
            "grant-deferral": self._at("approved", {}),
            "grant-deferral [as the first approver]": self._at("approved", {}, subject="dispatcher-1"),
            "refuse-deferral": self._at("asked", WHY),
            "resume": self._at("suspended", {}),
        }

    def _last_steps(self) -> dict[str, Call]:
        found = {"passed": True, "note": "已清理"}
        return {
            "assign-check": self._at("checking", {"inspector": CHECKER}),
            "check [as the checker]": self._at("assigned", found, subject=CHECKER),
            "check": self._at("assigned", found),
            "check [as the handler]": self._at("assigned", found, subject=HANDLER),
            "close": self._at("checked", {}),
            "close [as the handler]": self._at("checked", {}, subject=HANDLER),
            "recheck": self._at("checked", WHY),
            "force-close": self._at("handling", OTHER),
            "force-close [as the handler]": self._at("handling", OTHER, subject=HANDLER),
            "void": self._at("handling", OTHER),
            "void [as the handler]": self._at("handling", OTHER, subject=HANDLER),
            "reopen": self._at("closed", WHY),
        }

    def _reads(self) -> dict[str, Call]:
        shown = str(self.cases["reported"])
        most, names = {"limit": 200}, {"case_id": shown}
        rest = (
            "", "/answers", "/history", "/possible-duplicates", "/dispatches", "/checks", "/deferrals",
            "/escalations", "/meetings", "/proposed-units", "/sheet", "/studies",
        )  # fmt: skip
        given = report_body(description="4号楼1层堆物")
        return {
            **{f"GET /cases/{{case_id}}{part}": Call(names) for part in rest},
            "GET /cases": Call(params=most, shows=shown),
            "GET /escalations": Call(
                params=most | {"level": "workstation"}, shows=str(self.cases["escalated"])
            ),
            "GET /nodes/{node_id}/escalations": Call(
                {"node_id": str(self.station)}, params=most, shows=str(self.cases["escalated"])
            ),
            "GET /studies": Call(params=most, shows=str(self.cases["studied"])),
            "GET /queue": Call(params=most, shows=shown),
            "GET /checks [as the checker]": Call(
                params=most, shows=str(self.cases["assigned"]), subject=CHECKER
            ),
            "GET /checks": Call(params=most, shows=str(self.cases["assigned"])),
            "PUT /cases/{case_id}": Call({"case_id": NEW}, given | {"channel": "inspector"}),
            "PUT /cases/{case_id} [hotline]": Call(
                {"case_id": NEW}, given | {"channel": "12345", "source_number": "SH9"}
            ),
            "PUT /cases": Call(body=_batch, shows='"status":201'),
            "GET /public/cases": Call(params={"area": NEIGHBOURHOOD}, shows="202"),
            "GET /public/enforcements": Call(params={"area": NEIGHBOURHOOD}),
            "GET /public/counts": Call(params={"area": NEIGHBOURHOOD[:9], "month": "2026-11"}),
            "GET /statistics": Call(params=PERIOD),
            "GET /statistics/hot-spots": Call(params=PERIOD),
            "GET /cases/near": Call(params=self.near, shows=str(self.cases["near"])),
            "GET /changes": Call(params=most, shows=str(self.cases["dispatched"])),
            "PUT /operations": Call(body=_queue, shows='"status":201'),
            "PUT /cases/{case_id} [sensor]": Call(
                {"case_id": NEW}, given | {"channel": "sensor", "source_number": "C9"}
            ),
        }

    def _reference(self) -> dict[str, Call]:
        standard = {
            "condition_zh": "现场存在", "condition_en": "On site", "limit_amount": 2,
            "limit_unit": "urgent_hours", "closing_zh": "清理", "closing_en": "Cleared",
            "source": "通知", "effective_from": "2026-12-01",
        }  # fmt: skip
        form = {"questions": [], "source": "通知", "effective_from": "2026-12-01"}
        limit = {"amount": 2, "unit": "natural_hours"}
        rule = {"value": limit, "source": "通知", "effective_from": "2026-12-01"}
        covers = [{"area": f"{NEIGHBOURHOOD}001", "valid_from": "2026-12-01"}]
        node = {
            "code": "W-new", "name": "新站", "level": "workstation", "area": NEIGHBOURHOOD, "covers": covers,
            "source": "通知",
        }  # fmt: skip
        point = {"lon": 121.4785, "lat": 31.2305, "crs": "WGS84"}
        return {
            "PUT /categories/{code}/standards/{standard}": Call({"code": "0202"}, standard),
            "GET /categories/{code}/forms": Call({"code": "0202"}),
            "PUT /categories/{code}/form": Call({"code": "0202"}, form),
            "PUT /rules/{key}": Call(body=rule),
            "POST /catalogue/import": Call(
                params={"effective_from": "2026-12-01"}, photo=b"no workbook", kind=MEDIA_TYPE
            ),
            "POST /problem-lists/import": Call(photo=b"no workbook", kind=MEDIA_TYPE),
            "GET /nodes": Call(params={"area": NEIGHBOURHOOD}),
            "POST /nodes": Call(body=node),
            "PATCH /nodes/{node_id}": Call(body={"name": "新名"}, version=1),
            "GET /categories/{code}": Call({"code": "0202"}),
            "GET /areas/{code}/outline": Call({"code": DISTRICT}),
            "GET /unit-grids/{code}": Call({"code": f"{NEIGHBOURHOOD}001"}),
            "GET /locate": Call(params=point),
            "GET /estates": Call(params={"area": NEIGHBOURHOOD}),
        }

    async def names(self) -> dict[str, str]:
        """Path parameters where a call does not say otherwise."""
        return {
            "code": NEIGHBOURHOOD,
            "standard": "found",
            "node_id": str(identity("node", f"P{NEIGHBOURHOOD}")),
            "key": "stage.accept",
            "estate_id": str(self.home.estate),
            "channel": "12345",
            "order_id": str(self.orders.ids["SH1"]),
            **self.watches.ids,
            **self.urgent.ids,
            **self.geography.ids,
            **self.estates.ids,
            **self.notices.ids,
            "number": (await self.desk.case(self.cases["reported"])).receipt_number,
        }


def _batch() -> dict[str, Any]:
    """One inspector's report as a batch, under a fresh id."""
    return {"items": [report_body(description="5号楼1层堆物") | {"id": str(new_id())}]}


def _queue() -> dict[str, Any]:
    """The same as a device's queue."""
    reported = {"operation_id": str(new_id()), "action": "report"}
    return {"items": [reported | {"body": report_body(description="5号楼2层堆物")}]}
