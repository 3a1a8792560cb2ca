"""Shapes that several rules have, and those of repairs, major matters and units that share a case. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.clocks import Limit, TimeUnit
from libs.common.rules.domain import Value


class Named(Value):
    """What people choose from a list, by its code, such as the reason of an appeal (申诉理由)."""

    zh: str
    en: str


class Stage(Value):
    """How long a step of the grid itself may take (环节时限)."""

    amount: int = Field(ge=1, le=10_000)
    unit: TimeUnit

    @property
    def limit(self) -> Limit:
        """The same as the clocks take it."""
        return Limit(self.amount, self.unit)


class Claim(Value):
    """How long a claim holds (认领)."""

    minutes: int = Field(ge=1, le=1440)


class RepairClass(Named):
    """A class of repair orders (报修等级): by when to be on site, counted day and night; by when to finish.

    `finish`: if it ends before the limit of the case's own standard, it is the case's limit. `centre_first`:
    the emergency centre is proposed before the firm or the fallback unit.
    """

    arrive_minutes: int = Field(ge=1, le=10_080)
    finish: Stage | None = None
    centre_first: bool = False


class Repairing(Value):
    """Which class a repair has, and who is proposed for it (报修派单).

    `classes`: by category, or category/standard. `firms`, `centres`, `fallbacks`: kinds of unit, the first
    that there is around the place; `fallback_units`: the unit of an area, which comes before them, the
    narrowest area first. `fallback_modes`: how estates are managed that have no firm to call.
    """

    default: str
    classes: dict[Annotated[str, Field(pattern=r"^[0-9]{4}(/[a-z0-9_-]+)?$")], str] = {}
    firms: tuple[str, ...] = ()
    centres: tuple[str, ...] = ()
    fallbacks: tuple[str, ...] = ()
    fallback_units: dict[Annotated[str, Field(pattern=r"^[0-9]{2,15}$")], UUID] = {}
    fallback_modes: tuple[str, ...] = ()


class Reporting(Value):
    """Which levels are told of a major matter at once, and how soon each receives it (重大事项报告)."""

    levels: tuple[str, ...]
    receipt_minutes: int = Field(ge=1, le=1440)


class Sharing(Value):
    """Between units (单位之间).

    `police_units`: kinds of unit, the nearest first. `returns_before_study`: after so many returns in a round
    only a joint study or an authority gives it out again, 0 = never (会商前置).
    """

    police_units: tuple[str, ...] = ()
    returns_before_study: int = Field(default=0, ge=0, le=99)


class Soon(Value):
    """When a deadline is near (临期): `percent` of the whole time is left, at most `hours` before it."""

    percent: int = Field(default=25, ge=1, le=90)
    hours: int = Field(default=24, ge=1, le=240)


class Pressing(Value):
    """The rules of this file that are in force."""

    repairs: dict[str, RepairClass] = {}
    repairing: Repairing | None = None
    majors: dict[str, Named] = {}
    reporting: Reporting | None = None
    relations: dict[str, Named] = {}
    sharing: Sharing = Sharing()
    soon: Soon = Soon()


PRESSING: Mapping[str, type[Value]] = {
    "repair": RepairClass, "repairing": Repairing, "major": Named, "reporting": Reporting, "relation": Named,
    "sharing": Sharing, "soon": Soon,
}  # fmt: skip
