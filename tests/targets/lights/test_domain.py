from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from services.targets.lights.domain import (
    Held,
    Light,
    Reason,
    Thresholds,
    Verdict,
    Yardstick,
    attained,
    judge,
    scheduled,
    window,
)
from services.targets.targets.domain import Kind, Recurrence

D = Decimal
RULES = Thresholds(green=D("0.9"), yellow=D("0.7"), near_days=30)
START, END = date(2018, 1, 1), date(2020, 12, 31)
"""1096 days: 365 + 365 + 366."""


def yard(**overrides: Any) -> Yardstick:
    """The 3000 万㎡ of the city's plan, 30,000,000 ㎡, unless said otherwise."""
    values: dict[str, Any] = {"kind": Kind.SUM, "floor": D(30_000_000), "start": START, "deadline": END}
    return Yardstick(**(values | overrides))


def held(value: Any = None, by_deadline: Any = None, **more: Any) -> Held:
    told = None if value is None else Fraction(value)
    by = told if by_deadline is None else Fraction(by_deadline)
    return Held(told, by, **({"asked": True} | more))


class TestSchedule:
    @pytest.mark.parametrize(
        ("day", "asked"),
        [
            (date(2017, 12, 31), Fraction(0)),
            (START, Fraction(30_000_000, 1096)),
            # 365 + 181 = 546 days of 1096
            (date(2019, 6, 30), Fraction(30_000_000 * 546, 1096)),
            (END, Fraction(30_000_000)),
            (date(2022, 1, 1), Fraction(30_000_000)),
        ],
    )
    def test_is_a_line_by_days(self, day: date, asked: Fraction) -> None:
        assert scheduled(yard(), day) == asked

    def test_begins_at_the_baseline(self) -> None:
        # 8 hours a day are to become 24: half way (548 of 1096 days) it is 8 + 16 / 2 = 16
        hours = yard(kind=Kind.COUNT, floor=D(24), baseline=D(8))
        assert scheduled(hours, date(2019, 7, 2)) == 16

    def test_bends_at_milestones(self) -> None:
        # 300 by the end of 2018, 1500 by the end of 2020: 365 of 731 days of the second part are over
        steps = yard(floor=D(1500), points=((date(2018, 12, 31), D(300)),))
        assert scheduled(steps, date(2018, 12, 31)) == 300
        assert scheduled(steps, date(2019, 12, 31)) == 300 + Fraction(1200 * 365, 731)

    def test_a_milestone_of_the_whole_counts_something_else(self) -> None:
        # 三年启动、六年完成: 55.5 begun by 2020 says nothing of what is completed by then
        flats = yard(floor=D(555_000), deadline=date(2023, 12, 31), points=((END, D(555_000)),))
        assert scheduled(flats, END) == Fraction(555_000 * 1096, 2191)

    def test_without_a_start_the_whole_is_asked(self) -> None:
        assert scheduled(yard(start=None), START) == 30_000_000


class TestNotJudged:
    @pytest.mark.parametrize(
        ("told", "has", "day", "reason"),
        [
            ({"already_met": True}, held(100), END, Reason.ALREADY_MET),
            ({"floor": None}, held(100), END, Reason.NO_VALUE),
            ({"deadline": None}, held(100), END, Reason.NO_DEADLINE),
            ({}, held(100), None, Reason.NOT_DUE),
            ({}, held(100), date(2017, 6, 1), Reason.NOT_STARTED),
            ({}, Held(), END, Reason.NO_FIGURES),
            ({"kind": Kind.QUALITATIVE, "floor": None}, held(), END, Reason.NO_FIGURES),
            ({"kind": Kind.BOOLEAN, "floor": None}, Held(), END, Reason.NO_FIGURES),
        ],
    )
    def test_says_why(self, told: dict[str, Any], has: Held, day: date | None, reason: Reason) -> None:
        found = judge(yard(**told), has, day, RULES)
        assert (found.light, found.reason, found.verdict) == (Light.GREY, reason, Verdict.NOT_JUDGED)


