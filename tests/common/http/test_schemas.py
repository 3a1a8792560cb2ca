"""The bases of shapes, and times in requests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from libs.common.http.schemas import Day, Flag, Instant, Number, Read, Write

INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
DAY: TypeAdapter[date] = TypeAdapter(Day)


class Sent(Write):
    weight: float


class Shown(Read):
    weight: float


def test_writes_refuse_what_they_do_not_know() -> None:
    for wrong in ({"weight": 1, "more": 2}, {"weight": float("nan")}, {"weight": float("inf")}, {}):
        with pytest.raises(ValidationError):
            Sent.model_validate(wrong)


def test_reads_are_made_from_rows() -> None:
    assert Shown.model_validate(SimpleNamespace(weight=2, more=3)).weight == 2


@pytest.mark.parametrize(
    "given, kept",
    [
        ("2026-03-02T16:00:00+08:00", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2000-01-01T00:00:00Z", datetime(2000, 1, 1, tzinfo=UTC)),
        ("2099-12-31T23:59:59Z", datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_moments_are_kept_as_utc(given: str, kept: datetime) -> None:
    assert INSTANT.validate_python(given) == kept
    assert INSTANT.validate_python(given).tzinfo is UTC


@pytest.mark.parametrize(
    "given",
    [
        "2026-03-02T16:00:00",
        "1999-12-31T23:59:59Z",
        "2100-01-01T00:00:00Z",
        "0001-01-01T00:00:00+08:00",
        "soon",
        None,
        1795399800,
        1795399800.5,
        "1795399800",
        True,
    ],
)
def test_odd_moments_are_refused(given: Any) -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python(given)


@pytest.mark.parametrize("given, fine", [("2026-03-02", True), ("1999-12-31", False), ("2100-01-01", False)])
def test_days(given: str, fine: bool) -> None:
    if fine:
        assert DAY.validate_python(given) == date.fromisoformat(given)
        return
    with pytest.raises(ValidationError) as refused:
        DAY.validate_python(given)
    assert refused.value.errors()[0]["ctx"]["zh"] == "年份应在 2000 至 2099 之间"


@pytest.mark.parametrize("given", [1795399800, "1795399800", "0", "20261123", "２０２６-11-23"])
def test_days_are_no_numbers(given: Any) -> None:
    with pytest.raises(ValidationError):
        DAY.validate_python(given)


@pytest.mark.parametrize("given", ["true", "yes", 1, 0, None])
def test_only_true_and_false_are_flags(given: Any) -> None:
    assert TypeAdapter(Flag).validate_python(True) is True
    with pytest.raises(ValidationError):
        TypeAdapter(Flag).validate_python(given)


@pytest.mark.parametrize("given", ["1.5", True, None, []])
def test_only_numbers_are_numbers(given: Any) -> None:
    assert TypeAdapter(Number).validate_python(1) == 1.0
    with pytest.raises(ValidationError):
        TypeAdapter(Number).validate_python(given)
