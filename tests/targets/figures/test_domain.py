from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from libs.common.quantities import UnitOfMeasureUnknown, UnitsDiffer
from services.targets.figures.domain import FigureNotFitting, Given, Total, check_given
from services.targets.targets.domain import Kind

D = Decimal


@pytest.mark.parametrize(
    ("given", "unit", "base"),
    [
        (Given(D("5.9017"), "wan_m2"), "wan_m2", D(59017)),
        (Given(D("59017"), "m2"), "wan_m2", D(59017)),
        (Given(D("0.000001"), "wan_m2"), "m2", D("0.01")),
        (Given(D(0), "estate"), "estate", D(0)),
    ],
)
def test_a_quantity_is_kept_in_the_base_unit_exactly(given: Given, unit: str, base: Decimal) -> None:
    assert check_given(given, Kind.SUM, unit, evidence=0) == base


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Kind.RATE, Given(numerator=D(3), denominator=D(4))),
        (Kind.RATE, Given(numerator=D(0), denominator=D(4))),
        (Kind.BOOLEAN, Given(done=True)),
        (Kind.QUALITATIVE, Given(done=False)),
    ],
)
def test_rates_and_answers_have_no_quantity(kind: Kind, given: Given) -> None:
    assert check_given(given, kind, None, evidence=1) is None


@pytest.mark.parametrize(
    ("kind", "told", "pointer"),
    [
        (Kind.SUM, {}, "/quantity"),
        (Kind.SUM, {"quantity": D(1)}, "/quantity"),
        (Kind.COUNT, {"quantity": D(-1), "unit": "estate"}, "/quantity"),
        (Kind.STOCK, {"quantity": D(1), "unit": "estate", "done": True}, "/quantity"),
        (Kind.RATE, {"numerator": D(1)}, "/numerator"),
        (Kind.RATE, {"numerator": D(1), "denominator": D(0)}, "/numerator"),
        (Kind.RATE, {"numerator": D(5), "denominator": D(4)}, "/numerator"),
        (Kind.RATE, {"numerator": D(-1), "denominator": D(4)}, "/numerator"),
        (Kind.RATE, {"quantity": D(95), "unit": "percent"}, "/numerator"),
        (Kind.BOOLEAN, {}, "/done"),
        (Kind.BOOLEAN, {"done": True, "quantity": D(1)}, "/done"),
    ],
)
def test_what_does_not_fit_is_refused(kind: Kind, told: dict[str, Any], pointer: str) -> None:
    with pytest.raises(FigureNotFitting) as caught:
        check_given(Given(**told), kind, "estate", evidence=1)
    assert caught.value.pointer == pointer


def test_what_is_done_is_shown_by_evidence() -> None:
    with pytest.raises(FigureNotFitting):
        check_given(Given(done=True), Kind.BOOLEAN, None, evidence=0)
    assert check_given(Given(done=False), Kind.BOOLEAN, None, evidence=0) is None


def test_units_that_cannot_be_converted_are_refused() -> None:
    with pytest.raises(UnitsDiffer):
        check_given(Given(D(8), "facility"), Kind.COUNT, "estate", evidence=0)
    with pytest.raises(UnitOfMeasureUnknown):
        check_given(Given(D(8), "mu"), Kind.COUNT, "estate", evidence=0)


def test_a_rate_is_exact() -> None:
    assert Total(numerator=D(2), denominator=D(3)).exact == 200 / Fraction(3)
    assert Total(value=D("0.1")).exact == Fraction(1, 10)
    assert Total().exact is None
