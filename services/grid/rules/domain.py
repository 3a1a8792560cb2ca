"""Rules of the grid's work as typed values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from libs.common.clocks import Limit
from libs.common.policy import Role
from libs.common.rules.domain import RuleUnknown, RuleValueInvalid, Value, shaped
from services.grid.rules.publicity import OUTWARD, Outward
from services.grid.rules.publicity import Noticing as Noticing
from services.grid.rules.refusals import ChannelUnknown as ChannelUnknown
from services.grid.rules.refusals import LevelUnknown as LevelUnknown
from services.grid.rules.shapes import PRESSING, Pressing, Stage
from services.grid.rules.shapes import Claim as Claim
from services.grid.rules.shapes import Named as Named
from services.grid.rules.shapes import RepairClass as RepairClass
from services.grid.rules.shapes import Repairing as Repairing
from services.grid.rules.shapes import Reporting as Reporting
from services.grid.rules.shapes import Sharing as Sharing
from services.grid.rules.shapes import Soon as Soon
from services.grid.rules.upkeep import UPKEPT, Upkept
from services.grid.rules.upkeep import Removable as Removable
from services.grid.rules.upkeep import Unstoppable as Unstoppable
from services.grid.watches.domain import PatrolKind, Watch

CategoryGiven = Annotated[str, Field(pattern=r"^[0-9]{4}$")]


class Channel(Named):
    """Where reports come from (来源渠道)."""

    verify: bool
    photos: bool
    roles: tuple[Role, ...]


class Level(Named):
    """One of the four levels and its loop (四级网络、四个循环)."""

    rank: int
    loop: str
    loop_zh: str
    loop_en: str


class Routing(Value):
    """Which level handles what, unless the dispatcher says otherwise (默认办理层级)."""

    self_handled: str
    squad: str
    subdistrict_unit: str
    district_unit: str


class Capability(Value):
    """The lowest level that may close a case (最低办理层级): of every category, and of some a higher one."""

    default: str = "information_point"
    categories: dict[CategoryGiven, str] = {}


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


class ReportTimes(Value):
    """What times a report may name (发现时间)."""

    oldest: date = Field(ge=date(2000, 1, 1))
    ahead_minutes: int = Field(ge=0, le=1440)


class Sources(Value):
    """Whose reports name the source's own number, and of whose reporters a unit is told (先行联系)."""

    numbered: tuple[str, ...] = ()
    spoken_to: tuple[str, ...] = ()


class OrderKind(Named):
    """A kind of hotline orders with its limits (工单类型): first contact, reply."""

    contact: Stage
    reply: Stage


class OrderWords(Value):
    """How a hotline's own words for kinds and categories read here (热线分类对照)."""

    channel: str
    kinds: dict[str, str] = {}
    categories: dict[str, CategoryGiven] = {}


class Hotline(Value):
    """What holds for hotline orders (热线工单).

    `kind`, `category`: of an order whose own words nobody knows: it lands with the acceptor all the same.
    `soon_hours`: how long before a deadline it counts as due soon. `contact_units`: the kinds of unit, in
    order, to whom the first contact falls where the complained-of firm would be the contact.
    """

    channels: tuple[str, ...]
    kind: str
    category: CategoryGiven
    soon_hours: int = Field(ge=1, le=240)
    contact_units: tuple[str, ...]


_SHAPES: Mapping[str, type[Value]] = {
    "channel": Channel, "sources": Sources, "order": OrderKind, "mapping": OrderWords, "limit": Stage,
    "hotline": Hotline, "level": Level, "stage": Stage, "interim": Stage, "escalation": Stage, "claim": Claim,
    "capability": Capability, "routing": Routing, "duplicate": Duplicate, "extension": Extension,
    "suspension": Suspension, "report": ReportTimes,
    "roster": Watch, "patrol": PatrolKind, "appeal": Named, "attribute": Named, "grade": Named,
    **OUTWARD, **PRESSING, **UPKEPT,
}  # fmt: skip


