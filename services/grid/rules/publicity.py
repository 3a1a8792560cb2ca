"""What the public may see, and what holds between units, as rules. Pure."""

from __future__ import annotations

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


class Sharing(Value):
    """Between units (单位之间).

    `police_units`: kinds of unit, the nearest first. `returns_before_study`: after so many returns in a round
    only a joint study or an authority gives it out again, 0 = never (会商前置).
    """

    police_units: tuple[str, ...] = ()
    returns_before_study: int = Field(default=0, ge=0, le=99)
