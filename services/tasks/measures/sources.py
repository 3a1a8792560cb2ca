"""Measures from measures.yaml: each row is taken or refused with its reason; deadlines as they are worded.

>>> read_deadline("三季度", Period(date(2019, 1, 1), date(2019, 12, 31)))
Deadline(timing=<Timing.BY: 'by'>, due_on=datetime.date(2019, 9, 30), inferred=False, milestones=())
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from libs.common.contracts.tasks import MeasureMilestone
from libs.common.errors import Invalid
from libs.common.ids import stable_id
from libs.common.service import Refused
from services.tasks.measures.domain import Deadline, Link, MeasureFields, Timing
from services.tasks.units.service import unit_id

FILE = "measures.yaml"
SECTIONS = {
    "lead": "lead_unit_ids",
    "responsible": "responsible_unit_ids",
    "cooperating": "cooperating_unit_ids",
    "named": "named_unit_ids",
    "inferred": "inferred_unit_ids",
}
"""Lists of unit codes of a row -> fields."""


class RowRefused(Invalid):
    """The row cannot be taken; `reason` says why (该行无法装载)."""

    code = "measure-row-refused"
    zh = "{reason}"
    en = "{reason}"


class DeadlineUnclear(Invalid):
    """The phrase names no date that can be read, or no year (期限表述无法识别)."""

    code = "measure-deadline-unclear"
    zh = "期限“{phrase}”无法识别"
    en = "The deadline '{phrase}' cannot be read"


@dataclass(frozen=True)
class Period:
    """Of a plan (计划期); `unwritten_by_end`: what names no deadline is due when the plan ends."""

    begins: date | None = None
    ends: date | None = None
    unwritten_by_end: bool = False


@dataclass(frozen=True)
class Taken:
    """The rows of the file: measures by id, and what was refused."""

    measures: Mapping[UUID, MeasureFields]
    refused: tuple[Refused, ...]


def measure_id(code: str) -> UUID:
    """The id of the measure of this code."""
    return stable_id("measure", code)


def read(folder: Path) -> Mapping[str, Any]:
    """measures.yaml."""
    told: Mapping[str, Any] = yaml.load((folder / FILE).read_text("utf-8"), Loader=yaml.CSafeLoader)
    return told


def take(told: Mapping[str, Any], units: Collection[str]) -> Taken:
    """Every row of the file; `units` are the codes that exist."""
    codes = {row["code"] for row in told["measures"] if "code" in row}
    measures: dict[UUID, MeasureFields] = {}
    refused: list[Refused] = []
    for place, row in enumerate(told["measures"], 1):
        label = str(row.get("code") or f"#{place}")
        try:
            fields = _fields(row, told["plans"], units, codes)
            if measure_id(fields.code) in measures:
                raise RowRefused(reason="举措代码重复")
        except KeyError as missing:
            refused.append(Refused(FILE, label, f"缺少字段 {missing.args[0]}"))
        except (RowRefused, DeadlineUnclear) as error:
            refused.append(Refused(FILE, label, error.text("zh")))
        else:
            measures[measure_id(fields.code)] = fields
    return Taken(measures, tuple(refused))


def _fields(
    row: Mapping[str, Any], plans: Mapping[str, Any], units: Collection[str], codes: Collection[str]
) -> MeasureFields:
    plan = plans.get(row["plan"])
    if plan is None:
        raise RowRefused(reason=f"规划代码“{row['plan']}”不存在")
    if (parent := row.get("parent")) is not None and parent not in codes:
        raise RowRefused(reason=f"上级举措“{parent}”不存在")
    return MeasureFields(
        code=row["code"],
        plan=row["plan"],
        kind=row["kind"],
        clause=row.get("clause"),
        title_zh=row["zh"],
        title_en=row["en"],
        area=plan["area"],
        **{field: tuple(_units(row.get(name, ()), units)) for name, field in SECTIONS.items()},
        open_ended=row.get("open", False),
        parent_id=measure_id(parent) if parent else None,
        deadline_text=row.get("deadline"),
        deadline=_deadline(row, plan),
        items_en=tuple(row.get("items_en", ())),
        source=_source(row, plan),
        links=tuple(_links(row)),
    )


def _units(codes: Collection[str], known: Collection[str]) -> Iterator[UUID]:
    for code in codes:
        if code not in known:
            raise RowRefused(reason=f"单位代码“{code}”不存在")
        yield unit_id(code)


def _deadline(row: Mapping[str, Any], plan: Mapping[str, Any]) -> Deadline | None:
    begins, ends = (date.fromisoformat(plan[end]) if end in plan else None for end in ("begins", "ends"))
    period = Period(begins, ends, plan.get("unwritten") == "plan-end")
    deadline = read_deadline(row.get("deadline"), period, row.get("year"))
    if deadline is not None and row.get("inferred_deadline"):
        return replace(deadline, inferred=True)
    return deadline


def _links(row: Mapping[str, Any]) -> Iterator[Link]:
    targets = row.get("targets", ())
    if len(set(targets)) < len(targets):
        raise RowRefused(reason="指标重复")
    for code in targets:
        yield Link(code, lot=code if code in row.get("same", ()) else None)


def _source(row: Mapping[str, Any], plan: Mapping[str, Any]) -> str:
    parts = [f"{plan['source']} {row.get('clause', '')}".rstrip()]
    parts += [f"并见{plan['also']}"] if "also" in plan else []
    parts += [told["note"] for told in (plan, row) if "note" in told]
    return "；".join(parts)


_DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九十", 1)}
_YEAR = re.compile(r"[到至]?(?:(?P<year>\d{4})|\*\*)年度?")
_PLAN_END = re.compile(r"[一二三四五六七八九十]年内|总结评估阶段")
_PLAN_THEN_DO = re.compile("上半年制订方案，下半年实施")
_STAGED = re.compile(
    r"[^一二三四五六七八九十]*(?P<begin>[一二三四五六七八九十])年启动(?P<end>[一二三四五六七八九十])年完成"
)
_EACH = {"每月": 1, "每季度": 3, "每半年": 6, "每年": 12}
_PLAIN = re.compile(
    r"(?P<quarter>[一二三四])季度|(?P<half>[上下])半年|(?P<month>1[0-2]|[1-9])月(?:份|底前?)?|年内|年底前?|"
)
_ACTS = re.compile("[^半季月年]*")
"""What is to be done by then may follow: 上半年建立机制并实施."""


def read_deadline(phrase: str | None, period: Period, year: int | None = None) -> Deadline | None:
    """The deadline that the phrase means, None where there is none: never overdue.

    `year` stands for a year that the public copy masks (**年), so that the deadline is inferred; without
    either the year of a one-year plan counts. Raises `DeadlineUnclear`.
    """
    if phrase is None:
        unwritten = period.ends if period.unwritten_by_end else None
        return Deadline(Timing.BY, unwritten, inferred=True) if unwritten else None
    first, _, stages = phrase.partition("；")
    found = _YEAR.match(first)
    if _PLAN_END.fullmatch(first):
        return _plan_end(phrase, stages, period)
    if stages:
        raise DeadlineUnclear(phrase=phrase)
    told = int(found["year"]) if found and found["year"] else year or _only_year(period)
    if told is None:
        raise DeadlineUnclear(phrase=phrase)
    masked = found is not None and found["year"] is None
    return _within(phrase, first[found.end() :] if found else first, told, inferred=masked)


def _plan_end(phrase: str, stages: str, period: Period) -> Deadline:
    staged = _STAGED.fullmatch(stages)
    if period.begins is None or period.ends is None or bool(stages) is not bool(staged):
        raise DeadlineUnclear(phrase=phrase)
    if staged is None:
        return Deadline(Timing.BY, period.ends)
    begun, done = (period.begins.year + _DIGITS[staged[part]] - 1 for part in ("begin", "end"))
    milestones = (_milestone("启动", "Begun", begun, 12), _milestone("完成", "Completed", done, 12))
    return Deadline(Timing.BY, period.ends, milestones=milestones)


def _only_year(period: Period) -> int | None:
    begins, ends = period.begins, period.ends
    return begins.year if begins and ends and begins.year == ends.year else None


def _within(phrase: str, rest: str, year: int, *, inferred: bool) -> Deadline:
    """The deadline inside the year."""
    if rest == "全年":
        return Deadline(Timing.THROUGHOUT, _month_end(year, 12), inferred)
    if rest in _EACH:
        months = range(_EACH[rest], 13, _EACH[rest])
        each = tuple(_milestone(f"截至{month}月", f"Through month {month}", year, month) for month in months)
        return Deadline(Timing.EACH, _month_end(year, 12), inferred, each)
    if _PLAN_THEN_DO.fullmatch(rest):
        steps = (_milestone("制订方案", "Plan made", year, 6), _milestone("实施", "Carried out", year, 12))
        return Deadline(Timing.BY, _month_end(year, 12), inferred, steps)
    found = _PLAIN.match(rest)
    if found is None or not _ACTS.fullmatch(rest[found.end() :]) or (rest and not found[0]):
        raise DeadlineUnclear(phrase=phrase)
    return Deadline(Timing.BY, _month_end(year, _month(found)), inferred)


def _month(found: re.Match[str]) -> int:
    if found["quarter"]:
        return 3 * _DIGITS[found["quarter"]]
    if found["half"]:
        return 6 if found["half"] == "上" else 12
    return int(found["month"] or 12)


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _milestone(name_zh: str, name_en: str, year: int, month: int) -> MeasureMilestone:
    return MeasureMilestone(name_zh=name_zh, name_en=name_en, by=_month_end(year, month))
