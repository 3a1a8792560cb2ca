from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from libs.common.rules.domain import RuleBeforeLast, RuleNotYet, RuleUnknown, RuleValueInvalid, check_dates
from services.targets.rules.domain import Rules, checked_value, rules_of


def test_what_is_not_stored_has_the_projects_default() -> None:
    assert rules_of([]) == Rules()
    told = rules_of([("lights", {"green": "0.9", "yellow": "0.7", "near_days": 10})])
    assert (told.lights.green, told.reports.rhythm) == (Decimal("0.9"), "month")


@pytest.mark.parametrize(
    "key, value",
    [
        ("lights", {"green": "0.8", "yellow": "0.9", "near_days": 30}),
        ("lights", {"green": "1.1", "yellow": "0.9", "near_days": 30}),
        ("reports", {"rhythm": "week", "due_days": 5}),
        ("reports", {"rhythm": "month", "due_days": -1}),
        ("allocation_tolerance", {"percent": "101"}),
        ("allocation_tolerance", {}),
    ],
)
def test_a_value_of_the_wrong_shape_is_refused(key: str, value: dict[str, Any]) -> None:
    with pytest.raises(RuleValueInvalid):
        checked_value(key, value)


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(RuleUnknown):
        checked_value("weather", {})


def test_a_change_counts_at_once_and_never_before_the_last() -> None:
    today, last = date(2026, 6, 1), date(2026, 1, 1)
    check_dates(today, last, today)
    with pytest.raises(RuleNotYet):
        check_dates(date(2026, 6, 2), last, today)
    with pytest.raises(RuleBeforeLast):
        check_dates(date(2025, 12, 31), last, today)
