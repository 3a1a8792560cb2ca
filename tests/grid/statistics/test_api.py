"""Statistics over HTTP: a week by hand, by parts, from noon to noon, beside last year, and by scope."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from libs.common.clocks import utc_now
from libs.common.events.sequencer import sequence
from libs.common.policy import Role
from services.grid.tallies import service as tallies
from tests.grid.factories import Desk, as_, known_unit

PATH = "/grid/v1/statistics"
WEEK = {"since": "2026-11-23", "until": "2026-11-29"}


async def count(desk: Desk) -> None:
    while await desk.database.transact(sequence):
        pass
    while await desk.database.transact(lambda session: tallies.count_on(session, utc_now())):
        pass


async def asked(desk: Desk, path: str = PATH, *, areas: str = "310101", **query: Any) -> Any:
    headers = as_(Role.LEADER, areas=areas.split())
    answer = await desk.client.get(path, params={**WEEK, **query}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def one(desk: Desk, **query: Any) -> Any:
    (line,) = (await asked(desk, **query))["lines"]
    return line


@pytest.fixture
async def week(desk: Desk) -> Desk:
    """Monday ten o'clock: five reports, one of them rejected, one waiting, one late and reworked at last."""
    clock = desk.clock
    closed = await desk.answered()
    await desk.check(closed)
    await desk.step(closed, "close", {"note": "同意结案"})
    rejected = await desk.report()
    await desk.step(rejected, "reject", {"reason_code": "other", "reason": "不属实"})
    await desk.report(category="0201")
    unit_id = await known_unit(desk.database)
    at_unit = await desk.filed("0201", "structure")
    await desk.step(at_unit, "dispatch", {"unit_id": str(unit_id)})
    late = await desk.handled()
    due = (await desk.case(late)).due_at
    assert due is not None
    clock.now = due + timedelta(hours=1)
    await desk.answer(late)
    await desk.check(late, passed=False)
    await count(desk)
    return desk


def rate(line: Any, code: str) -> tuple[str | None, str, str]:
    told = line["rates"][code]
    return told["value"], told["numerator"], told["denominator"]


async def test_a_week_by_hand(week: Desk) -> None:
    line = await one(week)
    counts = {what: n for what, n in line["counts"].items() if n}
    assert counts == {
        "reported": 5, "accepted": 3, "rejected": 1, "filed": 3, "dispatched": 3, "answered": 2,
        "answered_on_time": 1, "fell_due": 1, "reworked": 1, "closed": 1, "closed_on_time": 1,
        "closed_below": 1,
    }  # fmt: skip
    assert line["stands"] == {"open": 3, "overdue": 1, "overdue_excused": 0}
    assert rate(line, "filed") == ("0.6000", "3", "5")
    assert rate(line, "answered_on_time") == ("0.5000", "1", "2")
    assert rate(line, "closed") == ("0.5000", "1", "2")
    assert rate(line, "reworked") == ("0.5000", "1", "2")
    assert rate(line, "satisfied") == (None, "0", "0")


async def test_what_was_excused_leaves_both_rates_on_time(week: Desk) -> None:
    late = next(
        row.id
        for row in await week.database.read(lambda s: s.execute(text("SELECT id, overdue_at FROM grid_case")))
        if row.overdue_at is not None
    )
    grounds = {"reason_code": "weather", "note": "台风"}
    await week.step(late, "ask-appeal", grounds)
    await count(week)
    assert rate(await one(week), "answered_on_time") == ("0.5000", "1", "2"), "waiting changes nothing"
    await week.step(late, "grant-appeal", {"note": "属实"}, role=Role.DUTY_CHIEF)
    await count(week)
    line = await one(week)
    assert rate(line, "answered_on_time") == ("1.0000", "1", "1")
    assert rate(line, "closed_on_time") == ("1.0000", "1", "1")
    assert (line["counts"]["fell_due"], line["counts"]["excused"]) == (1, 1)
    assert line["stands"] == {"open": 3, "overdue": 1, "overdue_excused": 1}
    assert rate(line, "closed") == ("0.5000", "1", "2"), "no rate on time"


async def test_by_parts(week: Desk) -> None:
    by_category = {line["key"]: line for line in (await asked(week, by="category"))["lines"]}
    assert {key: line["counts"]["reported"] for key, line in by_category.items()} == {"0201": 2, "0202": 3}
    assert by_category["0202"]["name"] == "楼道堆物"
    (unit,) = [line for line in (await asked(week, by="unit"))["lines"] if line["key"]]
    assert (unit["name"], unit["stands"]["open"]) == ("南京东路街道综合行政执法队", 1)
    (town,) = (await asked(week, by="area", area="310101"))["lines"]
    assert (town["key"], town["name"]) == ("310101002", "南京东路街道")
    (channel,) = (await asked(week, by="channel"))["lines"]
    assert (channel["key"], channel["name"]) == ("inspector", "网格员巡查")
    assert (await one(week, category="0201"))["counts"]["reported"] == 2
    (group,) = (await asked(week, by="group"))["lines"]
    assert (group["key"], group["name"], group["counts"]["reported"]) == ("02", "消防与公共安全", 5)
    (attribute,) = (await asked(week, by="attribute"))["lines"]
    assert (attribute["key"], attribute["name"]) == ("estate", "住宅小区类")
    for narrowed, reported in (({"group": "02"}, 5), ({"group": "03"}, 0), ({"attribute": "event"}, 0)):
        assert (await one(week, **narrowed))["counts"]["reported"] == reported


