"""The tree of the documents as it is loaded, with figures entered by hand and what they come to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.ids import stable_id
from libs.common.quantities import to_base
from libs.common.tree import repository_root
from services.targets.figures.domain import Figure, Source
from services.targets.lights.domain import Light, Reason, Verdict
from services.targets.plans import service as plans
from services.targets.progress import service as progress
from services.targets.progress.service import Ledger, Standing
from services.targets.targets import loading
from services.targets.targets import service as targets

D = Decimal
DATA = repository_root() / "services/targets/data"
CITY, PUTUO, PUDONG, BAOSHAN, KANGQIAO = "31", "310107", "310115", "310113", "310115136"
END = date(2020, 12, 31)
PLANS = ("sh-mh-2018", "kq-mh", "pt-my-2018", "hp-open-2019", "hp-old-2019", "bs-zh-2007")


@pytest.fixture
async def documents(database: Database) -> Ledger:
    """All targets of the six documents, without a figure."""

    async def work(session: AsyncSession) -> Ledger:
        await plans.load(session, DATA)
        await loading.load(session, DATA)
        rows = await targets.of_plans(session, [stable_id("plan", code) for code in PLANS])
        return await progress.ledger(session, rows)

    return await database.transact(work)


def told(code: str, area: str, year: int, quantity: str | None = None, unit: str = "", **more: Any) -> Figure:
    """A report on a year, as it was written."""
    base = None if quantity is None else to_base(D(quantity), unit)
    first, last = date(year, 1, 1), date(year, 12, 31)
    holder = stable_id("allocation", f"{code}:{area}")
    values: dict[str, Any] = {"quantity": base, "holder": holder} | more
    return Figure(stable_id("target", code), area, first, last, last, **values)


def task(code: str, on: date, quantity: str, unit: str, *once: str) -> Figure:
    key = stable_id("target", code)
    return Figure(key, KANGQIAO, on, on, on, Source.TASK, to_base(D(quantity), unit), once=once)


def with_figures(documents: Ledger, *figures: Figure) -> Ledger:
    found = defaultdict(list)
    for figure in figures:
        found[figure.target_id].append(figure)
    return replace(documents, figures=found)


def stands(found: Ledger, code: str, day: date = END) -> Standing:
    return progress.standing(found, stable_id("target", code), day)


async def test_143_targets_stand(documents: Ledger) -> None:
    assert len(progress.standings(documents, END)) == 143
    # nobody was asked and nothing is known: no light is made up
    assert {each.judgement.light for each in progress.standings(documents, END)} == {Light.GREY}


async def test_areas(documents: Ledger) -> None:
    found = with_figures(
        documents,
        told("SH-T01", PUDONG, 2018, "420", "wan_m2"),
        told("SH-T01", BAOSHAN, 2018, "300.25", "wan_m2"),
        told("PT-T01", PUTUO, 2018, "61.5", "wan_m2"),
        told("KQ-T01", KANGQIAO, 2019, "59017", "m2"),
        told("SH-T02", PUDONG, 2018, "120", "wan_m2"),
        told("SH-T03", PUDONG, 2018, "40", "wan_m2"),
        told("SH-T04", PUDONG, 2018, "35", "wan_m2"),
    )
    # 420 + 300.25 + 61.5 (Putuo's own plan) + 5.9017 (Kangqiao, 2019; Pudong told 2018 alone) = 787.6517
    assert stands(found, "SH-T01").value == D("787.6517")
    # the 900: 120, with the 40 and 35 in it and not beside it
    assert [stands(found, code).value for code in ("SH-T02", "SH-T03", "SH-T04")] == [D(120), D(40), D(35)]
    # Putuo by its own 180: 61.5; Kangqiao by its own 59,017: all of it
    assert stands(found, "PT-T01").value == D("61.5")
    assert stands(found, "KQ-T01").judgement.verdict is Verdict.MET
    # 787.6517 of 3000: missed
    assert stands(found, "SH-T01").judgement.verdict is Verdict.MISSED


async def test_putuos_flats_outlive_the_plan(documents: Ledger) -> None:
    done = {2019: "6.2", 2020: "9.1", 2021: "12.4", 2022: "15.3", 2023: "12.5"}
    found = with_figures(documents, *(told("PT-T08", PUTUO, y, q, "wan_m2") for y, q in done.items()))
    # for the city's 900: 6.2 + 9.1 = 15.3, in 2024 too
    assert [stands(found, "SH-T02", date(y, 12, 31)).value for y in (2020, 2024)] == [D("15.3")] * 2
    # for Putuo 6.2 + 9.1 + 12.4 + 15.3 + 12.5 = 55.5 of 55.5 in six years, and judged after the plan's end
    late = stands(found, "PT-T08", date(2024, 6, 30))
    assert (late.value, late.judgement.light, late.judgement.verdict) == (
        D("55.5"), Light.GREEN, Verdict.MET,
    )  # fmt: skip
    # by the end of 2020 55.5 x 1096 / 2191 = 27.7627 is asked, and not the 55.5 that were only begun
    assert stands(found, "PT-T08").scheduled == D("27.7627")


async def test_rates(documents: Ledger) -> None:
    found = with_figures(
        documents,
        told("KQ-T22", KANGQIAO, 2020, numerator=D(70), denominator=D(99)),
        told("SH-T12", PUTUO, 2020, numerator=D(480), denominator=D(500)),
        told("KQ-T16", KANGQIAO, 2020, numerator=D(4), denominator=D(10)),
        told("SH-T18", PUTUO, 2020, numerator=D(380), denominator=D(400)),
        told("KQ-T10", KANGQIAO, 2020, "66", "estate"),
    )
    # (70 + 480) / (99 + 500) = 550 / 599 = 91.819… %: met; the mean (70.7 + 96) / 2 = 83.35 would miss the 90
    city = stands(found, "SH-T12")
    assert (city.value, city.total.numerator, city.total.denominator) == (D("91.81"), D(550), D(599))
    assert city.judgement.verdict is Verdict.MET
    # 70 / 99 = 70.707… % of 70 % 以上
    assert (stands(found, "KQ-T22").value, stands(found, "KQ-T22").judgement.verdict) == (
        D("70.7"), Verdict.MET,
    )  # fmt: skip
    # 40 % of the large residential areas serves the 95 % of another population: 380 / 400 = 95
    assert stands(found, "SH-T18").value == D(95)
    # the count behind the 100 %: 66 of 99
    assert stands(found, "KQ-T09").value == D("66.66")


async def test_chargers(documents: Ledger) -> None:
    lot = "lot:kq-chargers"
    found = with_figures(
        documents,
        task("KQ-T11", date(2019, 4, 1), "8", "facility", "task:1", lot),
        task("KQ-T11", date(2019, 9, 1), "8", "facility", "task:2", lot),
        told("SH-T09", PUTUO, 2019, "150", "facility"),
    )
    # the goal and the creation item name the same eight; with Putuo's 150 they are 158 of the city's 2000
    assert (stands(found, "KQ-T11").value, stands(found, "KQ-T11").judgement.verdict) == (D(8), Verdict.MET)
    assert stands(found, "SH-T09").value == D(158)


async def test_stocks(documents: Ledger) -> None:
    found = with_figures(
        documents,
        told("SH-T21", PUTUO, 2019, "40", "site"),
        told("SH-T21", PUTUO, 2020, "44", "site"),
        told("SH-T21", BAOSHAN, 2020, "640", "site"),
        told("KQ-T23", KANGQIAO, 2020, "15", "site"),
    )
    # 44 + 640 + 15 = 699 of 700: a level, so Putuo's 40 of 2019 has passed
    assert (stands(found, "SH-T21").value, stands(found, "SH-T21").judgement.verdict) == (
        D(699), Verdict.MISSED,
    )  # fmt: skip


async def test_hours_a_day_are_not_summed(documents: Ledger) -> None:
    found = with_figures(documents, told("KQ-T24", KANGQIAO, 2019, "24", "hour_per_day"))
    # the town's own 24 of 24 is met; the city's 8 to 24 is another matter, of which nothing was told
    assert (stands(found, "KQ-T24").value, stands(found, "KQ-T24").judgement.verdict) == (D(24), Verdict.MET)
    assert stands(found, "SH-T39").value is None


async def test_baoshan_in_years(documents: Ledger) -> None:
    found = with_figures(
        documents,
        told("BS-T01", BAOSHAN, 2007, "105.5", "wan_m2"),
        told("BS-T02", BAOSHAN, 2008, "82", "wan_m2"),
        told("BS-T01", BAOSHAN, 2009, "113", "wan_m2"),
        told("BS-T03", BAOSHAN, 2009, "25", "wan_m2"),
        told("BS-T04", BAOSHAN, 2009, "12", "wan_m2"),
        told("BS-T05", BAOSHAN, 2007, "2", "estate"),
        told("BS-T05", BAOSHAN, 2009, "1", "estate"),
    )
    end = date(2009, 12, 31)
    # 105.5 + 82 + 113 = 300.5 of 300; the year 82 of 80
    assert [stands(found, code, end).value for code in ("BS-T01", "BS-T02")] == [D("300.5"), D(82)]
    assert stands(found, "BS-T01", end).judgement.verdict is Verdict.MET
    # 25 begun; of the 13 that 争取 to be completed 12: no fail, and never added to the 25
    assert stands(found, "BS-T03", end).value == D(25)
    assert stands(found, "BS-T04", end).judgement.verdict is Verdict.SOFT_MISSED
    # 力争 1 至 2 a year: 2 in 2007, none in 2008, 1 in 2009
    years = stands(found, "BS-T05", end)
    assert (years.value, years.since, years.missed_periods) == (D(1), date(2009, 1, 1), 1)
    assert years.judgement.verdict is Verdict.SOFT_MISSED
    assert stands(found, "BS-T05", date(2007, 12, 31)).value == D(2)


async def test_a_concluded_plan_answers_for_any_day(documents: Ledger) -> None:
    found = with_figures(
        documents, *(told("SH-T06", PUTUO, year, "1400", "lift") for year in (2018, 2019, 2020))
    )
    # 4000 lifts, 1400 a year: 1400 of 1332.1168 (365 of 1096 days) by 2018; 4200 by 2020
    first, last = stands(found, "SH-T06", date(2018, 12, 31)), stands(found, "SH-T06", date(2021, 6, 1))
    assert (first.scheduled, first.judgement.light) == (D("1332.1168"), Light.GREEN)
    assert (last.value, last.judgement.light, last.judgement.reason, last.judgement.verdict) == (
        D(4200), Light.GREY, Reason.CONCLUDED, Verdict.MET,
    )  # fmt: skip


async def test_what_has_no_deadline_is_never_overdue(documents: Ledger) -> None:
    found = with_figures(documents, told("HP-T11", "310101", 2019, done=False))
    far = stands(found, "HP-T11", date(2035, 1, 1))
    assert (far.judgement.light, far.judgement.reason) == (Light.GREY, Reason.NO_DEADLINE)
    # 已全覆盖 of all subdistricts is stated as reached: a baseline
    assert stands(found, "SH-T38").judgement.reason is Reason.ALREADY_MET
