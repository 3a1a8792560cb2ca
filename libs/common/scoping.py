"""Area scope as SQL 范围条件: what the caller may see, in a form that the indexes on prefixes serve.

Lists are served by indexes on `left(area, 6)`, `left(area, 9)` and `left(area, 12)`; a condition of any other
form would walk the table. The length is written into the statement, so that every plan matches the index.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal_column, or_
from sqlalchemy.orm import InstrumentedAttribute

from libs.common.policy import Principal, bound_estates

Column = ColumnElement[Any] | InstrumentedAttribute[Any]

INDEXED = (6, 9, 12)
"""Digits of the prefixes that have an index: district, township, neighbourhood."""

FULL_LENGTH = 15
"""Digits of the longest code, a unit grid's."""

AFTER_DIGITS = ":"
"""The character behind '9' in the order of bytes, which is the database's."""


def within(column: Column, codes: Iterable[str]) -> ColumnElement[bool]:
    """The rows whose area lies inside one of the codes; none for no codes."""
    by_length: dict[int, list[str]] = {}
    for code in outermost(codes):
        by_length.setdefault(len(code), []).append(code)
    if not by_length:
        return false()
    return or_(*(_of_length(column, length, found) for length, found in sorted(by_length.items())))


def _of_length(column: Column, length: int, codes: list[str]) -> ColumnElement[bool]:
    """Wider than a district: a range over the districts' index. Between two: the wider one's index first."""
    if length < INDEXED[0]:
        district = _prefix(column, INDEXED[0])
        return or_(*(and_(district >= code, district < code + AFTER_DIGITS) for code in codes))
    served = max(digits for digits in INDEXED if digits <= length)
    exact = _among(column if length == FULL_LENGTH else _prefix(column, length), codes)
    if served == length:
        return exact
    return and_(_among(_prefix(column, served), sorted({code[:served] for code in codes})), exact)


def _prefix(column: Column, length: int) -> ColumnElement[Any]:
    return func.left(column, literal_column(str(length)))


def _among(value: Column, codes: list[str]) -> ColumnElement[bool]:
    return value == codes[0] if len(codes) == 1 else value.in_(codes)


def outermost(codes: Iterable[str]) -> list[str]:
    """The codes without those that lie inside another, in order.

    >>> outermost(["310107005", "310107", "310112"])
    ['310107', '310112']
    """
    kept: list[str] = []
    for code in sorted(set(codes)):
        if not any(code.startswith(outer) for outer in kept):
            kept.append(code)
    return kept


def narrowed(principal: Principal, code: str) -> list[str]:
    """The caller's scope inside an area asked for: the area itself, or the parts of it that they see."""
    inside = [area for area in principal.areas if area.startswith(code)]
    return [code] if any(code.startswith(area) for area in principal.areas) else inside


def in_scope(
    principal: Principal,
    area: Column,
    *,
    estate: Column | None = None,
    now: datetime | None = None,
    asked: str | None = None,
) -> ColumnElement[bool]:
    """The rows that the caller may see, inside the area `asked` for if there is one.

    With `estate` and `now` (UTC), firms and owners' committees see the rows of their estates too, while their
    term lasts. A caller without any scope sees nothing.
    """
    codes = principal.areas if asked is None else narrowed(principal, asked)
    seen = within(area, codes)
    estates = () if estate is None or now is None else bound_estates(principal, now)
    if estate is None or not estates:
        return seen
    theirs: ColumnElement[bool] = estate.in_(estates)
    if asked is not None:
        theirs = theirs & within(area, [asked])
    return or_(seen, theirs)
