"""What nodes cover, how the demonstration ones are made, what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from libs.common.errors import DomainError
from services.grid.nodes.domain import (
    AreaNamed,
    Cover,
    CoverOutside,
    CoverTaken,
    Making,
    NodeDatesInverted,
    NodeFields,
    check_fields,
    check_not_taken,
    demonstration_nodes,
)

FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)
MAKING = Making(valid_from=FIRST, neighbourhoods_per_workstation=2, source="assumption")
STATION = NodeFields("W1", "工作站", "workstation", "310101002", (Cover("310101002001", FIRST),))


@pytest.mark.parametrize(
    ("one", "other", "meets"),
    [
        (Cover("310101", FIRST), Cover("310101", LAST), True),
        (Cover("310101", FIRST, LAST), Cover("310101", LAST), True),
        (Cover("310101", FIRST, LAST), Cover("310101", date(2026, 7, 1)), False),
        (Cover("310101", date(2026, 7, 1)), Cover("310101", FIRST, LAST), False),
        (Cover("310101", FIRST), Cover("310106", FIRST), False),
    ],
)
def test_covers_meet_on_a_common_day(one: Cover, other: Cover, meets: bool) -> None:
    assert one.meets(other) is meets


def test_a_node_per_area_and_workstations_between() -> None:
    areas = [AreaNamed("31", "上海市", "province"), AreaNamed("310101", "黄浦区", "district")]
    areas += [AreaNamed("310101002", "南京东路街道", "township")]
    areas += [AreaNamed(f"31010100200{n}", f"第{n}居委会", "neighbourhood") for n in (1, 2, 3)]
    made = {fields.code: fields for fields in demonstration_nodes(areas, MAKING)}
    assert sorted(made) == [
        "D310101",
        "P310101002001",
        "P310101002002",
        "P310101002003",
        "S310101002",
        "W310101002-1",
        "W310101002-2",
    ]
    second = made["W310101002-2"]
    assert (second.name, second.area, second.covers, second.demonstration) == (
        "南京东路街道第2社区工作站(演示)", "310101002", (Cover("310101002003", FIRST),), True,
    )  # fmt: skip
    for fields in made.values():
        check_fields(fields)


@pytest.mark.parametrize(
    ("changes", "refusal", "pointer"),
    [
        ({"covers": (Cover("310106001", FIRST),)}, CoverOutside, "/covers/0/area"),
        ({"covers": (Cover("310101002001", LAST, FIRST),)}, NodeDatesInverted, "/covers/0/valid_to"),
        ({"covers": STATION.covers * 2}, CoverTaken, "/covers/1"),
        ({"valid_from": LAST, "valid_to": FIRST}, NodeDatesInverted, "/valid_to"),
    ],
)
def test_what_no_node_can_be(changes: dict[str, Any], refusal: type[DomainError], pointer: str) -> None:
    with pytest.raises(refusal) as caught:
        check_fields(replace(STATION, **changes))
    assert caught.value.pointer == pointer


def test_what_another_node_covers_is_not_covered_twice() -> None:
    held = [("另一工作站", Cover("310101002001", FIRST, LAST))]
    with pytest.raises(CoverTaken):
        check_not_taken(STATION.covers, held, "/covers")
    check_not_taken([Cover("310101002001", date(2026, 7, 1))], held, "/covers")
