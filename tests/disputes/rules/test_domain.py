"""Rules as typed values: what each may be, and that they fit together."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml

from libs.common.clocks import Limit, TimeUnit
from libs.common.loading import data_folder
from libs.common.rules.domain import (
    RuleBeforeLast,
    RuleFile,
    RuleNotYet,
    RuleUnknown,
    RuleValueInvalid,
    check_dates,
)
from services.disputes.bodies.domain import Tier
from services.disputes.main import SERVICE
from services.disputes.rules.domain import KEYS, DisputeClass, checked_value, rules_of

FILE = RuleFile.model_validate(yaml.safe_load((data_folder(SERVICE) / "rules.yaml").read_text("utf-8")))
RULES = rules_of((row.key, checked_value(row.key, row.value)) for row in FILE.rules)
DAY = date(2026, 11, 23)


def test_the_file_has_every_rule_with_its_source() -> None:
    assert sorted(row.key for row in FILE.rules) == sorted(KEYS)
    assert all(row.source for row in FILE.rules)


@pytest.mark.parametrize(
    ("dispute_class", "tier", "to_district_needs_reason", "written"),
    [
        (DisputeClass.ORDINARY, Tier.NEIGHBOURHOOD, True, False),
        (DisputeClass.SPECIALIST, Tier.TOWNSHIP, False, False),
        (DisputeClass.MAJOR, Tier.DISTRICT, False, True),
    ],
)
def test_where_each_class_goes(
    dispute_class: DisputeClass, tier: Tier, to_district_needs_reason: bool, written: bool
) -> None:
    assert RULES.tier_of_class(dispute_class) is tier
    assert RULES.leaves(dispute_class, Tier.DISTRICT) is to_district_needs_reason
    assert not RULES.leaves(dispute_class, Tier.TOWNSHIP)
    assert RULES.written_required(dispute_class) is written


def test_every_tier_has_thirty_natural_days() -> None:
    assert {RULES.limit(tier) for tier in Tier} == {Limit(30, TimeUnit.CALENDAR_DAYS)}
    assert RULES.consent_wait() == Limit(7, TimeUnit.CALENDAR_DAYS)


ORDINARY = {"zh": "一般", "en": "Ordinary", "tier": "township", "highest": "township", "written": False}


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("limit.township", {"amount": 0, "unit": "calendar_days"}, "amount"),
        ("limit.township", {"amount": 401, "unit": "calendar_days"}, "amount"),
        ("limit.township", {"amount": 3, "unit": "fortnights"}, "unit"),
        ("limit.township", {"amount": 3}, "unit"),
        ("consent", {"amount": 3, "unit": "calendar_days", "more": 1}, "more"),
        ("class.ordinary", ORDINARY | {"tier": "street"}, "tier"),
        ("class.ordinary", ORDINARY | {"highest": "neighbourhood"}, "highest"),
        ("class.ordinary", ORDINARY | {"zh": ""}, "zh"),
    ],
)
def test_a_value_of_another_shape_is_refused(key: str, value: dict[str, Any], where: str) -> None:
    with pytest.raises(RuleValueInvalid) as caught:
        checked_value(key, value)
    assert caught.value.data["where"] == where


@pytest.mark.parametrize("key", ["limit", "limit.province", "class.minor", "consent.more", "chess"])
def test_no_other_rule_exists(key: str) -> None:
    with pytest.raises(RuleUnknown):
        checked_value(key, {"amount": 3, "unit": "calendar_days"})


def test_dates_of_a_change() -> None:
    check_dates(DAY, DAY, DAY)
    with pytest.raises(RuleNotYet):
        check_dates(date(2026, 11, 24), DAY, DAY)
    with pytest.raises(RuleBeforeLast):
        check_dates(date(2026, 11, 22), DAY, DAY)
