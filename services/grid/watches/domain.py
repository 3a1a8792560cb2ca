"""Shapes of the rules of rota and patrol: what differs from city to city. Pure.

>>> Watch(zh="值班长", en="Duty chief", several=False).several
False
"""

from __future__ import annotations

from pydantic import Field

from libs.common.rules.domain import Value


class Watch(Value):
    """A role that is on the rota (值班角色). `several`: more than one may have an area at a time."""

    zh: str
    en: str
    several: bool = True


class PatrolKind(Value):
    """What is patrolled (巡查类别).

    `tolerance_m`: who checks in farther from the point than this is flagged, not refused. `ahead_days`: how
    long before its first day an item stands on the list. `channel`: of the cases that are made from it.
    """

    zh: str
    en: str
    tolerance_m: int = Field(ge=1, le=5_000)
    ahead_days: int = Field(ge=0, le=92)
    channel: str = "inspection"
