"""Roll-ups over areas, plans and years, reckoned by hand; the arithmetic stands beside each."""

from __future__ import annotations

from datetime import date
from itertools import permutations

from services.targets.figures.domain import Total
from services.targets.lights.domain import Held, Verdict, Yardstick, judge
from services.targets.targets.domain import Kind, Relation
from tests.targets.progress.books import (
    BAOSHAN,
    CITY,
    END,
    KANGQIAO,
    PUDONG,
    PUTUO,
    RULES,
    D,
    node,
    said,
    span,
    task,
    total,
    wan,
)


class TestAreas:
    """The 3000 万㎡ of the city (SH-T01) with the 900 of the three kinds and the 300 and 280 in them."""

    NODES = [
        node("SH-T01", CITY, floor=D(30_000_000)),
        node("SH-T02", CITY, floor=D(9_000_000), parent="SH-T01", relation=Relation.PART_OF),
        node("SH-T03", CITY, floor=D(3_000_000), parent="SH-T02", relation=Relation.PART_OF),
        node("SH-T04", CITY, floor=D(2_800_000), parent="SH-T02", relation=Relation.PART_OF),
        node("KQ-T01", KANGQIAO, floor=D(59_017), parent="SH-T01", relation=Relation.CONTRIBUTES_TO),
        node("PT-T01", PUTUO, floor=D(1_800_000), parent="SH-T01", relation=Relation.CONTRIBUTES_TO),
    ]

    def test_districts_add_up_and_stated_shares_are_not_added_to_them(self) -> None:
        figures = [
            said("SH-T01", PUDONG, span(2018), "420"),
            said("SH-T01", PUTUO, span(2018), "61.5"),
            said("SH-T01", BAOSHAN, span(2018), "300.25"),
            said("SH-T02", PUDONG, span(2018), "120"),
            said("SH-T03", PUDONG, span(2018), "40"),
            said("SH-T04", PUDONG, span(2018), "35"),
        ]
        # 420 + 61.5 + 300.25 = 781.75; the 120, 40 and 35 lie inside Pudong's 420
        assert wan(total(self.NODES, figures, "SH-T01")) == D("781.75")
        # 900: its own 120 alone; 40 + 35 = 75 are a share of it, and may overlap
        assert wan(total(self.NODES, figures, "SH-T02")) == D(120)
        assert wan(total(self.NODES, figures, "SH-T03")) == D(40)

    def test_square_metres_count_into_ten_thousands(self) -> None:
        figures = [
            said("KQ-T01", KANGQIAO, span(2018), "59017", "m2"),
            said("SH-T01", BAOSHAN, span(2018), "300", "wan_m2"),
        ]
        # 59,017 ㎡ = 5.9017 万㎡; with Baoshan's 300: 305.9017. Pudong has said nothing
        found = total(self.NODES, figures, "SH-T01")
        assert (wan(found), found.counted, found.covered) == (D("305.9017"), 2, 0)

    def test_a_district_covers_its_towns_and_the_plans_that_contribute_from_inside_it(self) -> None:
        figures = [
            said("SH-T01", PUDONG, span(2018), "420"),
            said("KQ-T01", KANGQIAO, span(2018), "59017", "m2"),
            said("PT-T01", PUTUO, span(2018), "60"),
            said("SH-T01", "310107005", span(2018), "7"),
        ]
        # Pudong's 420 hold Kangqiao's 5.9017; Putuo's own plan has 60 in which its town's 7 lie: 420 + 60
        found = total(self.NODES, figures, "SH-T01")
        assert (wan(found), found.covered) == (D(480), 2)

    def test_the_report_on_the_citys_target_covers_the_districts_own_plan_for_the_same_area(self) -> None:
        figures = [
            said("SH-T01", PUTUO, span(2018), "61.5"),
            said("PT-T01", PUTUO, span(2018), "60"),
            said("PT-T01", PUTUO, span(2019), "70"),
        ]
        # 2018: 61.5 as told for the city's target; 2019: nothing told there, so the 70 of Putuo's plan
        assert wan(total(self.NODES, figures, "SH-T01")) == D("131.5")
        assert wan(total(self.NODES, figures, "PT-T01")) == D(130)

    def test_the_citys_own_figure_covers_everything_in_its_period(self) -> None:
        figures = [
            said("SH-T01", CITY, span(2018), "1000"),
            said("SH-T01", PUDONG, span(2018, 4), "420"),
            said("SH-T01", PUDONG, span(2019, 1), "90"),
        ]
        # 2018 from the city itself (1000), what came after it from below (90)
        assert wan(total(self.NODES, figures, "SH-T01")) == D(1090)

    def test_two_units_in_one_area_add_up(self) -> None:
        figures = [
            said("SH-T01", PUTUO, span(2018), "40", by="housing"),
            said("SH-T01", PUTUO, span(2018), "21.5", by="construction"),
        ]
        assert wan(total(self.NODES, figures, "SH-T01")) == D("61.5")

    def test_as_of_any_day(self) -> None:
        figures = [said("SH-T01", PUDONG, span(2018, quarter), "100.1") for quarter in (1, 2, 3, 4)]
        days = [date(2018, 3, 30), date(2018, 3, 31), date(2018, 9, 30), END]
        found = [wan(total(self.NODES, figures, "SH-T01", day)) for day in days]
        assert found == [None, D("100.1"), D("300.3"), D("400.4")]

    def test_of_one_area_only_what_lies_inside_it(self) -> None:
        figures = [
            said("SH-T01", CITY, span(2018), "1000"),
            said("SH-T01", PUDONG, span(2018), "420"),
            said("KQ-T01", KANGQIAO, span(2019), "59017", "m2"),
        ]
        assert wan(total(self.NODES, figures, "SH-T01", area=PUDONG)) == D("425.9017")
        assert wan(total(self.NODES, figures, "SH-T01", area=KANGQIAO)) == D("5.9017")
        assert total(self.NODES, figures, "SH-T01", area=BAOSHAN) == Total()

    def test_the_order_of_arrival_changes_nothing(self) -> None:
        figures = [
            said("SH-T01", PUDONG, span(2018), "420"),
            said("KQ-T01", KANGQIAO, span(2018), "59017", "m2"),
            task("KQ-T01", KANGQIAO, date(2018, 5, 2), "100", "m2", "task:1"),
            said("SH-T01", CITY, span(2019), "1000"),
            said("PT-T01", PUTUO, span(2019), "60"),
        ]
        assert {wan(total(self.NODES, list(each), "SH-T01")) for each in permutations(figures)} == {D(1420)}


