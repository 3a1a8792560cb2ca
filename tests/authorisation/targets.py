"""Records of `targets`: a district's plans, a target that is shared out, its reports; and what is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.loading import data_folder
from libs.common.media.store import digest
from libs.common.policy import Actor, Role
from services.targets.allocations.domain import Share
from services.targets.figures.domain import Given
from services.targets.main import SERVICE
from services.targets.plans.domain import PlanLevel
from services.targets.plans.service import By
from services.targets.reports import service as reports
from services.targets.reports.models import Report
from services.targets.rules import service as rules
from services.targets.targets.domain import Kind
from tests.authorisation.access import PHOTO, access_calls, issue
from tests.authorisation.calls import NEW, Call
from tests.authorisation.places import Home
from tests.targets.factories import (
    DISTRICT,
    MONDAY,
    allocate,
    as_,
    by,
    create_plan,
    create_target,
    create_unit,
    expect_reports,
)

AUTHOR = "author-1"
"""The clerk who submitted the figures."""
GIVEN = Given(quantity=Decimal(1), unit="estate")
FIGURES = {"quantity": "1", "unit": "estate"}
NOTE = {"note": "经审议"}
LATE = {"as_of": "2026-12-31"}


class Targets:
    """A plan in force and a draft, a target of each, reports as they stand between their steps."""

    def __init__(self, client: httpx.AsyncClient, database: Database) -> None:
        self.client, self.database = client, database
        self.home: Home
        self.reports: dict[str, Report] = {}

    async def make(self) -> None:
        """Make all of them."""
        unit = await create_unit(self.database)
        self.home = Home(DISTRICT, unit=unit)
        await issue(self.database, "targets", self.home)
        await self.database.transact(lambda session: rules.load(session, data_folder(SERVICE)))
        where: dict[str, Any] = {"level": PlanLevel.DISTRICT, "area": DISTRICT}
        self.plan = await create_plan(self.database, "plan-1", **where)
        self.draft = await create_plan(self.database, "plan-2", in_force=False, **where)
        self.drafted = await create_target(self.database, self.draft, "T-0", kind=Kind.SUM)
        shared = [Share(unit, DISTRICT, Decimal(160), "estate")]
        for name in ("expected", "submitted", "accepted"):
            self.target = await create_target(self.database, self.plan, f"T-{name}", kind=Kind.SUM)
            (self.share,) = await allocate(self.database, self.target, shared)
            rows = await expect_reports(self.database)
            self.reports[name] = next(row for row in rows if row.target_id == self.target.id)
            await self._report(name)

    async def _report(self, name: str) -> None:
        headers = as_(Role.UNIT_CLERK, subject=AUTHOR) | {"content-type": "image/jpeg"}
        sent = await self.client.put(f"/targets/v1/media/{digest(PHOTO)}", content=PHOTO, headers=headers)
        assert sent.status_code == 201, sent.text
        clerk, key = By(Actor(AUTHOR, Role.UNIT_CLERK, self.home.unit), MONDAY), self.reports[name].id

        async def work(session: AsyncSession) -> Report:
            if name != "expected":
                told = reports.Told(GIVEN, "按月填报", (digest(PHOTO),))
                await reports.submit(session, key, told, clerk)
            if name == "accepted":
                await reports.accept(session, key, "", by())
            return await session.get_one(Report, key)

        self.reports[name] = await self.database.transact(work)

    def calls(self) -> dict[str, Call]:
        """What each operation is sent."""
        photo = digest(PHOTO)
        return {
            **self._plans(),
            **self._targets(),
            **self._reports(),
            **access_calls("targets", self.home, photo),
        }

    def _plans(self) -> dict[str, Call]:
        plan, draft = {"plan_id": str(self.plan.id)}, {"plan_id": str(self.draft.id)}
        body = {
            "code": "plan-9", "title_zh": "工作计划", "title_en": "Plan",
            "level": "district", "area": DISTRICT,
        }  # fmt: skip
        given = {"green": "0.98", "near_days": 30, "yellow": "0.85"}
        rule = {"value": given, "source": "通知", "effective_from": "2026-12-01"}
        one = "GET /plans/{plan_id}"
        return {
            "GET /plans": Call(shows=plan["plan_id"]),
            "GET /plans [draft]": Call(shows=draft["plan_id"]),
            one: Call(plan),
            f"{one} [draft]": Call(draft),
            "PUT /plans/{plan_id}": Call({"plan_id": NEW}, body),
            "PATCH /plans/{plan_id}": Call(plan, {"title_en": "Another"}, self.plan.version),
            f"{one}/history": Call(plan),
            f"{one}/history [draft]": Call(draft),
            "POST /plans/{plan_id}/put-in-force": Call(draft, NOTE, self.draft.version),
            "POST /plans/{plan_id}/conclude": Call(plan, NOTE, self.plan.version),
            "PUT /rules/{key}": Call(body=rule),
            "GET /plans/{plan_id}/reporting": Call(plan, params=LATE, shows=str(self.home.unit)),
        }

    def _targets(self) -> dict[str, Call]:
        target, draft = {"target_id": str(self.target.id)}, {"target_id": str(self.drafted.id)}
        body = {
            "code": "T-9", "plan_id": str(self.plan.id), "title_zh": "修缮面积", "title_en": "Repaired",
            "level": "district", "area": DISTRICT, "kind": "sum",
            "wanted": {"value": "5", "comparator": "reach", "unit": "wan_m2"},
        }  # fmt: skip
        share = {"unit_id": str(self.home.unit), "area": DISTRICT, "share": "160", "unit": "estate"}
        wanted = {"value": "150", "comparator": "reach", "unit": "estate"}
        revised = {"wanted": wanted, "effective_from": "2026-11-23", "reason": "动态调整"}
        version, one = self.target.version, "GET /targets/{target_id}"
        return {
            "GET /targets": Call(shows=target["target_id"]),
            "GET /targets [draft]": Call(shows=draft["target_id"]),
            f"{one} [draft]": Call(draft),
            f"{one}/history": Call(target),
            "PUT /targets/{target_id}": Call({"target_id": NEW}, body),
            "PATCH /targets/{target_id}": Call(target, {"title_en": "Another"}, version),
            "POST /targets/{target_id}/revise": Call(target, revised, version),
            f"{one}/allocations": Call(target, shows=str(self.share.id)),
            "PUT /targets/{target_id}/allocations": Call(target, {"items": [share]}, version),
        }

    def _reports(self) -> dict[str, Call]:
        def at(name: str, body: Any, **more: Any) -> Call:
            return Call({"report_id": str(self.reports[name].id)}, body, self.reports[name].version, **more)

        submitted = str(self.reports["submitted"].id)
        step = "POST /reports/{report_id}"
        return {
            "GET /reports": Call(params={"limit": 200}, shows=submitted),
            f"{step}/submit": at("expected", FIGURES),
            f"{step}/correct": at("accepted", FIGURES | {"reason": "复核"}),
            f"{step}/accept": at("submitted", NOTE),
            f"{step}/accept [as the author]": at("submitted", NOTE, subject=AUTHOR),
            f"{step}/send-back": at("submitted", NOTE),
        }

    async def names(self) -> dict[str, str]:
        """Path parameters where a call does not say otherwise."""
        return {
            "plan_id": str(self.plan.id),
            "target_id": str(self.target.id),
            "report_id": str(self.reports["submitted"].id),
            "key": "lights",
        }
