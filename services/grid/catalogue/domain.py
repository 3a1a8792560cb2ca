"""Categories and standards as values: reading the file, what makes a revision. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from libs.common.clocks import Limit, TimeUnit
from libs.common.errors import Conflict, Invalid, NotFound
from services.grid.questions.domain import Questions
from services.grid.rules.domain import Rules


class CategoryUnknown(Invalid):
    """No category with this code is in force (类别不存在)."""

    code = "category-unknown"
    zh = "类别 {category} 不存在或已停用"
    en = "There is no category '{category}' in force"


class CategoryNotFound(NotFound):
    """No category has this code (类别不存在)."""

    code = "category-not-found"
    zh = "没有代码为 {category} 的类别"
    en = "There is no category with code '{category}'"


class StandardUnknown(Invalid):
    """The category has no such standard in force (立案标准不存在)."""

    code = "standard-unknown"
    zh = "类别 {category} 没有标准 {standard}；可选：{choices}"
    en = "Category '{category}' has no standard '{standard}'; choose from: {choices}"


class ItemUnknown(Invalid):
    """The category has no such item in force (子类不存在)."""

    code = "item-unknown"
    zh = "类别 {category} 没有子类 {item}；可选：{choices}"
    en = "Category '{category}' has no item '{item}'; choose from: {choices}"


class NotLaterThanLast(Conflict):
    """A revision must take effect after the one before it (生效日期须晚于上一版)."""

    code = "effective-date-not-later"
    zh = "生效日期须晚于上一版的 {last}"
    en = "The effective date must be later than that of the last revision, {last}"


class GradeUnknown(Invalid):
    """The rules know no such severity (严重程度不存在)."""

    code = "grade-unknown"
    zh = "没有严重程度 {grade}；可选：{choices}"
    en = "There is no severity '{grade}'; choose from: {choices}"


class LoopUnknown(Invalid):
    """No level has such a loop (循环不存在)."""

    code = "loop-unknown"
    zh = "没有循环 {loop}；可选：{choices}"
    en = "There is no loop '{loop}'; choose from: {choices}"


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StandardRow(_File):
    """One standard as the file or the API gives it (立案条件、处置时限、结案条件)."""

    code: str
    zh: str
    en: str
    limit: tuple[int, TimeUnit]
    closing_zh: str
    closing_en: str
    photos_before: int = Field(default=1, ge=0, le=9)
    photos_after: int = Field(default=1, ge=0, le=9)
    legal_item: str | None = None
    severity: str | None = None
    loops: tuple[str, ...] = ()
    source: str

    @property
    def terms(self) -> dict[str, Any]:
        """What makes two rows the same: everything but the dates, as column values."""
        amount, unit = self.limit
        return {
            "condition_zh": self.zh,
            "condition_en": self.en,
            "limit_amount": Limit(amount, unit).amount,
            "limit_unit": unit.value,
            "closing_zh": self.closing_zh,
            "closing_en": self.closing_en,
            "photos_before": self.photos_before,
            "photos_after": self.photos_after,
            "legal_item": self.legal_item,
            "severity": self.severity,
            "loops": list(self.loops),
            "source": self.source,
        }


def check_known(row: StandardRow, rules: Rules) -> None:
    """Raise `GradeUnknown` or `LoopUnknown` if the standard names what the rules do not."""
    if row.severity is not None and row.severity not in rules.grades:
        raise GradeUnknown(grade=row.severity, choices=", ".join(rules.grades), pointer="/severity")
    known = [level.loop for level in rules.levels.values()]
    for place, loop in enumerate(row.loops):
        if loop not in known:
            raise LoopUnknown(loop=loop, choices=", ".join(known), pointer=f"/loops/{place}")


class GroupRow(_File):
    """A group of categories (大类)."""

    code: str = Field(pattern=r"^[0-9]{2}$")
    zh: str
    en: str
    attribute: str = "estate"
    predecessor: str | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """What may change of it, as column values."""
        return {
            "attribute": self.attribute, "name_zh": self.zh, "name_en": self.en,
            "predecessor": self.predecessor,
        }  # fmt: skip


class ItemRow(_File):
    """An item of a category (子类)."""

    code: str = Field(pattern=r"^[0-9]{6}$")
    zh: str
    en: str
    predecessor: str | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """What may change of it, as column values."""
        return {
            "category": self.code[:4], "name_zh": self.zh, "name_en": self.en,
            "predecessor": self.predecessor,
        }  # fmt: skip


class CategoryRow(_File):
    """One category as the file gives it (小类)."""

    code: str = Field(pattern=r"^[0-9]{4}$")
    zh: str
    en: str
    named_in: dict[str, str] = {}
    squad: bool = False
    predecessor: str | None = None
    items: tuple[ItemRow, ...] = ()
    standards: tuple[StandardRow, ...] = Field(min_length=1)


class CategoryFile(_File):
    """`categories.yaml`."""

    effective_from: date
    documents: dict[str, str]
    rules: dict[str, str]
    groups: tuple[GroupRow, ...]
    categories: tuple[CategoryRow, ...]

    def group_of(self, category: CategoryRow) -> GroupRow:
        """The group that the first two digits name."""
        return next(group for group in self.groups if group.code == category.code[:2])

    def fields_of(self, category: CategoryRow) -> dict[str, Any]:
        """What may change of the category, as column values."""
        group = self.group_of(category)
        return {
            "name_zh": category.zh, "name_en": category.en,
            "group_code": group.code, "group_zh": group.zh, "group_en": group.en,
            "attribute": group.attribute, "predecessor": category.predecessor,
            "named_in": self.clauses_of(category), "squad": category.squad,
        }  # fmt: skip

    def clauses_of(self, category: CategoryRow) -> dict[str, str]:
        """Document -> clause, with the documents' public names."""
        return {self.documents[key]: clause for key, clause in category.named_in.items()}

    def source_of(self, standard: StandardRow) -> StandardRow:
        """The standard with its source spelled out."""
        return standard.model_copy(update={"source": self.rules[standard.source]})

    def is_assumption(self, standard: StandardRow) -> bool:
        """Whether the limit is a default of this project."""
        return standard.source == ASSUMPTION


@dataclass(frozen=True)
class FormRevision:
    """The next version of a category's form (问卷新版)."""

    questions: Questions
    source: str
    effective_from: date


ASSUMPTION = "assumption"
"""The source of what no document says."""


def in_force(valid_from: date, valid_to: date | None, found: date, today: date) -> bool:
    """Whether a category takes what was found on a day and is told today: it has begun, and had not ended."""
    return valid_from <= today and (valid_to is None or found <= valid_to)


def day_before(day: date) -> date:
    """The last day of what a revision from `day` on replaces."""
    return day - timedelta(days=1)
