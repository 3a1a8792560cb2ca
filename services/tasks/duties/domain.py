"""Duty list 职责清单: for a category in an area, who leads and who cooperates, from when to when. Pure.

A row holds for its area and all areas inside it, one with a relation only for places in it, such as behind
the meter; of several rows the most specific wins, as the reader decides. In one area a category and relation
has at most one row of the live list at a time; rows of documents are
ended and may stand beside each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from libs.common.areas import check_code
from libs.common.errors import Conflict, Invalid, NotFound
from services.tasks.units.domain import Origin, check_dates, overlaps


class DutyNotFound(NotFound):
    """No row of the duty list has this id (职责不存在)."""

    code = "duty-not-found"
    zh = "职责清单中没有该条目"
    en = "There is no such row in the duty list"


class DutyOverlaps(Conflict):
    """Another row holds for the category in the area at the same time (职责重叠)."""

    code = "duty-overlaps"
    zh = "类别 {category} 在区划 {area} 的同一时段已有职责条目"
    en = "Category {category} has a duty in area {area} at the same time already"


class DutyOfDocument(Conflict):
    """A row that a document holds is history and is not changed (文件条目不可变更)."""

    code = "duty-of-document"
    zh = "来自文件的历史条目不可变更，请新增现行条目"
    en = "A row from a document is history: enter a row of the live list instead"


class LeadMissing(Invalid):
    """A row of the live list names a lead unit (缺少牵头单位)."""

    code = "duty-lead-missing"
    zh = "现行职责须有牵头单位"
    en = "A duty needs a lead unit"


class UnitTwice(Invalid):
    """A unit leads or cooperates, once (单位重复)."""

    code = "duty-unit-twice"
    zh = "同一单位在一条职责中只能出现一次"
    en = "A unit may occur once in a duty"


class CategoryUnknown(Invalid):
    """Grid has no such category in force (类别不存在)."""

    code = "category-unknown"
    zh = "没有类别“{category}”"
    en = "There is no category '{category}'"


@dataclass(frozen=True)
class DutyFields:
    """A row of the list without its id and version (职责条目)."""

    category: str
    area: str
    lead_unit_ids: tuple[UUID, ...]
    cooperating_unit_ids: tuple[UUID, ...] = ()
    named: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    origin: Origin = Origin.ENTERED
    demonstration: bool = False
    source: str = ""
    relation: str | None = field(default=None, repr=False)
    police_support: bool = field(default=False, repr=False)

    @property
    def units(self) -> tuple[UUID, ...]:
        """Every unit that it names, leads first."""
        return self.lead_unit_ids + self.cooperating_unit_ids

    @property
    def span(self) -> tuple[date | None, date | None]:
        """First and last day."""
        return self.valid_from, self.valid_to

    @property
    def digest(self) -> bytes:
        """SHA-256 of the fields: tells the loader whether a file's row has changed."""
        beside = (self.relation, self.police_support)  # rows without them keep the digest that they had
        told = f"{self!r}{beside}" if any(beside) else repr(self)
        return hashlib.sha256(told.encode()).digest()


def check_duty(fields: DutyFields) -> None:
    """Raises `AreaCodeInvalid`, `DatesInverted`, `LeadMissing`, `UnitTwice`."""
    check_code(fields.area)
    check_dates(*fields.span)
    if not fields.lead_unit_ids:
        raise LeadMissing(pointer="/lead_unit_ids")
    if len(set(fields.units)) != len(fields.units):
        raise UnitTwice()


def check_no_overlap(fields: DutyFields, others: Iterable[DutyFields]) -> None:
    """`others`: the live rows of the same category and area; rows of two relations stand beside each other.

    Raises `DutyOverlaps`.
    """
    same = [other for other in others if other.relation == fields.relation]
    if any(overlaps(fields.span, other.span) for other in same):
        raise DutyOverlaps(category=fields.category, area=fields.area)


def check_category(category: str, known: bool, any_known: bool) -> None:
    """`known`: grid has it in force; `any_known`: grid's categories have arrived at all.

    Raises `CategoryUnknown`.
    """
    if any_known and not known:
        raise CategoryUnknown(pointer="/category", category=category)
