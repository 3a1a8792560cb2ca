"""Reports over HTTP: submitted by the unit, accepted or sent back by the officer, corrected in versions."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from libs.common.db import Database
from libs.common.media.links import Record
from libs.common.media.models import MediaObject, MediaUpload
from libs.common.policy import Principal, Role
from services.targets.allocations.domain import Share
from services.targets.main import may_read
from services.targets.reports import service as reports
from services.targets.reports.models import Report
from services.targets.targets.domain import Kind
from services.targets.targets.models import Target
from tests.targets.factories import (
    CITY,
    DISTRICT,
    MONDAY,
    Clock,
    allocate,
    as_,
    create_plan,
    create_target,
    create_unit,
    expect_reports,
    outbox,
    steps_of,
)

REPORTS = "/targets/v1/reports"
TOPIC = "jiayuan.targets.report.v1"
HASH = "a" * 64


class Desk:
    """The clerk of the unit and the officer of the district, at one report."""

    def __init__(self, client: httpx.AsyncClient, database: Database, row: Report) -> None:
        self.client, self.database, self.row = client, database, row

    async def now(self) -> Report:
        found = await self.database.read(lambda s: s.get(Report, self.row.id))
        assert found is not None
        return found

    async def post(self, step: str, body: Any, *roles: Role, **caller: Any) -> httpx.Response:
        headers = as_(*roles, **({"version": (await self.now()).version} | caller))
        return await self.client.post(f"{REPORTS}/{self.row.id}/{step}", json=body, headers=headers)

    async def clerk(self, step: str, **body: Any) -> httpx.Response:
        return await self.post(step, body, Role.UNIT_CLERK, unit_id=self.row.unit_id, areas=(DISTRICT,))

    async def officer(self, step: str, **body: Any) -> httpx.Response:
        return await self.post(step, body, Role.TARGET_OFFICER, areas=(DISTRICT,))


async def desk_for(database: Database, client: httpx.AsyncClient, **target: Any) -> Desk:
    unit = await create_unit(database)
    made: Target = await create_target(database, await create_plan(database), **target)
    share = Decimal(4) if made.kind in ("sum", "count", "stock") else None
    await allocate(database, made, [Share(unit, DISTRICT, share, made.unit if share else None)])
    return Desk(client, database, (await expect_reports(database))[0])


@pytest.fixture
async def desk(database: Database, client: httpx.AsyncClient) -> Desk:
    return await desk_for(database, client, kind=Kind.SUM, value=Decimal(40), unit="wan_m2")


async def evidence(database: Database, subject: str = "unit_clerk-1") -> str:
    async def work(session: Any) -> None:
        session.add(
            MediaObject(
                hash=HASH, stored_digest=HASH, media_type="image/jpeg", size=1, width=1, height=1,
                touched_at=MONDAY, stored_at=MONDAY,
            )
        )  # fmt: skip
        session.add(MediaUpload(hash=HASH, subject=subject, at=MONDAY))

    await database.transact(work)
    return HASH


async def verbs(database: Database) -> list[str]:
    return [event.type.split(".")[4] for event in await outbox(database, TOPIC)][2:]


class TestSubmit:
    async def test_square_metres_are_converted_exactly(self, desk: Desk, database: Database) -> None:
        answer = await desk.clerk("submit", quantity="59017", unit="m2", note="三个小区竣工")
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert (told["state"], told["revision"], told["late"]) == ("submitted", 1, False)
        version = (await database.read(lambda s: reports.versions(s, desk.row)))[0]
        assert (version.quantity, version.unit, version.base_quantity) == (
            Decimal(59017), "m2", Decimal(59017),
        )  # fmt: skip
        assert await verbs(database) == ["submitted"]
        assert await steps_of(database, desk.row.id) == ["expect", "submit"]

    async def test_after_the_last_day_it_is_late(self, desk: Desk, clock: Clock) -> None:
        clock.tick(timedelta(days=6))
        assert (await desk.clerk("submit", quantity="1", unit="wan_m2")).json()["late"] is True

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"quantity": "8", "unit": "facility"}, "units-differ"),
            ({"numerator": "1", "denominator": "2"}, "figure-not-fitting"),
            ({"quantity": "8"}, "figure-not-fitting"),
            ({"quantity": "8", "unit": "m2", "photos": [HASH]}, "media-unknown"),
        ],
    )
    async def test_what_does_not_fit_changes_nothing(
        self, desk: Desk, database: Database, body: dict[str, Any], code: str
    ) -> None:
        answer = await desk.clerk("submit", **body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert (await desk.now()).state == "expected"
        assert await verbs(database) == []

    async def test_a_float_has_lost_what_was_written(self, desk: Desk) -> None:
        assert (await desk.clerk("submit", quantity=5.9017, unit="wan_m2")).status_code == 422

    async def test_only_the_own_unit_reports(self, desk: Desk, database: Database) -> None:
        other = await create_unit(database, "310113.housing-bureau")
        body = {"quantity": "1", "unit": "m2"}
        answer = await desk.post("submit", body, Role.UNIT_CLERK, unit_id=other, areas=(DISTRICT,))
        assert (answer.status_code, answer.json()["code"]) == (404, "report-not-found")
        assert (await desk.officer("submit", **body)).status_code == 403

    async def test_a_stale_version_is_refused(self, desk: Desk) -> None:
        body = {"quantity": "1", "unit": "m2"}
        unit_id = desk.row.unit_id
        answer = await desk.post("submit", body, Role.UNIT_CLERK, unit_id=unit_id, version=7)
        assert answer.status_code == 412


class TestDecide:
    async def test_accepted_figures_count(self, desk: Desk, database: Database) -> None:
        await desk.clerk("submit", quantity="5.9017", unit="wan_m2")
        answer = await desk.officer("accept")
        assert (answer.status_code, answer.json()["accepted_revision"]) == (200, 1)
        figures = await database.read(lambda s: reports.figures(s, [desk.row.target_id]))
        assert [(figure.quantity, str(figure.known)) for figure in figures] == [
            (Decimal("59017.0000"), "2026-10-31")
        ]
        event = (await outbox(database, TOPIC))[-1]
        assert event.type == "cn.jiayuan.targets.report.accepted.v1"
        assert (event.payload["quantity"], event.payload["unit"]) == ("5.9017", "wan_m2")

    async def test_sent_back_with_a_reason_and_given_again(self, desk: Desk, database: Database) -> None:
        await desk.clerk("submit", quantity="5.9017", unit="wan_m2")
        assert (await desk.officer("send-back")).status_code == 422
        sent = await desk.officer("send-back", note="面积口径不符")
        assert sent.json()["state"] == "sent_back"
        assert (await desk.clerk("submit", quantity="6", unit="wan_m2")).json()["revision"] == 2
        assert (await desk.officer("accept")).json()["accepted_revision"] == 2
        assert await verbs(database) == ["submitted", "sent-back", "submitted", "accepted"]

    async def test_a_correction_counts_when_it_is_accepted_itself(
        self, desk: Desk, database: Database
    ) -> None:
        await desk.clerk("submit", quantity="5.9017", unit="wan_m2")
        await desk.officer("accept")
        assert (await desk.clerk("correct", quantity="4", unit="wan_m2")).status_code == 422
        told = await desk.clerk("correct", quantity="4", unit="wan_m2", reason="验收复核")
        assert (told.json()["state"], told.json()["accepted_revision"]) == ("submitted", 1)
        counted = await database.read(lambda s: reports.figures(s, [desk.row.target_id]))
        assert counted[0].quantity == 59017
        await desk.officer("accept")
        counted = await database.read(lambda s: reports.figures(s, [desk.row.target_id]))
        assert counted[0].quantity == 40000
        assert (await verbs(database))[2:] == ["corrected", "accepted"]

    async def test_only_what_was_submitted_is_decided_on(self, desk: Desk) -> None:
        answer = await desk.officer("accept")
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal-transition")

    async def test_not_by_who_reported(self, desk: Desk) -> None:
        await desk.clerk("submit", quantity="1", unit="wan_m2")
        answer = await desk.post("accept", {}, Role.TARGET_OFFICER, subject="unit_clerk-1", areas=(DISTRICT,))
        assert (answer.status_code, answer.json()["code"]) == (403, "report-own")

    async def test_not_by_the_officer_of_another_district(self, desk: Desk) -> None:
        await desk.clerk("submit", quantity="1", unit="wan_m2")
        answer = await desk.post("accept", {}, Role.TARGET_OFFICER, areas=("310113",))
        assert answer.status_code == 404


class TestOtherKinds:
    async def test_a_rate_is_told_in_numerator_and_denominator(
        self, database: Database, client: httpx.AsyncClient
    ) -> None:
        desk = await desk_for(database, client, kind=Kind.RATE, value=Decimal(90), unit="percent")
        told = await desk.clerk("submit", numerator="9", denominator="10")
        assert told.status_code == 200, told.text
        assert (await desk.clerk("submit", numerator="9", denominator="10")).status_code == 409

    async def test_what_is_done_is_shown_by_evidence(
        self, database: Database, client: httpx.AsyncClient
    ) -> None:
        desk = await desk_for(database, client, kind=Kind.BOOLEAN)
        assert (await desk.clerk("submit", done=True)).json()["code"] == "figure-not-fitting"
        photo = await evidence(database)
        assert (await desk.clerk("submit", done=True, photos=[photo])).status_code == 200


class TestRead:
    async def test_a_unit_sees_what_it_owes(self, desk: Desk, database: Database) -> None:
        other = await create_unit(database, "310113.housing-bureau")
        for unit, count in ((desk.row.unit_id, 2), (other, 0)):
            headers = as_(Role.UNIT_CLERK, unit_id=unit, areas=(DISTRICT,))
            page = await desk.client.get(f"{REPORTS}?show=turn&total=true", headers=headers)
            assert (len(page.json()["items"]), page.json()["total"]) == (count, count)

    async def test_an_officer_sees_what_waits_in_the_area(self, desk: Desk) -> None:
        await desk.clerk("submit", quantity="1", unit="wan_m2")
        for areas, count in (((DISTRICT,), 1), ((CITY,), 1), (("310113",), 0)):
            headers = as_(Role.TARGET_OFFICER, areas=areas)
            page = await desk.client.get(f"{REPORTS}?show=waiting", headers=headers)
            assert len(page.json()["items"]) == count

    async def test_pages_follow_each_other(self, desk: Desk) -> None:
        headers = as_(Role.TARGET_OFFICER, areas=(CITY,))
        for show, order in (("all", ["2026-11-30", "2026-10-31"]), ("turn", ["2026-10-31", "2026-11-30"])):
            url = f"{REPORTS}?show={show}&limit=1&target={desk.row.target_id}&area={DISTRICT}"
            first = (await desk.client.get(url, headers=headers)).json()
            second = (await desk.client.get(f"{url}&after={first['next']}", headers=headers)).json()
            assert [each["items"][0]["period_last"] for each in (first, second)] == order
            assert second["next"] is None

    async def test_a_report_with_its_versions_and_steps(self, desk: Desk) -> None:
        await desk.clerk("submit", quantity="5.9017", unit="wan_m2", note="联系 13800001234")
        url = f"{REPORTS}/{desk.row.id}"
        headers = as_(Role.TARGET_OFFICER, areas=(DISTRICT,))
        told = (await desk.client.get(url, headers=headers)).json()
        assert told["allowed_actions"] == ["accept", "send-back"]
        assert (told["versions"][0]["quantity"], told["target_unit"]) == ("5.9017", "wan_m2")
        assert told["versions"][0]["note"] == "联系 138****1234"
        steps = (await desk.client.get(f"{url}/history", headers=headers)).json()["items"]
        assert [step["action"] for step in steps] == ["expect", "submit"]

    async def test_another_area_knows_nothing_of_it(self, desk: Desk) -> None:
        headers = as_(Role.TARGET_OFFICER, areas=("310113",))
        assert (await desk.client.get(f"{REPORTS}/{desk.row.id}", headers=headers)).status_code == 404

    async def test_evidence_is_seen_through_its_report(self, desk: Desk, database: Database) -> None:
        near = Principal("a", "a", frozenset({Role.TARGET_OFFICER}), (DISTRICT,))
        far = Principal("b", "b", frozenset({Role.TARGET_OFFICER}), ("310113",))
        record = Record("report", desk.row.id)
        assert await database.read(lambda s: may_read(s, near, record, MONDAY)) is True
        assert await database.read(lambda s: may_read(s, far, record, MONDAY)) is False
