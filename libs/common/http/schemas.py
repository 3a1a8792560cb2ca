"""Bases of request and response shapes (接口数据结构), and the types of times in requests.

>>> from pydantic import TypeAdapter
>>> TypeAdapter(Instant).validate_python("2026-11-23T10:00:00+08:00").isoformat()
'2026-11-23T02:00:00+00:00'
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

_HASH = re.compile("[0-9a-f]{64}")
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}.*", re.ASCII | re.DOTALL)
EARLIEST = 2000
LATEST = 2099
"""First and last year of a time that a client may send: what lies outside is a mistake."""


class Write(BaseModel):
    """What a client sends: unknown fields are an error, numbers are finite."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Read(BaseModel):
    """What a client gets, made from a row or any object with these attributes."""

    model_config = ConfigDict(from_attributes=True, allow_inf_nan=False)


def _plausible(day: date) -> None:
    if not EARLIEST <= day.year <= LATEST:
        bounds = {"first": EARLIEST, "last": LATEST, "zh": f"年份应在 {EARLIEST} 至 {LATEST} 之间"}
        raise PydanticCustomError("year_out_of_range", "the year must lie between {first} and {last}", bounds)


def _instant(given: datetime) -> datetime:
    _plausible(given)
    return given.astimezone(UTC)


def _day(given: date) -> date:
    _plausible(given)
    return given


def _text(given: object) -> object:
    """Pydantic would read a number as seconds since 1970, in digits too."""
    if isinstance(given, int | float) or (isinstance(given, str) and not _DATED.fullmatch(given)):
        told = {"zh": "应为日期时间，例如 2026-01-31T08:00:00+08:00"}
        raise PydanticCustomError("datetime_type", "a time is written as text, RFC 3339", told)
    return given


Moment = Annotated[AwareDatetime, BeforeValidator(_text)]
"""A moment with its offset, of any year: where a rule says what it may be."""

Instant = Annotated[Moment, AfterValidator(_instant)]
"""A moment with its offset, kept as UTC; its year is plausible."""

Day = Annotated[date, BeforeValidator(_text), AfterValidator(_day)]
"""A local day of a plausible year."""

Flag = Annotated[bool, Field(strict=True)]
"""True or false, and nothing that only looks like it."""

Number = Annotated[float, Field(strict=True)]
"""A number, not its text."""


def _hash(name: str) -> str:
    if not _HASH.fullmatch(name):
        told = {"zh": "照片以其 SHA-256 的 64 位小写十六进制表示"}
        raise PydanticCustomError("photo_hash", "a photo is named by its SHA-256, 64 hex digits", told)
    return name


PhotoHash = Annotated[
    str,
    StringConstraints(strict=True),
    AfterValidator(_hash),
    WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{64}$"}),
]
"""A photo by its SHA-256 (照片摘要)."""


class HistoryStep(Read):
    """One change of a record that people keep, such as a node or a plan. 变更记录"""

    version: int
    at: datetime
    actor: str
    actor_role: str
    action: str = Field(examples=["change"])
    changed: dict[str, Any]
