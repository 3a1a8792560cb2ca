"""Measures 举措: what a document lays upon units, and what that brings to targets. Pure.

>>> counts("SH-1.1", [Link("SH-T01", Decimal(30), "wan_m2")], [])[0].lot
'SH-1.1'
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from libs.common.contracts.tasks import MeasureMilestone, TaskCount
from libs.common.errors import Invalid, NotFound
from libs.common.ids import stable_id
from libs.common.quantities import MOST_DECIMALS, MOST_DIGITS, UnitsDiffer, comparable, measure


class Timing(StrEnum):
    """How a deadline is meant (期限方式)."""

    BY = "by"  # 到期前完成
    THROUGHOUT = "throughout"  # 全年推进，年末前不算逾期
    EACH = "each"  # 每期一次


class LinkKind(StrEnum):
    """What a measure does for a target (关联方式)."""

    SUPPORTS = "supports"  # 支撑，不计数
    COUNTS = "counts"  # 按数量计入


class MeasureNotFound(NotFound):
    """No measure has this id (举措不存在)."""

    code = "measure-not-found"
    zh = "举措不存在"
    en = "There is no such measure"


class TargetTwice(Invalid):
    """A target is counted for once (指标重复)."""

    code = "measure-target-twice"
    zh = "指标“{target}”重复填写"
    en = "The target '{target}' is named twice"


class TargetUnknown(Invalid):
    """No target has this code (指标不存在)."""

    code = "measure-target-unknown"
    zh = "指标“{target}”不存在"
    en = "There is no target '{target}'"


class QuantityIncomplete(Invalid):
    """A quantity has a unit, and a unit a quantity (数量与单位须同时填写)."""

    code = "measure-quantity-incomplete"
    zh = "指标“{target}”的数量与计量单位须同时填写，或均不填写"
    en = "The quantity and the unit for '{target}' come together or not at all"


def _exact(given: object) -> object:
    if isinstance(given, float):
        told = {"zh": '数量请以文本填写，例如 "12.5"'}
        raise PydanticCustomError("quantity_exact", 'write a quantity as text, e.g. "12.5"', told)
    return given


TargetCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.\-]{1,39}$", examples=["SH-T06"])]
UnitOfMeasure = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$", examples=["wan_m2"])]
Quantity = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(gt=0, max_digits=MOST_DIGITS, decimal_places=MOST_DECIMALS, examples=["12.5"]),
]


@dataclass(frozen=True)
class Deadline:
    """A deadline read from a phrase; `due_on` is the last local day, never moved for a rest day (期限)."""

    timing: Timing
    due_on: date
    inferred: bool = False
    milestones: tuple[MeasureMilestone, ...] = ()


@dataclass(frozen=True)
class Link:
    """What a measure or a task brings to a target (关联); without quantity and unit it supports only.

    `lot`: the same objects named elsewhere too are counted once under it (批次).
    """

    target_code: str
    quantity: Decimal | None = None
    unit: str | None = None
    lot: str | None = None

    def __post_init__(self) -> None:
        """Raises `QuantityIncomplete`, `UnitOfMeasureUnknown`."""
        if (self.quantity is None) is not (self.unit is None):
            raise QuantityIncomplete(target=self.target_code)
        if self.unit is not None:
            measure(self.unit)

    @property
    def count(self) -> TaskCount:
        """As events carry it."""
        return TaskCount(target_id=target_id(self.target_code), **vars(self))


ADDED_UP = frozenset({"sum", "count"})
"""Kinds of targets whose figures are added in the target's own unit, so that a task's must fit it."""


def check_unit(kind: str, wanted: str | None, link: Link) -> None:
    """Raises `UnitsDiffer` where the link's quantity cannot be added to a target of this kind and unit."""
    if (
        link.unit is not None
        and wanted is not None
        and kind in ADDED_UP
        and not comparable(link.unit, wanted)
    ):
        raise UnitsDiffer(given=link.unit, wanted=wanted)


def target_id(code: str) -> UUID:
    """The id that `targets` gives to the target of this code."""
    return stable_id("target", code)


def counts(whole: str | None, links: Iterable[Link], given: Sequence[Link]) -> tuple[TaskCount, ...]:
    """What a task of the measure counts for: the measure's links, and over them what is given for the task.

    What the measure brings as a whole counts once over its tasks: its lot is then `whole`, the measure's
    code, where the link names none. What is given keeps the link's lot unless it names another.
    Raises `TargetTwice`.
    """
    told = {link.target_code: link for link in given}
    if len(told) < len(given):
        raise TargetTwice(target=next(g.target_code for g in given if told[g.target_code] is not g))
    found = {link.target_code: link for link in links}
    merged = {
        code: Link(code, link.quantity, link.unit, link.lot or (whole if link.quantity else None))
        for code, link in found.items()
    }
    for code, link in told.items():
        lot = link.lot or (found[code].lot if code in found else None)
        merged[code] = Link(code, link.quantity, link.unit, lot)
    return tuple(link.count for link in merged.values())


@dataclass(frozen=True)
class MeasureFields:
    """What a file says of a measure (举措信息)."""

    code: str
    plan: str
    kind: str
    clause: str | None
    title_zh: str
    title_en: str
    area: str
    lead_unit_ids: tuple[UUID, ...] = ()
    responsible_unit_ids: tuple[UUID, ...] = ()
    cooperating_unit_ids: tuple[UUID, ...] = ()
    named_unit_ids: tuple[UUID, ...] = ()
    inferred_unit_ids: tuple[UUID, ...] = ()
    open_ended: bool = False
    parent_id: UUID | None = None
    deadline_text: str | None = None
    deadline: Deadline | None = None
    items_en: tuple[str, ...] = ()
    source: str = ""
    links: tuple[Link, ...] = ()

    @property
    def digest(self) -> bytes:
        """SHA-256 of the fields: tells the loader whether a file's row has changed."""
        return hashlib.sha256(repr(self).encode()).digest()
