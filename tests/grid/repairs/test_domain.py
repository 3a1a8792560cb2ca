"""Which class a repair has, who is proposed first, when nobody has come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.grid.dispatches.domain import is_late
from services.grid.repairs.domain import (
    Receiver,
    RepairClassUnknown,
    arrival_due,
    class_of,
    fallback_unit,
    kinds_of,
    known_class,
    order_of,
)
from services.grid.rules.domain import RepairClass, Repairing

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TOWN_UNIT, DISTRICT_UNIT = UUID(int=1), UUID(int=2)
RULES = Repairing(
    default="ordinary",
    classes={"0505/urgent": "urgent", "0504": "emergency"},
    firms=("property-firm",),
    centres=("repair-centre",),
    fallbacks=("housing-group", "housing-office"),
    fallback_units={"310101": DISTRICT_UNIT, "310101002": TOWN_UNIT},
    fallback_modes=("unmanaged", "abandoned"),
)
PLAIN = RepairClass(zh="一般报修", en="Ordinary", arrive_minutes=1440)
FIRST = RepairClass(zh="抢修", en="Emergency", arrive_minutes=30, centre_first=True)
FIRM, FALLBACK, CENTRE = Receiver.FIRM, Receiver.FALLBACK, Receiver.CENTRE


@pytest.mark.parametrize(
    ("category", "standard", "expected"),
    [
        ("0505", "urgent", "urgent"),
        ("0505", "ordinary", "ordinary"),
        ("0504", "defect", "emergency"),
        ("0202", "", "ordinary"),
    ],
)
def test_the_class_follows_from_the_standard_then_the_category(
    category: str, standard: str, expected: str
) -> None:
    assert class_of(RULES, category, standard) == expected


@pytest.mark.parametrize(
    ("found", "mode", "expected"),
    [
        (PLAIN, "firm", (FIRM, CENTRE)),
        (PLAIN, "unmanaged", (FALLBACK, CENTRE)),
        (PLAIN, "abandoned", (FALLBACK, CENTRE)),
        (PLAIN, None, (CENTRE, FALLBACK)),
        (FIRST, "firm", (CENTRE, FIRM)),
        (FIRST, "abandoned", (CENTRE, FALLBACK)),
    ],
)
def test_who_is_proposed_first(found: RepairClass, mode: str | None, expected: tuple[Receiver, ...]) -> None:
    assert tuple(order_of(RULES, found, mode)) == expected


def test_kinds_and_the_unit_that_an_area_has_of_its_own() -> None:
    assert kinds_of(RULES, FIRM) == ("property-firm",)
    assert kinds_of(RULES, FALLBACK) == ("housing-group", "housing-office")
    assert fallback_unit(RULES, "310101002001") == TOWN_UNIT
    assert fallback_unit(RULES, "310101003001") == DISTRICT_UNIT
    assert fallback_unit(RULES, "310107005") is None


def test_classes_and_arrival() -> None:
    assert arrival_due(known_class({"ordinary": PLAIN}, "ordinary"), NOW) == NOW + timedelta(days=1)
    with pytest.raises(RepairClassUnknown):
        known_class({"ordinary": PLAIN}, "urgent")


@pytest.mark.parametrize(
    ("due", "arrived", "late"),
    [
        (NOW - timedelta(seconds=1), None, True),
        (NOW, None, False),
        (NOW - timedelta(hours=1), NOW, False),
        (None, None, False),
    ],
)
def test_nobody_has_come(due: datetime | None, arrived: datetime | None, late: bool) -> None:
    assert is_late(due, arrived, NOW) is late