class TestOnTheWay:
    @pytest.mark.parametrize(
        ("value", "light", "reason"),
        [
            # 30,000,000 x 546 / 1096 = 14,945,255.47…; nine tenths are 13,450,729.92…, seven 10,461,678.83…
            ("13450730", Light.GREEN, Reason.ON_SCHEDULE),
            ("13450729", Light.YELLOW, Reason.BEHIND),
            ("10461679", Light.YELLOW, Reason.BEHIND),
            ("10461678", Light.RED, Reason.FAR_BEHIND),
            ("0", Light.RED, Reason.FAR_BEHIND),
            (None, Light.RED, Reason.FAR_BEHIND),
            ("30000000", Light.GREEN, Reason.REACHED),
        ],
    )
    def test_compares_with_the_schedule(self, value: str | None, light: Light, reason: Reason) -> None:
        found = judge(yard(), held(value), date(2019, 6, 30), RULES)
        assert (found.light, found.reason, found.verdict) == (light, reason, Verdict.OPEN)

    def test_a_soft_target_may_lag_and_never_turns_red(self) -> None:
        found = judge(yard(soft=True), held(0), date(2019, 6, 30), RULES)
        assert (found.light, found.reason) == (Light.YELLOW, Reason.FAR_BEHIND)

    def test_silence_turns_red_by_itself(self) -> None:
        lights = [
            judge(yard(), held(10_000_000), day, RULES).light
            for day in (date(2018, 12, 31), date(2019, 3, 31), date(2019, 6, 30))
        ]
        # asked: 9,990,875.9 (365 days), 12,454,379.6 (455), 14,945,255.5 (546)
        assert lights == [Light.GREEN, Light.YELLOW, Light.RED]

    def test_near_the_deadline_what_is_not_reached_is_yellow_at_best(self) -> None:
        found = judge(yard(), held(29_999_999), date(2020, 12, 1), RULES)
        assert (found.light, found.reason) == (Light.YELLOW, Reason.NEAR_DUE)
        assert judge(yard(), held(30_000_000), date(2020, 12, 1), RULES).light is Light.GREEN

    def test_yes_or_no_has_no_schedule_but_comes_near(self) -> None:
        answer = yard(kind=Kind.BOOLEAN, floor=None)
        assert judge(answer, held(), date(2020, 11, 30), RULES).light is Light.GREEN
        near = judge(answer, held(), date(2020, 12, 1), RULES)
        assert (near.light, near.reason) == (Light.YELLOW, Reason.NEAR_DUE)
        assert judge(answer, held(done=True), START, RULES).reason is Reason.REACHED

    def test_less_is_better_below_a_baseline(self) -> None:
        # 200 complaints are to become 100: half way 150 are allowed
        fewer = yard(kind=Kind.COUNT, floor=D(100), baseline=D(200))
        day = date(2019, 7, 2)
        assert attained(fewer, Fraction(150), day) == 1
        assert judge(fewer, held(160), day, RULES).light is Light.YELLOW  # 40 of 50
        assert judge(fewer, held(100), day, RULES).reason is Reason.REACHED

    def test_a_figure_not_to_be_exceeded_is_kept_or_not(self) -> None:
        most = yard(kind=Kind.STOCK, floor=D(10), at_most=True)
        assert judge(most, held(10), START, RULES).light is Light.GREEN
        assert judge(most, held(11), START, RULES).light is Light.RED


class TestVerdict:
    @pytest.mark.parametrize(
        ("told", "value", "by_deadline", "light", "verdict"),
        [
            ({}, 30_000_000, 30_000_000, Light.GREEN, Verdict.MET),
            ({}, 30_000_000, 29_999_999, Light.GREEN, Verdict.MET_LATE),
            ({}, 29_999_999, None, Light.RED, Verdict.MISSED),
            ({"soft": True}, 29_999_999, None, Light.YELLOW, Verdict.SOFT_MISSED),
            # 95 %: 94.996 % is not 95 %
            ({"kind": Kind.RATE, "floor": D(95)}, "94.996", None, Light.RED, Verdict.MISSED),
            # 1 至 2 个: one is enough, three are no fault
            ({"kind": Kind.COUNT, "floor": D(1)}, 1, None, Light.GREEN, Verdict.MET),
            ({"kind": Kind.COUNT, "floor": D(1)}, 3, None, Light.GREEN, Verdict.MET),
        ],
    )
    def test_after_the_deadline(
        self, told: dict[str, Any], value: Any, by_deadline: Any, light: Light, verdict: Verdict
    ) -> None:
        found = judge(yard(**told), held(value, by_deadline), END, RULES)
        assert (found.light, found.verdict) == (light, verdict)

    def test_nobody_who_was_asked_told_anything(self) -> None:
        assert judge(yard(), held(), END, RULES).verdict is Verdict.MISSED
        assert judge(yard(kind=Kind.BOOLEAN, floor=None), held(), END, RULES).verdict is Verdict.MISSED

    def test_an_answer_in_time_and_too_late(self) -> None:
        answer = yard(kind=Kind.BOOLEAN, floor=None)
        assert judge(answer, held(done=True, done_by_deadline=True), END, RULES).verdict is Verdict.MET
        late = judge(answer, held(done=True, done_by_deadline=False), END, RULES)
        assert late.verdict is Verdict.MET_LATE


@pytest.mark.parametrize(
    ("recurrence", "day", "first", "last"),
    [
        (Recurrence.YEAR, date(2008, 2, 29), date(2008, 1, 1), date(2008, 12, 31)),
        (Recurrence.HALF_YEAR, date(2008, 6, 30), date(2008, 1, 1), date(2008, 6, 30)),
        (Recurrence.HALF_YEAR, date(2008, 12, 31), date(2008, 7, 1), date(2008, 12, 31)),
        (Recurrence.QUARTER, date(2008, 2, 29), date(2008, 1, 1), date(2008, 3, 31)),
        (Recurrence.QUARTER, date(2008, 10, 1), date(2008, 10, 1), date(2008, 12, 31)),
    ],
)
def test_windows_of_recurring_targets(recurrence: Recurrence, day: date, first: date, last: date) -> None:
    assert window(recurrence, day) == (first, last)
