"""The public view over HTTP: one world, nobody signed in."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from libs.common.clocks import utc_now
from libs.common.events.sequencer import sequence
from libs.common.settings import Settings
from services.grid.disclosures import schemas
from services.grid.main import SERVICE
from services.grid.tallies import service as tallies
from tests.grid.factories import NEIGHBOURHOOD, Callers, Clock, Desk, Unit, fill, known_unit
from tests.support.apps import lent_app
from tests.support.databases import Databases
from tests.support.lending import lent_database

PATH = "/grid/v1/public"
TOWNSHIP = NEIGHBOURHOOD[:9]
PERSON = {"name": "欧阳震华", "phone": "13812341234", "secret": False, "consent": True}
WRITTEN = (
    "欧阳",
    "震华",
    "1381234",
    "福建中路",
    "202室",
    "煤气",
    "李四",
    "已清理",
    "inspector-",
    "sha",
    "photo",
)
"""What stands in the records and must stand in no public answer."""


@dataclass
class Town:
    """The cases, by name; `who` asks without any credential."""

    desk: Desk
    who: httpx.AsyncClient
    cases: dict[str, UUID] = field(default_factory=dict)
    unit: UUID | None = None

    async def receipt(self, name: str) -> str:
        """Of the case."""
        return (await self.desk.case(self.cases[name])).receipt_number

    async def asked(self, path: str, **params: Any) -> Any:
        """The answer, which must be good."""
        answer = await self.who.get(f"{PATH}/{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def make(self) -> None:
        """One case in each state that matters here."""
        desk = self.desk
        told: dict[str, Any] = {"reporter": PERSON, "description": "煤气管道旁堆物，李四所为"}
        self.cases["reported"] = await desk.report(**told)
        self.cases["filed"] = await desk.filed(**told)
        self.cases["secret"] = await desk.filed(reporter=PERSON | {"secret": True})
        self.cases["hidden"] = await desk.filed("0104", **told)
        self.cases["merged"] = await desk.report(**told)
        into = {"into": str(self.cases["filed"]), "reason": "同一处"}
        await desk.step(self.cases["merged"], "merge", into)
        self.cases["rejected"] = await desk.report(**told)
        await desk.step(self.cases["rejected"], "accept")
        no = {"reason_code": "other", "reason": "不属实"}
        await desk.step(self.cases["rejected"], "refuse-filing", no)
        self.cases["closed"] = await desk.answered()
        await desk.check(self.cases["closed"])
        await desk.step(self.cases["closed"], "close", {})
        self.unit = await known_unit(desk.database)
        self.cases["enforced"] = await self.enforced("0101", "existing", "c", **told)
        self.cases["not disclosed"] = await self.enforced("0202", "found", "d", **told)
        while await desk.database.transact(sequence):
            pass
        while await desk.database.transact(lambda s: tallies.count_on(s, utc_now())):
            pass

    async def enforced(self, category: str, standard: str, letter: str, **told: Any) -> UUID:
        """A case that the unit of enforcement has closed."""
        desk = self.desk
        case_id = await desk.filed(category, standard, **told)
        shown = await desk.step(case_id, "dispatch", {"unit_id": str(self.unit), "level": "subdistrict"})
        unit = Unit(desk, case_id, UUID(shown["handover_id"]))
        await desk.photo("media", letter)
        await unit.sign()
        await unit.answer(letter)
        await desk.check(case_id)
        await desk.step(case_id, "close", {})
        return case_id


@pytest.fixture(scope="module")
async def town(databases: Databases) -> AsyncIterator[Town]:
    template = await asyncio.to_thread(databases.template, "grid_filled", fill)
    clock, settings = Clock(), Settings(visits_per_second=0, guesses_per_second=0)
    async with lent_database(databases, template) as database:
        with lent_app(
            SERVICE, database=database, authenticator=Callers(), clock=clock, settings=settings
        ) as app:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://grid.test") as client:
                made = Town(Desk(client, clock, database), client)
                await made.make()
                yield made


@asynccontextmanager
async def visitor(town: Town, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at an app with other bounds, over the same records."""
    database, clock = town.desk.database, town.desk.clock
    with lent_app(SERVICE, database=database, authenticator=Callers(), clock=clock, settings=settings) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://grid.test") as client:
            yield client


