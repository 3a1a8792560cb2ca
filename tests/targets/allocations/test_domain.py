from __future__ import annotations

from decimal import Decimal

import pytest

from libs.common.errors import DomainError
from libs.common.ids import stable_id
from libs.common.quantities import UnitsDiffer
from services.targets.allocations.domain import (
    AllocatedTwice,
    AreaOutsideTarget,
    Balance,
    Share,
    ShareNotFitting,
    Whole,
    allocation_id,
    balance_of,
    check_reserve,
    check_shares,
)
from services.targets.targets.domain import Kind

A, B = stable_id("unit", "a"), stable_id("unit", "b")
AREA = Whole("31", Kind.SUM, "wan_m2", Decimal(6_000_000))
RATE = Whole("31", Kind.RATE, "percent", Decimal(95))
WORD = Whole("31", Kind.QUALITATIVE, None, None)
NOTHING = Decimal(0)


def share(unit: str = "wan_m2", value: str | None = "1", area: str = "310107") -> Share:
    """A share of Putuo's."""
    return Share(A, area, None if value is None else Decimal(value), unit if value else None)


@pytest.mark.parametrize(
    "shares, whole, refusal",
    [
        ([share(), share(area="310101")], AREA, None),
        ([share("m2")], AREA, None),
        ([share("percent", "95")], RATE, None),
        ([share(value=None)], RATE, None),
        ([share(value=None)], WORD, None),
        ([share(), share()], AREA, AllocatedTwice),
        ([share(area="320102")], AREA, AreaOutsideTarget),
        ([share(value=None)], AREA, ShareNotFitting),
        ([share()], WORD, ShareNotFitting),
        ([share("estate")], AREA, UnitsDiffer),
    ],
)
def test_shares(shares: list[Share], whole: Whole, refusal: type[DomainError] | None) -> None:
    if refusal is None:
        check_shares(shares, whole)
    else:
        with pytest.raises(refusal):
            check_shares(shares, whole)


@pytest.mark.parametrize(
    "shares, reserve, total, balance",
    [
        (["300", "270"], "30", 6_000_000, Balance.EVEN),
        (["300", "270"], None, 5_700_000, Balance.SHORT),
        (["300", "300.0001"], None, 6_000_001, Balance.OVER),
    ],
)
def test_shares_and_reserve_against_the_target(
    shares: list[str], reserve: str | None, total: int, balance: Balance
) -> None:
    given = [share(value=value) for value in shares]
    held = Decimal(reserve) if reserve else None
    assert balance_of(given, held, AREA, NOTHING) == (Decimal(total), balance)


def test_square_metres_and_ten_thousands_of_them_are_one_sum() -> None:
    given = [share(value="594.0983"), share("m2", "59017", "310115136")]
    assert balance_of(given, NOTHING, AREA, NOTHING) == (Decimal(6_000_000), Balance.EVEN)


def test_a_tolerance_forgives_little() -> None:
    given = [share(value="597")]
    assert balance_of(given, None, AREA, NOTHING)[1] is Balance.SHORT
    assert balance_of(given, None, AREA, Decimal("0.5"))[1] is Balance.EVEN


def test_what_is_asked_of_everyone_is_not_added() -> None:
    assert balance_of([share("percent", "95")], None, RATE, NOTHING) == (NOTHING, Balance.NOT_ADDED)
    with pytest.raises(ShareNotFitting):
        check_reserve(Decimal(1), RATE)
    check_reserve(Decimal(1), AREA)


def test_the_same_share_has_the_same_id() -> None:
    assert allocation_id(A, B, "310107") == allocation_id(A, B, "310107")
    assert allocation_id(A, B, "310107") != allocation_id(A, B, "310101")
