"""Why a case goes up, and what stands against it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from libs.common.errors import Conflict
from services.grid.levels.domain import above
from services.grid.rules.domain import Rules


class EscalationReason(StrEnum):
    """Why the next level has it (升级事由)."""

    TIMEOUT = "timeout"  # 超时
    LACK_OF_POWER = "lack_of_power"  # 权限不足
    REQUEST = "request"  # 申请


class HighestLevel(Conflict):
    """No level is above it (已是最高层级)."""

    code = "highest-level"
    zh = "案件已在最高层级 {level}"
    en = "The case is at the highest level already: '{level}'"


def next_level(rules: Rules, level: str, there: Collection[str] = ()) -> str:
    """The level that it goes to, of those that somebody stands for in the area. Raises `HighestLevel`."""
    found = above(rules, level, there)
    if found is None:
        raise HighestLevel(level=level)
    return found
