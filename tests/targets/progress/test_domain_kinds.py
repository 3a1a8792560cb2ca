"""Roll-ups of rates, stocks, tasks and answers, reckoned by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from libs.common.ids import stable_id
from services.targets.figures.domain import Total
from services.targets.targets.domain import Aggregation, Kind, Relation
from tests.targets.progress.books import (
    BAOSHAN,
    CITY,
    HUANGPU,
    KANGQIAO,
    PUDONG,
    PUTUO,
    TOWNS,
    D,
    node,
    said,
    span,
    task,
    total,
)


class TestRates:
    def test_three_towns_are_summed_and_not_averaged(self) -> None:
        # SH-T12, 90 %: 9 of 10, 45 of 90, 190 of 200. Σn / Σd = 244 / 300 = 81.33… %; the mean of rates
        # (90 + 50 + 95) / 3 = 78.33… % would be wrong
        nodes = [node("SH-T12", CITY, Kind.RATE, floor=D(90))]
        towns = [("310115136", 9, 10), ("310115137", 45, 90), ("310107005", 190, 200)]
        figures = [said("SH-T12", area, span(2019), numerator=D(n), denominator=D(d)) for area, n, d in towns]
        found = total(nodes, figures, "SH-T12")
        assert (found.numerator, found.denominator) == (D(244), D(300))
        assert found.exact == Fraction(24400, 300)

    def test_a_lower_plan_counts_into_the_citys_rate(self) -> None:
        # KQ-T22 (70 % 以上) to SH-T12 (90 %): Kangqiao 70 of 99, Putuo 480 of 500 -> 550 / 599
        nodes = [
            node("SH-T12", CITY, Kind.RATE, floor=D(90)),
            node("KQ-T22", KANGQIAO, Kind.RATE, parent="SH-T12", relation=Relation.CONTRIBUTES_TO),
        ]
        figures = [
            said("KQ-T22", KANGQIAO, span(2019), numerator=D(60), denominator=D(99)),
            said("KQ-T22", KANGQIAO, span(2020), numerator=D(70), denominator=D(99)),
            said("SH-T12", PUTUO, span(2020), numerator=D(480), denominator=D(500)),
        ]
        found = total(nodes, figures, "SH-T12")
        assert (found.numerator, found.denominator, found.covered) == (D(550), D(599), 1)

    def test_another_population_is_not_averaged_in(self) -> None:
        # KQ-T16 (40 % of the large residential areas) only supports SH-T18 (95 % of the estates that qualify)
        nodes = [
            node("SH-T18", CITY, Kind.RATE),
            node("KQ-T16", KANGQIAO, Kind.RATE, parent="SH-T18", relation=Relation.SUPPORTS),
        ]
        figures = [
            said("SH-T18", PUTUO, span(2020), numerator=D(380), denominator=D(400)),
            said("KQ-T16", KANGQIAO, span(2020), numerator=D(4), denominator=D(10)),
        ]
        assert total(nodes, figures, "SH-T18").exact == 95

    def test_the_count_behind_a_rate_stands_for_it(self) -> None:
        # KQ-T10, 99 estates, is the numerator of KQ-T09, 100 % of 99: 66 of 99 are two thirds
        nodes = [
            node("KQ-T09", KANGQIAO, Kind.RATE, floor=D(100)),
            node(
                "KQ-T10", KANGQIAO, Kind.COUNT, floor=D(99), parent="KQ-T09", relation=Relation.NUMERATOR_OF
            ),
        ]
        figures = [
            said("KQ-T10", KANGQIAO, span(2019), "40", "estate"),
            said("KQ-T10", KANGQIAO, span(2020), "26", "estate"),
        ]
        found = total(nodes, figures, "KQ-T09")
        assert (found.numerator, found.denominator, found.exact) == (D(66), D(99), Fraction(200, 3))
        told = said("KQ-T09", KANGQIAO, span(2020), numerator=D(80), denominator=D(101))
        assert total(nodes, [*figures, told], "KQ-T09").denominator == 101  # what was reported comes first
        assert total(nodes, [], "KQ-T09") == Total()


class TestStocks:
    """党建联建示范点: 700 of the city (SH-T21), 15 of Kangqiao (KQ-T23)."""

    NODES = [
        node("SH-T21", CITY, Kind.STOCK, floor=D(700)),
        node("KQ-T23", KANGQIAO, Kind.STOCK, floor=D(15), parent="SH-T21", relation=Relation.CONTRIBUTES_TO),
    ]

    def test_the_latest_level_of_each_area(self) -> None:
        figures = [
            said("SH-T21", PUTUO, span(2019), "40", "site"),
            said("SH-T21", PUTUO, span(2020), "44", "site"),
            said("SH-T21", HUANGPU, span(2019), "52", "site"),
            said("KQ-T23", KANGQIAO, span(2019), "9", "site"),
            said("KQ-T23", KANGQIAO, span(2020), "12", "site"),
        ]
        # 44 + 52 (its latest is 2019's) + 12 = 108; never 40 + 44 + 52 + 9 + 12
        assert total(self.NODES, figures, "SH-T21").value == 108
        assert total(self.NODES, figures, "SH-T21", date(2019, 12, 31)).value == 40 + 52 + 9

    def test_a_district_that_tells_its_own_level_covers_the_town(self) -> None:
        figures = [
            said("SH-T21", PUDONG, span(2019), "130", "site"),
            said("KQ-T23", KANGQIAO, span(2020), "12", "site"),
        ]
        assert total(self.NODES, figures, "SH-T21").value == 130

    def test_what_tasks_brought_after_the_level_is_added(self) -> None:
        figures = [
            said("SH-T21", PUTUO, span(2019), "40", "site"),
            task("SH-T21", "310107005", date(2019, 6, 1), "1", "site", "task:1"),
            task("SH-T21", "310107005", date(2020, 2, 1), "2", "site", "task:2"),
        ]
        assert total(self.NODES, figures, "SH-T21").value == 42


class TestTasks:
    """八个充电设施 stand twice in Kangqiao's plan (KQ-T11), and count for the city's 2000 (SH-T09)."""

    NODES = [
        node("SH-T09", CITY, Kind.COUNT, floor=D(2000)),
        node("KQ-T11", KANGQIAO, Kind.COUNT, floor=D(8), parent="SH-T09", relation=Relation.CONTRIBUTES_TO),
    ]
    LOT = "lot:kq-chargers"

    def test_eight_chargers_of_two_measures_are_eight(self) -> None:
        figures = [
            task("KQ-T11", KANGQIAO, date(2019, 4, 1), "8", "facility", "task:1", self.LOT),
            task("KQ-T11", KANGQIAO, date(2019, 5, 1), "8", "facility", "task:2", self.LOT),
        ]
        assert total(self.NODES, figures, "KQ-T11").value == 8
        assert total(self.NODES, figures, "SH-T09").value == 8

    def test_a_task_linked_to_both_counts_once_for_the_city(self) -> None:
        figures = [
            task("KQ-T11", KANGQIAO, date(2019, 4, 1), "8", "facility", "task:1"),
            task("SH-T09", KANGQIAO, date(2019, 4, 1), "8", "facility", "task:1"),
            task("SH-T09", PUTUO, date(2019, 4, 1), "5", "facility", "task:2"),
        ]
        # 8 + 5, not 8 + 8 + 5
        assert total(self.NODES, figures, "SH-T09").value == 13

    def test_a_report_holds_the_tasks_of_its_own_period(self) -> None:
        figures = [
            said("KQ-T11", KANGQIAO, span(2019, 2), "6", "facility"),
            task("KQ-T11", KANGQIAO, date(2019, 4, 1), "4", "facility", "task:1"),
            task("KQ-T11", "310115136001", date(2019, 6, 30), "2", "facility", "task:2"),
            task("KQ-T11", KANGQIAO, date(2019, 7, 1), "2", "facility", "task:3"),
        ]
        # April to June: 6, as reported, with the 4 and the 2 in it; July: 2 more
        found = total(self.NODES, figures, "KQ-T11")
        assert (found.value, found.covered) == (D(8), 2)


class TestNotAdded:
    def test_hours_a_day_are_no_sum(self) -> None:
        # SH-T39 8 -> 24 hours: Kangqiao's 24 and Putuo's 24 are not 48, and say nothing of the city
        nodes = [node("SH-T39", CITY, Kind.COUNT, floor=D(24), aggregation=Aggregation.NONE)]
        figures = [said("SH-T39", area, span(2019), "24", "hour_per_day") for area in (KANGQIAO, PUTUO)]
        assert total(nodes, figures, "SH-T39") == Total()
        told = said("SH-T39", CITY, span(2020), "16", "hour_per_day")
        assert total(nodes, [*figures, told], "SH-T39").value == 16

    def test_support_is_not_summed(self) -> None:
        # KQ-T06, 18,000 accounts, serve the rate SH-T23 and are no part of it
        nodes = [
            node("SH-T23", CITY, Kind.RATE),
            node("KQ-T06", KANGQIAO, Kind.COUNT, parent="SH-T23", relation=Relation.SUPPORTS),
        ]
        figures = [said("KQ-T06", KANGQIAO, span(2019), "18000", "account")]
        assert total(nodes, figures, "SH-T23") == Total()


class TestRecurring:
    def test_each_year_counts_afresh(self) -> None:
        # BS-T05, 1 至 2 个 a year: 2 in 2007 and none yet in 2008 are no 2 for 2008
        nodes = [node("BS-T05", BAOSHAN, Kind.COUNT, floor=D(1), deadline=date(2009, 12, 31))]
        figures = [
            said("BS-T05", BAOSHAN, span(2007), "2", "estate"),
            said("BS-T05", BAOSHAN, span(2008, 4), "1", "estate"),
        ]
        day, since = date(2008, 9, 30), date(2008, 1, 1)
        assert total(nodes, figures, "BS-T05", day, since=since) == Total()
        assert total(nodes, figures, "BS-T05", date(2008, 12, 31), since=since).value == 1
        assert total(nodes, figures, "BS-T05", date(2007, 12, 31), since=date(2007, 1, 1)).value == 2


class TestAnswers:
    NODES = [
        node(
            "PT-T14", PUTUO, Kind.BOOLEAN,
            asked=tuple((town, stable_id("allocation", f"PT-T14:{town}:")) for town in TOWNS),
        )
    ]  # fmt: skip

    @pytest.mark.parametrize(
        ("answers", "done"),
        [
            ({}, None),
            ({"310107005": True}, False),
            ({"310107005": True, "310107010": False}, False),
            ({"310107005": True, "310107010": True}, True),
            ({"310107": True}, True),
            ({"310107": False, "310107005": True, "310107010": True}, False),
        ],
    )
    def test_a_yes_needs_everybody_or_who_stands_above_them(
        self, answers: dict[str, bool], done: bool | None
    ) -> None:
        figures = [said("PT-T14", area, span(2019), done=answer) for area, answer in answers.items()]
        assert total(self.NODES, figures, "PT-T14").done is done

    def test_the_latest_answer_counts(self) -> None:
        figures = [
            said("PT-T14", "310107", span(2019), done=False),
            said("PT-T14", "310107", span(2020), done=True),
        ]
        assert total(self.NODES, figures, "PT-T14").done is True
        assert total(self.NODES, figures, "PT-T14", date(2019, 12, 31)).done is False
