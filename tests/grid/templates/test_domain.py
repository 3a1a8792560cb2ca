"""What a template may say, without a database."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from libs.common.errors import DomainError
from libs.common.loading import data_folder
from services.grid.main import SERVICE
from services.grid.notices.domain import OCCASIONS, WORDS
from services.grid.templates.domain import (
    PLACEHOLDERS,
    Audience,
    Channel,
    Occasion,
    Wording,
    check_wording,
    parts_of,
    placeholders_of,
    render,
    samples,
)

SHIPPED = yaml.safe_load((Path(data_folder(SERVICE)) / "templates.yaml").read_text("utf-8"))["templates"]


@pytest.mark.parametrize(
    ("occasion", "audience", "channel", "wording", "code"),
    [
        ("closed", "reporter", "sms", Wording(None, "结果{link}"), None),
        ("closed", "inspector", "sms", Wording(None, "结果{link}"), "placeholder-unknown"),
        ("closed", "reporter", "sms", Wording(None, "电话{phone}"), "placeholder-unknown"),
        ("closed", "reporter", "sms", Wording("{x}", "好"), "placeholder-unknown"),
        ("patrol_due", "inspector", "in_app", Wording(None, "{patrol}{until}"), None),
        ("patrol_due", "inspector", "in_app", Wording(None, "{number}"), "placeholder-unknown"),
        ("digest", "dispatcher", "sms", Wording(None, "{count}{items}"), None),
        ("digest", "dispatcher", "sms", Wording(None, "{count}{number}"), "placeholder-unknown"),
        ("closed", "reporter", "sms", Wording(None, "结果{"), "braces-unpaired"),
        ("closed", "reporter", "sms", Wording(None, "{{number}}"), "braces-unpaired"),
        ("closed", "reporter", "sms", Wording(None, "字" * 301), "template-too-long"),
        ("closed", "reporter", "wechat", Wording(None, "字" * 301), None),
        ("overdue", "dispatcher", "email", Wording(None, "超时"), "subject-missing"),
    ],
)
def test_what_may_be_said(
    occasion: str, audience: str, channel: str, wording: Wording, code: str | None
) -> None:
    found = None
    try:
        check_wording(Occasion(occasion), Audience(audience), Channel(channel), wording)
    except DomainError as error:
        found = error.code
    assert found == code


def test_every_name_stands_for_something_somewhere() -> None:
    usable = {name for o in Occasion for a in Audience for name in placeholders_of(o, a)}
    assert usable == set(PLACEHOLDERS)


def test_what_is_not_known_yet_stays_open() -> None:
    assert render("{number}：{link}", {"number": "G1"}) == "G1：{link}"


@pytest.mark.parametrize(("length", "parts"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_parts_of_a_text_message(length: int, parts: int) -> None:
    assert parts_of("字" * length) == parts


@pytest.mark.parametrize(
    "told", SHIPPED, ids=lambda told: f"{told['occasion']}-{told['audience']}-{told['channel']}"
)
def test_what_is_shipped_can_be_said_and_is_short(told: dict[str, str]) -> None:
    occasion, audience, channel = (
        Occasion(told["occasion"]),
        Audience(told["audience"]),
        Channel(told["channel"]),
    )
    check_wording(occasion, audience, channel, Wording(told.get("subject"), told["body"]))
    assert "{" not in render(told["body"], samples())
    if channel is Channel.SMS:
        assert parts_of(render(told["body"], samples())) <= 2


def test_every_fact_that_is_told_has_words() -> None:
    shipped = {(told["occasion"], told["audience"]) for told in SHIPPED if told.get("enabled", True)}
    assert {pair for pairs in OCCASIONS.values() for pair in pairs} <= shipped
    assert set(WORDS) == set(Occasion)