async def test_only_the_viewers_areas(week: Desk) -> None:
    assert (await one(week, areas="310101002001"))["counts"]["reported"] == 5
    for outside in ("310101003", "310104", ""):
        assert (await one(week, areas=outside))["counts"]["reported"] == 0
    assert (await one(week, area="310104"))["counts"]["reported"] == 0


async def test_what_stood_on_a_past_day(week: Desk) -> None:
    before = await one(week, since="2026-11-20", until="2026-11-22")
    assert (before["counts"]["reported"], before["stands"]) == (
        0,
        {"open": 0, "overdue": 0, "overdue_excused": 0},
    )
    week.clock.tick(timedelta(days=7))
    later = await week.report()
    await week.step(later, "reject", {"reason_code": "other", "reason": "不属实"})
    await week.report()
    await count(week)
    assert (await one(week))["stands"]["open"] == 3, "what came since is taken off"
    assert (await one(week, until="2026-12-31"))["stands"]["open"] == 4


async def test_what_stood_months_ago(week: Desk) -> None:
    for days in (20, 45, 60):
        week.clock.tick(timedelta(days=days))
        await week.report()
    await count(week)
    stood = {
        until: (await one(week, since="2026-11-01", until=until))["stands"]["open"]
        for until in (
            "2026-11-22",
            "2026-11-29",
            "2026-11-30",
            "2026-12-31",
            "2027-01-31",
            "2027-03-31",
            "2027-04-30",
        )
    }
    assert stood == {
        "2026-11-22": 0, "2026-11-29": 3, "2026-11-30": 3, "2026-12-31": 4, "2027-01-31": 5, "2027-03-31": 6,
        "2027-04-30": 6,
    }  # fmt: skip


async def test_days_from_noon_to_noon(desk: Desk) -> None:
    await desk.report()  # at ten
    desk.clock.tick(timedelta(hours=3))
    await desk.report()
    await count(desk)
    monday = {"since": "2026-11-23", "until": "2026-11-23"}
    assert (await one(desk, **monday))["counts"]["reported"] == 2
    assert (await one(desk, **monday, noon=True))["counts"]["reported"] == 1
    told = await asked(desk, **monday, noon=True)
    assert (told["begins"], told["ends"]) == ("2026-11-22T12:00:00+08:00", "2026-11-23T12:00:00+08:00")


async def test_beside_last_year(week: Desk) -> None:
    moved = "UPDATE tally SET half = half - interval '1 year' WHERE what = 'reported' AND category = '0201'"
    await week.database.transact(lambda session: session.execute(text(moved)))
    line = await one(week, last_year=True)
    assert (line["counts"]["reported"], line["last_year"]["counts"]["reported"]) == (3, 2)
    assert line["last_year"]["rates"]["filed"] == {"value": "0.0000", "numerator": "0", "denominator": "2"}


async def test_nothing_counted_yet(desk: Desk) -> None:
    told = await asked(desk)
    assert told["counted_to"] is None
    assert {one["value"] for one in told["lines"][0]["rates"].values()} == {None}


async def test_hot_spots(desk: Desk) -> None:
    for _ in range(3):
        await desk.report()
    await desk.step(await desk.report(), "reject", {"reason_code": "other", "reason": "不属实"})
    await desk.report(category="0201")
    (spot,) = (await asked(desk, f"{PATH}/hot-spots"))["items"]
    assert (spot["area"], spot["category_zh"], spot["count"]) == ("310101002001", "楼道堆物", 3)
    assert (await asked(desk, f"{PATH}/hot-spots", least=4))["items"] == []
    assert (await asked(desk, f"{PATH}/hot-spots", areas="310104"))["items"] == []


async def test_every_formula_is_published(desk: Desk) -> None:
    items = {item["code"]: item for item in (await asked(desk, f"{PATH}/formulas"))["items"]}
    assert items["satisfied"]["numerator"] == {"satisfied": "1", "fairly_satisfied": "0.8", "so_so": "0.6"}
    assert items.keys() == (await one(desk))["rates"].keys()


@pytest.mark.parametrize(
    "wrong",
    [{"until": "2026-11-01"}, {"since": "1999-01-01"}, {"by": "day"}, {"area": "3101"[:3]}, {"since": "x"}],
)
async def test_what_has_no_meaning(desk: Desk, wrong: dict[str, str]) -> None:
    answer = await desk.client.get(PATH, params={**WEEK, **wrong}, headers=as_(Role.LEADER))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


async def test_who_may_not(desk: Desk) -> None:
    for role in (Role.INSPECTOR, Role.UNIT_CLERK, Role.FIRM_MANAGER, Role.MEDIATOR):
        assert (await desk.client.get(PATH, params=WEEK, headers=as_(role))).status_code == 403
