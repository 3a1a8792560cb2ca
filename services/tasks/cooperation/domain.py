"""Feedback lines 反馈项 of the units beside the lead. Pure."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from uuid import UUID

from libs.common.errors import Conflict, Invalid, NotFound


class LineRole(StrEnum):
    """What a unit beside the lead is (责任、配合)."""

    RESPONSIBLE = "responsible"  # 责任单位
    COOPERATING = "cooperating"  # 配合单位


class LineNotFound(NotFound):
    """The unit has no line in this task (无此反馈项)."""

    code = "task-line-not-found"
    zh = "该单位不是本任务的责任或配合单位"
    en = "The unit is neither responsible nor cooperating in this task"


class TaskEnded(Conflict):
    """The task has ended (任务已结束)."""

    code = "task-ended"
    zh = "任务已结束"
    en = "The task has ended"


class UnitTwice(Invalid):
    """A unit takes part once (单位重复)."""

    code = "task-unit-twice"
    zh = "同一单位在一项任务中只能承担一种角色"
    en = "A unit may take part in a task once"


def check_partners(lead: UUID, partners: Collection[UUID]) -> None:
    """Raises `UnitTwice`."""
    if lead in partners or len(set(partners)) != len(partners):
        raise UnitTwice(pointer="/cooperating_unit_ids")
