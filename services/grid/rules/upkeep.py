"""What differs from city to city of estates' own people: acts that firms stop, what is carried away. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from libs.common.rules.domain import Value
from services.grid.rules.shapes import Named


class Unstoppable(Named):
    """An unlawful act that a property firm tries to stop and reports if it cannot (劝阻无效的行为)."""

    category: Annotated[str, Field(pattern=r"^[0-9]{4}$")]


class Removable(Named):
    """What is carried away from estates (清运类别).

    `within_hours`: by when what is ordered is taken away. `case_after_hours`: how long after the agreed time
    it becomes a case of the category; None: never by itself.
    """

    category: Annotated[str, Field(pattern=r"^[0-9]{4}$")]
    within_hours: int = Field(default=48, ge=1, le=720)
    case_after_hours: int | None = Field(default=24, ge=0, le=720)


class Upkept(Value):
    """The rules of this file that are in force."""

    dissuasions: dict[str, Unstoppable] = {}
    removals: dict[str, Removable] = {}


UPKEPT: Mapping[str, type[Value]] = {"dissuasion": Unstoppable, "removal": Removable}
