"""Contributions 任务计入: whether a verified task counts for a target, and how much. Pure.

A link without quantity and unit merely supports: it is kept, and adds nothing. What is counted must be a
quantity in a unit that can be converted to the target's; a rate or a yes takes no quantity of a task.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from libs.common.ids import stable_id
from libs.common.quantities import MEASURES, comparable, to_base
from services.targets.targets.domain import Kind


class Reason(StrEnum):
    """Whether it counts, or why not (计入情况)."""

    COUNTS = "counts"  # 计入
    SUPPORTS = "supports"  # 仅支撑，未明确数量
    LOT_COUNTED = "lot-counted"  # 同一批次已计入
    UNIT_DIFFERS = "unit-differs"  # 计量单位不可换算
    NO_QUANTITY = "no-quantity"  # 该类目标不以任务数量计
    TARGET_UNKNOWN = "target-unknown"  # 目标不存在


@dataclass(frozen=True)
class Counted:
    """What comes of one link of a task: the quantity in the base unit where it counts (计入结果)."""

    reason: Reason
    base_quantity: Decimal | None = None


def weigh(kind: Kind | None, unit: str | None, quantity: Decimal | None, given: str | None) -> Counted:
    """What a task's link brings to a target of the kind in the unit; `kind` None: there is no such target.

    >>> weigh(Kind.SUM, "wan_m2", Decimal(59017), "m2").base_quantity
    Decimal('59017')
    """
    if kind is None:
        return Counted(Reason.TARGET_UNKNOWN)
    if quantity is None or given is None:
        return Counted(Reason.SUPPORTS)
    if not kind.counted and kind is not Kind.STOCK:
        return Counted(Reason.NO_QUANTITY)
    if given not in MEASURES or unit is None or not comparable(given, unit) or quantity <= 0:
        return Counted(Reason.UNIT_DIFFERS)
    return Counted(Reason.COUNTS, to_base(quantity, given))


def contribution_id(task_id: UUID, target_id: UUID) -> UUID:
    """The id of what a task brings to a target: the same however often it is told."""
    return stable_id("contribution", f"{task_id}:{target_id}")


def names_of(task_id: UUID, lot: str | None) -> tuple[str, ...]:
    """Under which names the same thing may come again."""
    task = f"task:{task_id}"
    return (task,) if lot is None else (task, f"lot:{lot}")
