"""When the assigner of a direct task may do what, beside the life cycle. Pure."""

from __future__ import annotations

from datetime import datetime

from libs.common.errors import Conflict
from services.tasks.tasks.domain import UNANSWERED, ClockState, ExtensionPending, State


class NotWithUnit(Conflict):
    """The task is not with the unit now: it was answered, returned or has ended (任务不在承办单位)."""

    code = "task-not-with-unit"
    zh = "任务当前状态为“{state}”，不在承办单位办理中"
    en = "The task is '{state}', not at work in its unit"


def check_with_unit(state: State) -> None:
    """Raises `NotWithUnit`."""
    if state not in UNANSWERED:
        raise NotWithUnit(state=state.value)


def check_extension(asked_until: datetime | None) -> None:
    """Raises `ExtensionPending` if none is asked for."""
    if asked_until is None:
        raise ExtensionPending


def check_clock(suspended_at: datetime | None, *, suspended: bool) -> datetime | None:
    """Since when the clock stands still. Raises `ClockState` if that is not as wanted."""
    if (suspended_at is not None) is not suspended:
        raise ClockState
    return suspended_at
