"""Which level may have a case, which is the next, and when the next is called. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from libs.common.clocks import Limit
from libs.common.errors import Conflict
from services.grid.rules.domain import Rules


class LevelTooLow(Conflict):
    """The category is closed no lower than at another level and in its loop (办理层级不足)."""

    code = "level-too-low"
    zh = "该类案件至少须由 {capable} 层级办结，不能由 {level} 办结"
    en = "Such a case is closed at level '{capable}' or above, not at '{level}'"


def above(rules: Rules, level: str, there: Collection[str] = ()) -> str | None:
    """The next level up; None at the top. A level that nobody stands for in the area is passed over, unless
    none of those above is `there`. Raises `LevelUnknown`."""
    rank = rules.level(level).rank
    ranks = {known.rank: name for name, known in rules.levels.items() if known.rank > rank}
    stood_for = [known for known, name in ranks.items() if name in there]
    return ranks[min(stood_for or ranks)] if ranks else None


def higher(rules: Rules, *levels: str | None) -> str:
    """The highest of the levels that are given. Raises `LevelUnknown`."""
    return max((level for level in levels if level), key=lambda level: rules.level(level).rank)


def capable(rules: Rules, category: str) -> str:
    """The lowest level that may close cases of the category."""
    return rules.capability.categories.get(category, rules.capability.default)


def check_capable(rules: Rules, level: str, needed: str | None) -> None:
    """Raise `LevelTooLow` if the level may not close what needs the other one (循环不符)."""
    if needed is not None and rules.level(level).rank < rules.level(needed).rank:
        raise LevelTooLow(level=level, capable=needed, pointer="/level")


class LoopNotAllowed(Conflict):
    """By its standard such a case is not closed in this loop (结案循环不符)."""

    code = "loop-not-allowed"
    zh = "按立案标准，该案件只能在以下循环结案：{loops}；当前为 {loop}"
    en = "By its standard the case is closed in these loops: {loops}; it is in '{loop}'"


def lowest_of(rules: Rules, loops: Collection[str]) -> str | None:
    """The lowest level of these loops; None where none is named: any will do."""
    levels = [name for name, level in rules.levels.items() if level.loop in loops]
    return min(levels, key=lambda name: rules.level(name).rank, default=None)


def check_loop(rules: Rules, level: str, loops: Collection[str]) -> None:
    """Raise `LoopNotAllowed` if the level's loop is not one of these (none: any).

    A level above all of them may do what they may: a case that was called up is never stuck.
    """
    ranks = {known.loop: known.rank for known in rules.levels.values() if known.loop in loops}
    here = rules.level(level)
    if ranks and here.loop not in ranks and here.rank < max(ranks.values()):
        raise LoopNotAllowed(loops=", ".join(sorted(ranks, key=ranks.__getitem__)), loop=here.loop)


def time_at(rules: Rules, level: str) -> Limit | None:
    """How long a level has a case before the next one is called; None: none is called (升级时限).

    Above the highest level there is none, whatever the rules say.
    """
    stage = rules.escalations.get(level) if above(rules, level) else None
    return stage.limit if stage else None


@dataclass(frozen=True)
class Clock:
    """Which level has a case, its handling deadline and when the next level is called (升级时限), UTC."""

    level: str | None
    due_at: datetime | None
    escalate_at: datetime | None


def moved(before: Clock, after: Clock) -> bool:
    """Whether the step set the level's clock: by another level, or by a deadline that the clock followed.

    A comment, an urge, a supplement, a return and a dispatch of the same level and deadline do not. A new
    round, which has no deadline yet, sets it.
    """
    if after.level != before.level:
        return True
    followed = None in (before.due_at, after.due_at) or before.escalate_at == before.due_at
    return after.due_at != before.due_at and followed


def next_call(due_at: datetime | None, limit_at: datetime, now: datetime) -> datetime:
    """When the next level is called, UTC: at the handling deadline, else when the level's time is over."""
    return due_at if due_at is not None and due_at > now else limit_at
