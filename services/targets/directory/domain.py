"""Units and areas as they are known here. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class UnitName:
    """A unit by its names (单位)."""

    id: UUID
    code: str
    name_zh: str
    name_en: str
    area: str
    ended: bool = False


def in_force(valid_from: date | None, valid_to: date | None, day: date) -> bool:
    """Whether something with these local days holds on the day; no day = open end.

    >>> in_force(None, date(2020, 12, 31), date(2021, 1, 1))
    False
    """
    return (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)