class TestProgress:
    @pytest.mark.parametrize(
        ("name", "state"),
        [
            ("reported", "received"),
            ("filed", "arranging"),
            ("secret", "arranging"),
            ("rejected", "not_accepted"),
            ("closed", "solved"),
            ("enforced", "solved"),
        ],
    )
    async def test_who_has_the_receipt_is_told_how_far_it_is(self, town: Town, name: str, state: str) -> None:
        told = await town.asked(f"progress/{(await town.receipt(name)).lower().replace('-', ' ')}")
        assert told["state"]["code"] == state
        assert told["reported_on"] == "2026-11-23"
        assert (told["ended_on"] is None) == (state in {"received", "arranging"})
        assert told["merged"] is False

    async def test_the_unit_is_named(self, town: Town) -> None:
        told = await town.asked(f"progress/{await town.receipt('enforced')}")
        assert told["unit_zh"] == "南京东路街道综合行政执法队"
        assert told["category_zh"] == "违法搭建/违法建筑"

    async def test_a_merged_case_is_told_as_the_other_stands(self, town: Town) -> None:
        told = await town.asked(f"progress/{await town.receipt('merged')}")
        assert told["merged"] is True
        assert told["state"]["code"] == "arranging"

    async def test_a_hidden_category_is_not_named(self, town: Town) -> None:
        told = await town.asked(f"progress/{await town.receipt('hidden')}")
        assert told["category_zh"] is None
        assert told["category_en"] is None

    async def test_wrong_numbers_cannot_be_told_apart(self, town: Town) -> None:
        case = await town.desk.case(town.cases["filed"])
        # Never given out, mistyped, no receipt at all, and a matter number, which could be counted through.
        wrong = ["M7Q-4H2K-9TXB-3RW", case.receipt_number[:-1] + "?", "1", str(case.number), str(case.id)]
        answers = [await town.who.get(f"{PATH}/progress/{number}") for number in wrong]
        told = [{k: v for k, v in a.json().items() if k not in ("trace_id", "instance")} for a in answers]
        assert {a.status_code for a in answers} == {404}
        assert all(each == told[0] for each in told)
        assert told[0]["code"] == "receipt-unknown"


class TestLists:
    async def test_only_what_may_be_known_is_listed(self, town: Town) -> None:
        page = await town.asked("cases", area=TOWNSHIP)
        assert sorted(item["state"]["code"] for item in page["items"]) == [
            "arranging", "solved", "solved", "solved",
        ]  # fmt: skip
        assert {item["area"] for item in page["items"]} == {NEIGHBOURHOOD}
        assert "0104" not in {item["category"] for item in page["items"]}

    async def test_filters(self, town: Town) -> None:
        opened = await town.asked("cases", area=NEIGHBOURHOOD, open=True)
        assert [item["state"]["code"] for item in opened["items"]] == ["arranging"]
        ended = await town.asked("cases", area=NEIGHBOURHOOD, open=False, category="0101")
        assert [item["category"] for item in ended["items"]] == ["0101"]
        assert (await town.asked("cases", area="310101003"))["items"] == []

    async def test_pages_hold_everything_once_and_give_no_id_away(self, town: Town) -> None:
        whole = (await town.asked("cases", area=TOWNSHIP))["items"]
        found: list[Any] = []
        after: dict[str, str] = {}
        while True:
            page = await town.asked("cases", area=TOWNSHIP, limit=1, **after)
            found += page["items"]
            if page["next"] is None:
                break
            opened = base64.urlsafe_b64decode(page["next"] + "==").decode()
            assert not any(str(case_id) in opened for case_id in town.cases.values())
            after = {"after": page["next"]}
        assert found == whole

    async def test_results_of_enforcement_are_disclosed_by_the_rule(self, town: Town) -> None:
        page = await town.asked("enforcements", area=TOWNSHIP)
        (told,) = page["items"]
        assert told["category"] == "0101"
        assert told["basis_zh"] == "上海市拆除违法建筑若干规定(2018)"
        assert told["result"]["zh"] == "已办结：问题已解决"
        assert told["unit_zh"] == "南京东路街道综合行政执法队"
        assert told["closed_on"] == "2026-11-23"

    async def test_small_counts_are_withheld(self, town: Town) -> None:
        told = await town.asked("counts", area=TOWNSHIP, month="2026-11")
        counted = {item["code"]: item for item in told["items"]}
        assert set(counted) == {"0101", "0202"}  # 0104 is hidden
        assert counted["0101"]["reported"] is None  # one
        assert counted["0202"]["reported"] is None  # or the other could be reckoned from the sum
        (area,) = (await town.asked("counts", area=TOWNSHIP, month="2026-11", by="area"))["items"]
        assert (area["code"], area["reported"], area["closed"]) == (NEIGHBOURHOOD, 8, 3)
        assert (await town.asked("counts", area=TOWNSHIP, month="2026-10"))["items"] == []

    @pytest.mark.parametrize("area", ["31", "310101", "310101002001001"])
    async def test_lists_are_of_a_town_or_a_neighbourhood(self, town: Town, area: str) -> None:
        assert (await town.who.get(f"{PATH}/cases", params={"area": area})).status_code == 422


