"""Deadlines as documents word them, and which rows of the file are refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from libs.common.tree import repository_root
from services.tasks.measures import sources
from services.tasks.measures.domain import Timing
from services.tasks.measures.sources import DeadlineUnclear, Period, measure_id, read_deadline, take
from services.tasks.units.service import read_files, units_of

DATA = repository_root() / "services/tasks/data"
YEAR = Period(date(2019, 1, 1), date(2019, 12, 31))
PLAN = Period(date(2018, 1, 1), date(2020, 12, 31), unwritten_by_end=True)
BY, THROUGHOUT, EACH = Timing.BY, Timing.THROUGHOUT, Timing.EACH


@pytest.mark.parametrize(
    ("phrase", "period", "timing", "due"),
    [
        ("一季度", YEAR, BY, "2019-03-31"),
        ("上半年", YEAR, BY, "2019-06-30"),
        ("三季度", YEAR, BY, "2019-09-30"),
        ("四季度", YEAR, BY, "2019-12-31"),
        ("10月份", YEAR, BY, "2019-10-31"),
        ("2月底前", YEAR, BY, "2019-02-28"),
        ("年内", YEAR, BY, "2019-12-31"),
        ("年底前", YEAR, BY, "2019-12-31"),
        ("全年", YEAR, THROUGHOUT, "2019-12-31"),
        ("每季度", YEAR, EACH, "2019-12-31"),
        ("2019年度", YEAR, BY, "2019-12-31"),
        ("到2020年", PLAN, BY, "2020-12-31"),
        ("2018年", PLAN, BY, "2018-12-31"),
        ("2018年上半年", PLAN, BY, "2018-06-30"),
        ("三年内", PLAN, BY, "2020-12-31"),
        ("总结评估阶段", PLAN, BY, "2020-12-31"),
    ],
)
def test_a_phrase_means_a_day(phrase: str, period: Period, timing: Timing, due: str) -> None:
    found = read_deadline(phrase, period)
    assert found is not None
    assert (found.timing, found.due_on.isoformat(), found.inferred) == (timing, due, False)


@pytest.mark.parametrize(
    ("phrase", "due"),
    [
        ("**年一季度", "2008-03-31"),
        ("**年上半年建立机制并实施", "2008-06-30"),
        ("**年上半年成立专项组、报批后实施", "2008-06-30"),
        ("**年", "2008-12-31"),
    ],
)
def test_a_masked_year_is_inferred(phrase: str, due: str) -> None:
    found = read_deadline(phrase, Period(), 2008)
    assert found is not None
    assert (found.due_on.isoformat(), found.inferred) == (due, True)


def test_what_names_no_deadline_is_undated_unless_its_plans_end_counts() -> None:
    assert read_deadline(None, YEAR) is None
    assert read_deadline(None, Period()) is None
    found = read_deadline(None, PLAN)
    assert found is not None
    assert (found.due_on, found.inferred) == (date(2020, 12, 31), True)


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("上半年制订方案，下半年实施", ["2019-06-30", "2019-12-31"]),
        ("每半年", ["2019-06-30", "2019-12-31"]),
        ("每季度", ["2019-03-31", "2019-06-30", "2019-09-30", "2019-12-31"]),
    ],
)
def test_steps_and_periods_are_milestones(phrase: str, expected: list[str]) -> None:
    found = read_deadline(phrase, YEAR)
    assert found is not None
    assert [each.by.isoformat() for each in found.milestones] == expected


def test_works_that_end_after_the_plan_keep_their_own_milestone() -> None:
    found = read_deadline("三年内；成套改造三年启动六年完成", PLAN)
    assert found is not None
    assert found.due_on == date(2020, 12, 31)
    assert [each.by for each in found.milestones] == [date(2020, 12, 31), date(2023, 12, 31)]


@pytest.mark.parametrize(
    ("phrase", "period"),
    [("尽快", YEAR), ("一季度", PLAN), ("三年内", Period()), ("上半年和9月", YEAR), ("一季度；完成", YEAR)],
)
def test_what_cannot_be_read_is_no_deadline_of_somebodys_choosing(phrase: str, period: Period) -> None:
    with pytest.raises(DeadlineUnclear):
        read_deadline(phrase, period)


PLANS = {"p": {"area": "310107", "source": "计划", "begins": "2019-01-01", "ends": "2019-12-31"}}


def row(**overrides: Any) -> dict[str, Any]:
    values = {"code": "P-1", "plan": "p", "kind": "measure", "clause": "一", "zh": "举措", "en": "Measure"}
    return {name: value for name, value in (values | overrides).items() if value is not None}


@pytest.mark.parametrize(
    ("bad", "label", "reason"),
    [
        (row(code="P-2", lead=["nobody"]), "P-2", "单位代码“nobody”不存在"),
        (row(code="P-2", plan="q"), "P-2", "规划代码“q”不存在"),
        (row(code="P-2", parent="P-9"), "P-2", "上级举措“P-9”不存在"),
        (row(code="P-2", deadline="尽快"), "P-2", "期限“尽快”无法识别"),
        (row(code="P-2", targets=["T-1", "T-1"]), "P-2", "指标重复"),
        (row(code="P-2", zh=None), "P-2", "缺少字段 zh"),
        (row(code=None), "#2", "缺少字段 code"),
        (row(), "P-1", "举措代码重复"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_and_the_others_are_taken(
    bad: dict[str, Any], label: str, reason: str
) -> None:
    taken = take({"plans": PLANS, "measures": [row(lead=["u"]), bad]}, {"u"})
    assert list(taken.measures) == [measure_id("P-1")]
    assert [(each.file, each.row, each.reason) for each in taken.refused] == [
        ("measures.yaml", label, reason)
    ]


def test_every_row_of_the_file_is_taken() -> None:
    documents = {unit["code"] for unit in read_files(DATA).documents}
    taken = take(sources.read(DATA), documents)
    assert not taken.refused
    found = {fields.code: fields for fields in taken.measures.values()}
    assert len(found) == 183
    works = (fields.lead_unit_ids + fields.responsible_unit_ids + fields.cooperating_unit_ids
             for fields in found.values())  # fmt: skip
    assert sum(not units for units in works) == 68
    assert sum(fields.deadline is None for fields in found.values()) == 70
    timings = [fields.deadline.timing for fields in found.values() if fields.deadline]
    assert (timings.count(THROUGHOUT), timings.count(BY)) == (22, 91)
    assert [link.target_code for link in found["SH-1.2"].links] == [
        "SH-T06", "SH-T07", "SH-T08", "SH-T10", "SH-T11", "SH-T50", "SH-T51",
    ]  # fmt: skip
    lots = {code: [link.lot for link in found[code].links if link.target_code == "KQ-T11"]
            for code in ("KQ-G1.3", "KQ-C08")}  # fmt: skip
    assert lots == {"KQ-G1.3": ["KQ-T11"], "KQ-C08": ["KQ-T11"]}


def test_every_unit_code_of_the_file_is_one_of_the_units() -> None:
    known = {fields.code for fields in units_of(read_files(DATA)).values()}
    told = sources.read(DATA)["measures"]
    named = {code for row in told for section in sources.SECTIONS for code in row.get(section, ())}
    assert len(named) > 90
    assert named <= known