class TestPlansThatEndApart:
    """55.5 万㎡ of Putuo, begun within three years and completed within six (PT-T08 to SH-T02)."""

    NODES = [
        node("SH-T02", CITY, floor=D(9_000_000)),
        node(
            "PT-T08", PUTUO, floor=D(555_000), deadline=date(2023, 12, 31),
            parent="SH-T02", relation=Relation.CONTRIBUTES_TO,
        ),
    ]  # fmt: skip
    FIGURES = [
        said("PT-T08", PUTUO, span(2019), "6.2"),
        said("PT-T08", PUTUO, span(2020), "9.1"),
        said("PT-T08", PUTUO, span(2021), "12.4"),
        said("PT-T08", PUTUO, span(2022), "15.3"),
        said("PT-T08", PUTUO, span(2023), "12.5"),
    ]

    def test_only_what_is_completed_by_2020_counts_for_the_city(self) -> None:
        # 6.2 + 9.1 = 15.3, whenever one asks
        for day in (END, date(2022, 6, 30), date(2024, 1, 1)):
            assert wan(total(self.NODES, self.FIGURES, "SH-T02", day)) == D("15.3")

    def test_it_is_judged_after_the_citys_plan(self) -> None:
        # 6.2 + 9.1 + 12.4 + 15.3 + 12.5 = 55.5
        done = total(self.NODES, self.FIGURES, "PT-T08", date(2023, 12, 31))
        assert wan(done) == D("55.5")
        yard = Yardstick(
            Kind.SUM, D(555_000), start=date(2018, 1, 1), deadline=date(2023, 12, 31),
            points=((END, D(555_000)),),
        )  # fmt: skip
        now = Held(done.exact, done.exact)
        assert judge(yard, now, date(2023, 12, 31), RULES).verdict is Verdict.MET
        half = total(self.NODES, self.FIGURES, "PT-T08", date(2021, 12, 31))
        # 27.7 of 55.5 after 1461 of 2191 days (37.0): 0.748 of the schedule
        light = judge(yard, Held(half.exact), date(2021, 12, 31), RULES)
        assert (wan(half), light.light) == (D("27.7"), "yellow")


class TestSlicesOfYears:
    """300 万㎡ of Baoshan in three years (BS-T01), of which 80 in 2008 (BS-T02)."""

    NODES = [
        node("BS-T01", BAOSHAN, floor=D(3_000_000), deadline=date(2009, 12, 31)),
        node(
            "BS-T02", BAOSHAN, floor=D(800_000), deadline=date(2008, 12, 31),
            parent="BS-T01", relation=Relation.SLICE_OF,
        ),
    ]  # fmt: skip

    def test_a_year_adds_up_with_the_years_that_the_whole_told_itself(self) -> None:
        figures = [
            said("BS-T01", BAOSHAN, span(2007), "105.5"),
            said("BS-T02", BAOSHAN, span(2008, 2), "30"),
            said("BS-T02", BAOSHAN, span(2008, 4), "52"),
            said("BS-T01", BAOSHAN, span(2009), "113"),
        ]
        # 105.5 + (30 + 52) + 113 = 300.5; the year's own 82 of 80
        assert wan(total(self.NODES, figures, "BS-T01", date(2009, 12, 31))) == D("300.5")
        assert wan(total(self.NODES, figures, "BS-T02", date(2009, 12, 31))) == D(82)

    def test_a_year_that_the_whole_told_too_counts_once(self) -> None:
        figures = [
            said("BS-T01", BAOSHAN, span(2008), "85"),
            said("BS-T02", BAOSHAN, span(2008), "82"),
        ]
        assert wan(total(self.NODES, figures, "BS-T01")) == D(85)


def test_targets_that_point_at_each_other_end() -> None:
    nodes = [
        node("A", CITY, parent="B", relation=Relation.CONTRIBUTES_TO),
        node("B", CITY, parent="A", relation=Relation.CONTRIBUTES_TO),
    ]
    assert wan(total(nodes, [said("A", PUTUO, span(2019), "5")], "A")) == D(5)


def test_a_sum_of_long_figures_is_not_rounded() -> None:
    nodes = [node("SH-T01", CITY)]
    figures = [
        said("SH-T01", PUTUO, span(2019), "999999999999.999999"),
        said("SH-T01", PUDONG, span(2019), "0.000001"),
    ]
    assert wan(total(nodes, figures, "SH-T01")) == D("1000000000000")
