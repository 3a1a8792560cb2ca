"""Rules of the grid's work as typed values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pydantic import Field

from libs.common.clocks import Limit, TimeUnit
from libs.common.errors import Invalid
from libs.common.policy import Role
from libs.common.rules.domain import RuleUnknown, RuleValueInvalid, Value, shaped


class ChannelUnknown(Invalid):
    """No such channel (来源渠道不存在)."""

    code = "channel-unknown"
    zh = "来源渠道 {channel} 不存在"
    en = "There is no channel '{channel}'"


class LevelUnknown(Invalid):
    """No such level (办理层级不存在)."""

    code = "level-unknown"
    zh = "办理层级 {level} 不存在"
    en = "There is no level '{level}'"


class Channel(Value):
    """Where reports come from (来源渠道)."""

    zh: str
    en: str
    verify: bool
    photos: bool
    roles: tuple[Role, ...]


class Level(Value):
    """One of the four levels and its loop (四级网络、四个循环)."""

    rank: int
    zh: str
    en: str
    loop: str
    loop_zh: str
    loop_en: str


class Stage(Value):
    """How long a step of the grid itself may take (环节时限)."""

    amount: int = Field(ge=1, le=10_000)
    unit: TimeUnit


class Routing(Value):
    """Which level handles what, unless the dispatcher says otherwise (默认办理层级)."""

    self_handled: str
    squad: str
    subdistrict_unit: str
    district_unit: str


class Duplicate(Value):
    """Within what distance and time a report may be the same matter (疑似重复)."""

    metres: int = Field(ge=1, le=1000)
    hours: int = Field(ge=1, le=720)


class Extension(Value):
    """How often a case may be extended (延期次数)."""

    most: int = Field(ge=0, le=9)


class Suspension(Value):
    """How often and how long a case may be suspended (挂账)."""

    most: int = Field(ge=0, le=9)
    days: int = Field(ge=1, le=3660)


class Claim(Value):
    """How long a claim holds (认领)."""

    minutes: int = Field(ge=1, le=1440)


class ReportTimes(Value):
    """What times a report may name (发现时间)."""

    oldest: date = Field(ge=date(2000, 1, 1))
    ahead_minutes: int = Field(ge=0, le=1440)


_SHAPES: Mapping[str, type[Value]] = {
    "channel": Channel,
    "level": Level,
    "stage": Stage,
    "interim": Stage,
    "routing": Routing,
    "duplicate": Duplicate,
    "extension": Extension,
    "suspension": Suspension,
    "claim": Claim,
    "report": ReportTimes,
}


def checked_value(key: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """The rule's value in its shape, as JSON. Raises `RuleUnknown`, `RuleValueInvalid`."""
    shape = _SHAPES.get(key.partition(".")[0])
    if shape is None:
        raise RuleUnknown(key=key)
    return shaped(key, value, shape).model_dump(mode="json")


class Rules(Value):
    """The rules in force, typed."""

    channels: dict[str, Channel]
    levels: dict[str, Level]
    stages: dict[str, Stage]
    interims: dict[str, Stage]
    routing: Routing
    duplicate: Duplicate
    extension: Extension
    suspension: Suspension
    claim: Claim
    report: ReportTimes

    def channel(self, code: str) -> Channel:
        """Raises `ChannelUnknown`."""
        if code not in self.channels:
            raise ChannelUnknown(channel=code, pointer="/channel")
        return self.channels[code]

    def level(self, code: str) -> Level:
        """Raises `LevelUnknown`."""
        if code not in self.levels:
            raise LevelUnknown(level=code, pointer="/level")
        return self.levels[code]

    def level_and_loop(self, code: str) -> tuple[str, str]:
        """The level and the loop that goes with it. Raises `LevelUnknown`."""
        return code, self.level(code).loop

    def stage(self, name: str) -> Limit:
        """The limit of a step of the grid itself."""
        stage = self.stages[name]
        return Limit(stage.amount, stage.unit)

    def interim(self, channel: str) -> Limit | None:
        """By when the channel wants an interim reply (阶段性答复) on a case in mediation, if it does."""
        stage = self.interims.get(channel)
        return Limit(stage.amount, stage.unit) if stage else None


def check_together(rules: Rules) -> None:
    """Raise `RuleValueInvalid` if the routing names a level that does not exist."""
    for name, level in rules.routing.model_dump().items():
        if level not in rules.levels:
            reason = f"'{level}' is no level"
            raise RuleValueInvalid(key="routing", where=name, reason=reason, pointer=f"/value/{name}")


def rules_of(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> Rules:
    """The rules of (key, value) rows."""
    parts: dict[str, Any] = {"channels": {}, "levels": {}, "stages": {}, "interims": {}}
    for key, value in rows:
        kind, _, name = key.partition(".")
        if name:
            parts[f"{kind}s"][name] = value
        else:
            parts[kind] = value
    return Rules.model_validate(parts)
