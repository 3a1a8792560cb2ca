"""Conversion between units of measure is exact."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.quantities import (
    MEASURES,
    MOST_DECIMALS,
    UnitOfMeasureUnknown,
    UnitsDiffer,
    comparable,
    converted,
    from_base,
    plain,
    to_base,
)

FIGURES = st.decimals(0, 10**12, places=MOST_DECIMALS, allow_nan=False, allow_infinity=False)


@given(FIGURES, st.sampled_from(sorted(MEASURES)))
def test_to_the_base_and_back_is_the_same_number(value: Decimal, unit: str) -> None:
    assert from_base(to_base(value, unit), unit) == value


@given(FIGURES, FIGURES)
def test_square_metres_and_ten_thousands_of_them_add_up(wide: Decimal, small: Decimal) -> None:
    assert to_base(wide, "wan_m2") + to_base(small, "m2") == wide * 10_000 + small


@pytest.mark.parametrize(
    "value, given_in, wanted, gives",
    [
        ("59017", "m2", "wan_m2", "5.9017"),
        ("5.9017", "wan_m2", "m2", "59017"),
        ("0.000001", "wan_m2", "m2", "0.01"),
        ("1", "m2", "wan_m2", "0.0001"),
        ("3000", "wan_m2", "m2", "30000000"),
        ("95", "percent", "percent", "95"),
    ],
)
def test_hand_computed(value: str, given_in: str, wanted: str, gives: str) -> None:
    assert str(converted(Decimal(value), given_in, wanted)) == gives


def test_what_is_not_the_same_measure_is_refused() -> None:
    with pytest.raises(UnitsDiffer):
        converted(Decimal(1), "m2", "estate")
    with pytest.raises(UnitOfMeasureUnknown):
        to_base(Decimal(1), "mu")
    assert not comparable("site", "estate")
    assert not comparable(None, None)


def test_a_number_is_written_without_what_says_nothing() -> None:
    assert [str(plain(Decimal(v))) for v in ("3E+7", "5.90170", "0", "0E-6", "10.0")] == [
        "30000000", "5.9017", "0", "0", "10",
    ]  # fmt: skip