def checked_value(key: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """The rule's value in its shape, as JSON. Raises `RuleUnknown`, `RuleValueInvalid`."""
    if (shape := _SHAPES.get(key.partition(".")[0])) is None:
        raise RuleUnknown(key=key)
    return shaped(key, value, shape).model_dump(mode="json")


class Rules(Outward, Pressing, Upkept):
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
    sources: Sources = Sources()
    orders: dict[str, OrderKind] = {}
    mappings: dict[str, OrderWords] = {}
    limits: dict[str, Stage] = {}
    escalations: dict[str, Stage] = {}
    rosters: dict[str, Watch] = {}
    patrols: dict[str, PatrolKind] = {}
    appeals: dict[str, Named] = {}
    attributes: dict[str, Named] = {}
    grades: dict[str, Named] = {}
    capability: Capability = Capability()
    hotline: Hotline | None = None

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
        return self.stages[name].limit

    def limit(self, name: str) -> Limit:
        """A limit that is the same for every kind of order or case. Raises `RuleUnknown`."""
        if name not in self.limits:
            raise RuleUnknown(key=f"limit.{name}")
        return self.limits[name].limit

    def hotlines(self) -> Hotline:
        """What holds for hotline orders. Raises `RuleUnknown` where no such rule has been loaded."""
        if self.hotline is None:
            raise RuleUnknown(key="hotline")
        return self.hotline

    def interim(self, channel: str) -> Limit | None:
        """By when the channel wants an interim reply (阶段性答复) on a case in mediation, if it does."""
        return stage.limit if (stage := self.interims.get(channel)) else None


def check_together(rules: Rules) -> None:
    """Raise `RuleValueInvalid` if a rule names a level, a channel or a kind that does not exist."""
    levels = [("routing", name, level) for name, level in rules.routing.model_dump().items()]
    levels += [("escalation", level, level) for level in rules.escalations]
    capable = (rules.capability.default, *rules.capability.categories.values())
    levels += [("capability", "categories", level) for level in capable]
    levels += [
        ("reporting", "levels", level) for level in (rules.reporting.levels if rules.reporting else ())
    ]
    _all_in(levels, rules.levels, "level")
    named = [("sources", name, code) for name, codes in rules.sources for code in codes]
    named += [(f"mapping.{key}", "channel", row.channel) for key, row in rules.mappings.items()]
    named += [(f"patrol.{key}", "channel", row.channel) for key, row in rules.patrols.items()]
    named += [("notice", "channels", code) for code in rules.notice.channels]
    kinds = [(f"mapping.{k}", "kinds", kind) for k, m in rules.mappings.items() for kind in m.kinds.values()]
    if rules.hotline is not None:
        named += [("hotline", "channels", code) for code in rules.hotline.channels]
        kinds.append(("hotline", "kind", rules.hotline.kind))
    if rules.repairing is not None:
        named_classes = (rules.repairing.default, *rules.repairing.classes.values())
        _all_in([("repairing", "classes", code) for code in named_classes], rules.repairs, "class of repairs")
    _all_in(named, rules.channels, "channel")
    _all_in(kinds, rules.orders, "kind of orders")


def _all_in(named: Iterable[tuple[str, str, str]], there: Mapping[str, Value], noun: str) -> None:
    for key, where, code in [each for each in named if each[-1] not in there]:
        reason = f"'{code}' is no {noun}"
        raise RuleValueInvalid(key=key, where=where, reason=reason, pointer=f"/value/{where}")


def rules_of(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> Rules:
    """The rules of (key, value) rows."""
    parts: dict[str, Any] = {"channels": {}, "levels": {}, "stages": {}, "interims": {}}
    for (kind, _, name), value in ((key.partition("."), value) for key, value in rows):
        (parts.setdefault(f"{kind}s", {}) if name else parts)[name or kind] = value
    return Rules.model_validate(parts)
