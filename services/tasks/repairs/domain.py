"""What a repair order asks of its unit, and what is refused. Pure.

>>> from datetime import UTC
>>> order_in({"repair": {"urgency": "urgent", "arrive_due_at": "2026-11-23T03:00:00+00:00"}}).urgency
'urgent'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from libs.common.errors import Conflict, Invalid


class NoRepairOrder(Conflict):
    """The task is no repair order (非报修单)."""

    code = "task-no-repair-order"
    zh = "该任务不是报修单"
    en = "The task is no repair order"


class ArrivedAlready(Conflict):
    """The arrival was told already (已登记到场)."""

    code = "task-arrived-already"
    zh = "已登记到场"
    en = "The arrival was told already"


class NotArrived(Conflict):
    """Nobody has come yet: tell the arrival first (尚未到场)."""

    code = "task-not-arrived"
    zh = "尚未登记到场，请先登记到场时间"
    en = "Nobody has come yet: tell the arrival first"


class RepairTimeImplausible(Invalid):
    """Whoever repairs comes after the order, finishes after coming, and not in the future (时间不符)."""

    code = "task-repair-time"
    zh = "到场须在派单之后，完工须在到场之后，且均不得晚于当前时间"
    en = "They come after the order, finish after they came, and neither lies in the future"


@dataclass(frozen=True)
class RepairOrder:
    """What the grid says of the repair (报修单): its class, and by when to be on site (UTC)."""

    urgency: str
    arrive_due_at: datetime


def order_in(details: Mapping[str, Any]) -> RepairOrder | None:
    """The repair order in the details of a handover; None if they hold none."""
    told = details.get("repair")
    if told is None:
        return None
    return RepairOrder(told["urgency"], datetime.fromisoformat(told["arrive_due_at"]))


def check_arrival(
    repair: str | None, former: datetime | None, given: datetime, ordered: datetime, now: datetime
) -> None:
    """`former`: the arrival told before.

    Raises `NoRepairOrder`, `ArrivedAlready`, `RepairTimeImplausible`.
    """
    if repair is None:
        raise NoRepairOrder
    if former is not None:
        raise ArrivedAlready
    if not ordered <= given <= now:
        raise RepairTimeImplausible(pointer="/arrived_at")


def finish_of(
    repair: str | None, arrived: datetime | None, given: datetime | None, now: datetime
) -> datetime | None:
    """When the repair was finished: as told, else now. None for what is no repair order.

    Raises `NoRepairOrder`, `NotArrived`, `RepairTimeImplausible`.
    """
    if repair is None:
        if given is not None:
            raise NoRepairOrder
        return None
    if arrived is None:
        raise NotArrived
    finished = given or now
    if not arrived <= finished <= now:
        raise RepairTimeImplausible(pointer="/finished_at")
    return finished


def came_late(due_at: datetime | None, arrived_at: datetime) -> bool:
    """Whether they came after the deadline (到场超时); a deadline is the last instant that is on time."""
    return due_at is not None and arrived_at > due_at
