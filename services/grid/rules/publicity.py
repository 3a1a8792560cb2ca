"""What leaves the grid for people, as rules: public views, notices, exports. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Annotated

from pydantic import Field

from libs.common.rules.domain import Value


class Disclosure(Value):
    """What everybody may see of cases (公众查询).

    `hidden`: categories that are neither listed nor counted. `least`: smaller counts are withheld.
    `unit_kinds`: whose results are enforcement results.
    """

    hidden: tuple[Annotated[str, Field(pattern=r"^[0-9]{4}$")], ...] = ()
    least: int = Field(default=3, ge=1, le=100)
    unit_kinds: tuple[str, ...] = ()


class Enforcement(Value):
    """Whether results of enforcement in a category are disclosed, and the law that it rests on (执法公示)."""

    disclosed: bool
    basis_zh: str | None = None
    basis_en: str | None = None


class Noticing(Value):
    """How people are told (通知规则). Times of day are local.

    `channels`: reports from there have a reporter who is told directly; a hotline tells its own callers.
    `quiet_from`, `quiet_to`: nothing that can wait is told between them. `many`: more notices than that to
    one person within `minutes` are put together. `retry_minutes`: the waits between two tries, after the last
    one it is parked. `stale_hours`: what happened longer ago is not told any more. `link_days`: how long a
    reporter's link leads somewhere. `patrol_days`: how long before its last day a patrol is reminded of.
    `keep_days`: how long the delivery log is kept.
    """

    channels: tuple[str, ...] = ()
    quiet_from: time = time(21)
    quiet_to: time = time(8)
    many: int = Field(default=5, ge=1, le=1000)
    minutes: int = Field(default=10, ge=1, le=1440)
    retry_minutes: tuple[Annotated[int, Field(ge=1, le=10_080)], ...] = (1, 5, 30, 120, 480)
    stale_hours: int = Field(default=24, ge=1, le=720)
    link_days: int = Field(default=30, ge=1, le=366)
    patrol_days: int = Field(default=1, ge=0, le=60)
    keep_days: int = Field(default=180, ge=1, le=3660)


class Exporting(Value):
    """How lists leave (导出规则): up to `at_once` rows at once, up to `most` as a job, kept `days`."""

    at_once: int = Field(default=2000, ge=1, le=20_000)
    most: int = Field(default=100_000, ge=1, le=1_000_000)
    days: int = Field(default=7, ge=1, le=90)


class Outward(Value):
    """The rules of this file that are in force."""

    disclosure: Disclosure = Disclosure()
    enforcements: dict[str, Enforcement] = {}
    notice: Noticing = Noticing()
    export: Exporting = Exporting()


OUTWARD: Mapping[str, type[Value]] = {
    "disclosure": Disclosure, "enforcement": Enforcement, "notice": Noticing, "export": Exporting,
}  # fmt: skip