class TestPrivacy:
    async def test_no_answer_holds_what_a_person_wrote(self, town: Town) -> None:
        receipts = [await town.receipt(name) for name in town.cases]
        asked = [
            *(f"{PATH}/progress/{receipt}" for receipt in receipts),
            f"{PATH}/cases?area={TOWNSHIP}",
            f"{PATH}/enforcements?area={TOWNSHIP}",
            f"{PATH}/counts?area={TOWNSHIP}&month=2026-11",
        ]
        secrets = [*WRITTEN, *receipts, *(str(case_id) for case_id in town.cases.values())]
        for path in asked:
            answer = await town.who.get(path)
            assert answer.status_code == 200, answer.text
            assert [word for word in secrets if word in answer.text] == [], path

    async def test_the_secrets_are_in_the_records(self, town: Town) -> None:
        def work(session: Any) -> Any:
            return session.scalar(
                text("SELECT string_agg(CAST(c AS text) || CAST(r AS text), '') FROM grid_case AS c "
                     "JOIN case_reporter AS r ON r.case_id = c.id")
            )  # fmt: skip

        held = await town.desk.database.read(work)
        assert all(word in held for word in ("欧阳震华", "13812341234", "福建中路", "煤气"))

    def test_shapes_have_no_field_for_it(self) -> None:
        told = {
            "name",
            "phone",
            "address",
            "description",
            "reporter",
            "photos",
            "id",
            "receipt_number",
            "estate_id",
        }
        shapes = (schemas.ProgressRead, schemas.PublicCase, schemas.EnforcementRead)
        assert [told & set(shape.model_fields) for shape in shapes] == [set(), set(), set()]


class TestBounds:
    async def test_answers_are_kept_by_caches(self, town: Town) -> None:
        path = f"{PATH}/cases?area={TOWNSHIP}"
        answer = await town.who.get(path)
        assert answer.headers["cache-control"] == "public, max-age=60"
        again = await town.who.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")

    async def test_guesses_are_counted_and_right_ones_are_not(self, town: Town) -> None:
        settings = Settings(visits_per_second=0, guesses_per_second=0.2)  # two at once
        right = f"{PATH}/progress/{await town.receipt('filed')}"
        wrong = f"{PATH}/progress/M7Q-4H2K-9TXB-3RW"
        async with visitor(town, settings) as who:
            assert [(await who.get(right)).status_code for _ in range(5)] == [200] * 5
            assert [(await who.get(wrong)).status_code for _ in range(3)] == [404, 404, 429]
            refused = await who.get(right)
            assert refused.status_code == 429  # or it would tell that it is right
            assert int(refused.headers["retry-after"]) >= 1

    async def test_an_address_has_its_share(self, town: Town) -> None:
        settings = Settings(visits_per_second=0.1, address_header="x-real-ip")
        path = f"{PATH}/enforcements?area={TOWNSHIP}"
        async with visitor(town, settings) as who:
            one, other = {"x-real-ip": "203.0.113.1"}, {"x-real-ip": "203.0.113.2"}
            answers = [await who.get(path, headers=at) for at in (one, one, other)]
            assert [answer.status_code for answer in answers] == [200, 429, 200]
