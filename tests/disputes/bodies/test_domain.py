"""Mediation bodies: which area, tier and committee; the whole city from two files."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest

from libs.common.areas import AreaCodeInvalid
from libs.common.ids import stable_id
from libs.common.loading import data_folder
from services.disputes.bodies.domain import (
    BodyKind,
    DatesInverted,
    KindUnfit,
    LevelUnfit,
    NoBodyThere,
    Tier,
    check_fields,
    is_default,
    served_area,
)
from services.disputes.bodies.sources import bodies, committee_area, read
from services.disputes.main import SERVICE
from tests.disputes.factories import CENTRE, COMMITTEE, NEIGHBOURHOOD, STUDIO, TOWN, body_fields

FOUND = bodies(read(data_folder(SERVICE)))


def test_every_area_of_the_city_has_its_body() -> None:
    assert Counter(each.tier for each in FOUND.values()) == {
        Tier.NEIGHBOURHOOD: 6509, Tier.TOWNSHIP: 234, Tier.DISTRICT: 16,
    }  # fmt: skip
    assert all(stable_id("body", each.code) == key for key, each in FOUND.items())
    assert all(is_default(each) and each.demonstration for each in FOUND.values())


def test_the_three_bodies_of_one_place() -> None:
    told = [(FOUND[key].name_zh, FOUND[key].committee_zh, FOUND[key].number_word)
            for key in (STUDIO, CENTRE, COMMITTEE)]  # fmt: skip
    assert told == [
        ("源园居委会物业纠纷调解工作室", "源园居委会人民调解委员会", "曹杨新村街道源园居委会人调"),
        ("曹杨新村街道物业纠纷调解联合中心", "曹杨新村街道人民调解委员会", "曹杨新村街道人调"),
        ("普陀区物业纠纷调解委员会", "普陀区物业纠纷人民调解委员会", "普陀区物调"),
    ]
    assert FOUND[CENTRE].name_en == "Joint Centre for Property Disputes, 曹杨新村街道 (Putuo)"


def test_no_two_committees_share_a_word() -> None:
    words: dict[str, str] = {}
    for each in FOUND.values():
        assert words.setdefault(each.number_word, each.committee_code) == each.committee_code


@pytest.mark.parametrize(
    ("area", "home"),
    [
        (NEIGHBOURHOOD, NEIGHBOURHOOD),
        ("310104501498", "310104501"),  # 虚拟社区: no residents' committee of its own
        (TOWN, TOWN),
        ("310107", "310107"),
    ],
)
def test_whose_committee_a_body_uses(area: str, home: str) -> None:
    assert committee_area(area) == home
    kind = {12: "studio", 9: "centre", 6: "committee"}[len(area)]
    assert FOUND[stable_id("body", f"{area}.{kind}")].committee_code == f"{home}.people-mediation"


@pytest.mark.parametrize(
    ("tier", "overrides", "refusal"),
    [
        (Tier.NEIGHBOURHOOD, {}, None),
        (Tier.TOWNSHIP, {"kind": BodyKind.SOCIAL_ORG}, None),
        (Tier.DISTRICT, {"kind": BodyKind.PEOPLE_MEDIATION}, None),
        (Tier.TOWNSHIP, {"kind": BodyKind.STUDIO}, KindUnfit),
        (Tier.TOWNSHIP, {"area": NEIGHBOURHOOD}, LevelUnfit),
        (Tier.TOWNSHIP, {"area": "3101070051"}, AreaCodeInvalid),
        (Tier.TOWNSHIP, {"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}, DatesInverted),
    ],
)
def test_what_a_body_may_be(tier: Tier, overrides: dict[str, Any], refusal: type[Exception] | None) -> None:
    fields = body_fields(tier, **overrides)
    if refusal is None:
        check_fields(fields)
        return
    with pytest.raises(refusal):
        check_fields(fields)


@pytest.mark.parametrize(
    ("area", "tier", "served"),
    [
        (f"{NEIGHBOURHOOD}003", Tier.NEIGHBOURHOOD, NEIGHBOURHOOD),
        (NEIGHBOURHOOD, Tier.TOWNSHIP, TOWN),
        (TOWN, Tier.DISTRICT, "310107"),
        (TOWN, Tier.NEIGHBOURHOOD, None),
    ],
)
def test_whose_area_a_place_lies_in(area: str, tier: Tier, served: str | None) -> None:
    if served is None:
        with pytest.raises(NoBodyThere):
            served_area(area, tier)
    else:
        assert served_area(area, tier) == served
