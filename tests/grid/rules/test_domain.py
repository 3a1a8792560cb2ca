"""Rules as typed values: what each may be, and that they fit together."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml

from libs.common.clocks import Limit, TimeUnit
from libs.common.loading import data_folder
from libs.common.policy import Role
from libs.common.rules.domain import (
    RuleBeforeLast,
    RuleFile,
    RuleNotYet,
    RuleUnknown,
    RuleValueInvalid,
    check_dates,
)
from services.grid.lifecycle.domain import STAGES
from services.grid.main import SERVICE
from services.grid.rules.domain import (
    ChannelUnknown,
    LevelUnknown,
    Rules,
    check_together,
    checked_value,
    rules_of,
)

FILE = RuleFile.model_validate(yaml.safe_load((data_folder(SERVICE) / "rules.yaml").read_text("utf-8")))
DAY = date(2026, 11, 23)


def loaded(**changed: dict[str, Any]) -> Rules:
    """The rules of the file, some of them changed."""
    values = {row.key: row.value for row in FILE.rules} | {
        key.replace("__", "."): value for key, value in changed.items()
    }
    return rules_of((key, checked_value(key, value)) for key, value in values.items())


def test_the_file_fits_together_and_names_a_source_for_each() -> None:
    rules = loaded()
    check_together(rules)
    assert all(row.source for row in FILE.rules)
    assert len({row.key for row in FILE.rules}) == len(FILE.rules)
    assert set(STAGES.values()) <= set(rules.stages), "each step of the grid has its limit"
    assert rules.report.oldest == date(2000, 1, 1)


def test_four_levels_and_four_loops() -> None:
    rules = loaded()
    ranked = sorted(rules.levels.values(), key=lambda level: level.rank)
    assert [level.loop for level in ranked] == ["self", "micro", "small", "big"]
    assert rules.level_and_loop("district") == ("district", "big")


def test_public_and_sensor_reports_are_verified_first_inspectors_and_leaders_are_not() -> None:
    rules = loaded()
    verified = {code for code, channel in rules.channels.items() if channel.verify}
    assert {"public", "sensor", "12345", "962121"} <= verified
    assert not {"inspector", "leader"} & verified


def test_every_channel_is_known_by_what_it_needs() -> None:
    rules = loaded()
    assert {"petition", "mailbox", "web", "wechat", "app", "video", "sensor", "lift", "smoke", "transfer",
            "inspection", "list"} <= set(rules.channels)  # fmt: skip
    machines = {code for code, channel in rules.channels.items() if channel.roles == (Role.SYSTEM,)}
    machines -= {"removal"}  # the service's own sweep, which takes nothing twice
    assert machines == {"sensor", "video", "lift", "smoke"}
    assert machines | {"12345", "962121", "petition"} == set(rules.sources.numbered)
    assert not {"inspection", "list", "transfer"} & {c for c, row in rules.channels.items() if row.verify}
    assert rules.interim("petition") == Limit(60, TimeUnit.CALENDAR_DAYS)
    assert [str(rules.limit(name)) for name in ("complex", "redo", "return")] == [
        "15个工作日", "3个工作日", "1个工作日",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"sources": {"numbered": ["pigeon"]}}, "numbered"),
        ({"repairing": {"default": "whenever"}}, "classes"),
        ({"reporting": {"levels": ["moon"], "receipt_minutes": 30}}, "levels"),
        ({"mapping__12345": {"channel": "pigeon"}}, "channel"),
        ({"mapping__12345": {"channel": "12345", "kinds": {"表扬": "praise"}}}, "kinds"),
    ],
)
def test_what_a_rule_names_is_there(changed: dict[str, Any], where: str) -> None:
    with pytest.raises(RuleValueInvalid) as refused:
        check_together(loaded(**changed))
    assert refused.value.pointer == f"/value/{where}"


def test_what_is_not_there() -> None:
    rules = loaded()
    with pytest.raises(ChannelUnknown):
        rules.channel("pigeon")
    with pytest.raises(LevelUnknown):
        rules.level("moon")
    with pytest.raises(RuleUnknown):
        checked_value("moon.phase", {})
    assert rules.stage("accept") == Limit(1, TimeUnit.NATURAL_HOURS)
    assert rules.interim("12345") == Limit(5, TimeUnit.WORKING_DAYS)
    assert rules.interim("inspector") is None


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("stage.accept", {"amount": 0, "unit": "natural_hours"}, "amount"),
        ("stage.accept", {"amount": -1, "unit": "natural_hours"}, "amount"),
        ("stage.accept", {"amount": 10_001, "unit": "natural_hours"}, "amount"),
        ("stage.accept", {"amount": 1, "unit": "moons"}, "unit"),
        ("stage.accept", {"amount": 1}, "unit"),
        ("interim.12345", {"amount": 0, "unit": "working_days"}, "amount"),
        ("claim", {"minutes": 0}, "minutes"),
        ("claim", {"minutes": 1.5}, "minutes"),
        ("claim", {"minutes": 30, "seconds": 1}, "seconds"),
        ("extension", {"most": 10}, "most"),
        ("suspension", {"most": 1, "days": 0}, "days"),
        ("duplicate", {"metres": 1001, "hours": 24}, "metres"),
        ("report", {"oldest": "1999-12-31", "ahead_minutes": 10}, "oldest"),
        ("report", {"oldest": "2000-01-01", "ahead_minutes": 1441}, "ahead_minutes"),
        ("channel.12345", {"zh": "热线", "en": "Hotline", "verify": True, "photos": False, "roles": ["king"]},
         "roles/0"),
        ("routing", {}, "self_handled"),
    ],
)  # fmt: skip
def test_what_a_rule_cannot_be(key: str, value: dict[str, Any], where: str) -> None:
    with pytest.raises(RuleValueInvalid) as refused:
        checked_value(key, value)
    assert refused.value.pointer == f"/value/{where}"


def test_routing_names_levels_that_exist() -> None:
    levels = {"self_handled": "information_point", "squad": "workstation", "subdistrict_unit": "subdistrict"}
    with pytest.raises(RuleValueInvalid) as refused:
        check_together(loaded(routing={**levels, "district_unit": "moon"}))
    assert refused.value.pointer == "/value/district_unit"


def test_a_rule_counts_from_a_day_that_has_come_and_is_not_before_the_last() -> None:
    check_dates(DAY, date(2026, 1, 1), DAY)
    check_dates(DAY, DAY, DAY)
    with pytest.raises(RuleNotYet):
        check_dates(date(2026, 11, 24), date(2026, 1, 1), DAY)
    with pytest.raises(RuleBeforeLast):
        check_dates(date(2025, 12, 31), date(2026, 1, 1), DAY)
