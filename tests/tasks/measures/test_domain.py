from __future__ import annotations

from decimal import Decimal

import pytest

from libs.common.quantities import UnitOfMeasureUnknown, UnitsDiffer
from services.tasks.measures.domain import (
    Link,
    QuantityIncomplete,
    TargetTwice,
    check_unit,
    counts,
    target_id,
)

EIGHT = Link("KQ-T11", Decimal(8), "facility", "KQ-T11")


@pytest.mark.parametrize("quantity, unit", [(Decimal(8), None), (None, "facility")])
def test_a_quantity_has_a_unit(quantity: Decimal | None, unit: str | None) -> None:
    with pytest.raises(QuantityIncomplete):
        Link("KQ-T11", quantity, unit)


def test_a_unit_of_measure_is_a_known_one() -> None:
    with pytest.raises(UnitOfMeasureUnknown):
        Link("KQ-T11", Decimal(8), "charger")


@pytest.mark.parametrize(
    ("link", "given", "quantity", "unit", "lot"),
    [
        (Link("T1"), None, None, None, None),  # supports only
        (Link("T1", Decimal(3), "m2"), None, Decimal(3), "m2", "M-1"),  # the whole, once over its tasks
        (Link("T1", Decimal(3), "m2", "L"), None, Decimal(3), "m2", "L"),
        (Link("T1", Decimal(3), "m2"), Link("T1", Decimal(1), "m2"), Decimal(1), "m2", None),  # a part
        (EIGHT, Link("KQ-T11", Decimal(8), "facility"), Decimal(8), "facility", "KQ-T11"),  # the same eight
        (EIGHT, Link("KQ-T11", Decimal(2), "facility", "more"), Decimal(2), "facility", "more"),
        (Link("T1", Decimal(3), "m2"), Link("T1"), None, None, None),  # nothing of it after all
        (None, Link("T9", Decimal(1), "lift"), Decimal(1), "lift", None),
    ],
)
def test_what_a_task_counts_for(
    link: Link | None, given: Link | None, quantity: Decimal | None, unit: str | None, lot: str | None
) -> None:
    (found,) = counts("M-1", [link] if link else [], [given] if given else [])
    assert (found.quantity, found.unit, found.lot) == (quantity, unit, lot)
    assert found.target_id == target_id(found.target_code or "")


def test_a_target_is_named_once() -> None:
    with pytest.raises(TargetTwice):
        counts(None, [], [Link("T1"), Link("T1", Decimal(1), "m2")])


@pytest.mark.parametrize(
    ("kind", "unit", "fits"),
    [
        ("sum", "m2", True),
        ("sum", "estate", False),
        ("rate", "estate", True),  # a numerator counts in units of its own
        ("sum", None, True),
    ],
)
def test_a_quantity_fits_what_is_added_up(kind: str, unit: str | None, fits: bool) -> None:
    link = Link("T1", Decimal(1), "wan_m2")
    if fits:
        check_unit(kind, unit, link)
    else:
        with pytest.raises(UnitsDiffer):
            check_unit(kind, unit, link)
