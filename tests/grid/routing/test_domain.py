"""Which unit is proposed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.grid.routing.domain import (
    Place,
    Rule,
    fits,
    in_force,
    proposals,
    relations_of,
    scopes_of,
    words,
)

A, B, C, D = (UUID(int=n) for n in range(1, 5))


def rule(area: str, lead: tuple[UUID, ...], day: date | None = None, *others: UUID) -> Rule:
    """A row of the duty list."""
    named = UUID(int=hash((area, lead, day)) & 0xFFFF)
    return Rule(named, "0503", area, lead, others, day, "", demonstration=False)


def test_the_most_specific_area_wins_then_the_latest_row() -> None:
    rows = [
        rule("310101", (A,)),
        rule("310101002", (B,), date(2020, 1, 1)),
        rule("310101002", (C,), date(2024, 1, 1), D, C),
    ]
    found = proposals(rows, frozenset({A, B, C, D}))
    assert [(p.unit_id, p.role) for p in found] == [(C, "lead"), (D, "cooperating")]
    assert [p.unit_id for p in proposals(rows, frozenset({A, B}))] == [B]
    assert [p.unit_id for p in proposals(rows, frozenset({A}))] == [A]
    assert proposals(rows, frozenset()) == []


def test_the_relation_wins_over_the_area_and_the_category_over_its_group() -> None:
    utility = replace(rule("3101", (A,)), relation="before_meter")
    owner = replace(rule("3101", (B,)), relation="after_meter")
    near, group = rule("310101002", (C,)), replace(rule("310101002", (D,)), category="05")
    rows, units = [group, near, owner, utility], frozenset({A, B, C, D})

    def first(*relations: str) -> UUID:
        place = Place("0503", "310101002", frozenset(relations))
        return proposals([row for row in rows if fits(row, place)], units)[0].unit_id

    assert (first("before_meter"), first("after_meter"), first(), first("managed")) == (A, B, C, C)
    assert proposals([group, replace(near, area="3101")], units)[0].unit_id == D
    assert proposals([group, near], units)[0].unit_id == C
    assert Place("0503", "310101").categories == ("0503", "05")
    assert words(owner, "表后") == "职责清单：类别 0503，区划 3101，位置关系“表后”；出处：未注明"


@pytest.mark.parametrize(
    ("inside", "mode", "said", "found"),
    [
        (None, None, None, set()),
        (False, None, "before_meter", {"outside_wall", "before_meter"}),
        (True, "housing_group", None, {"inside_wall", "managed"}),
        (None, "abandoned", None, {"abandoned"}),
        (None, "unmanaged", "unmanaged", {"unmanaged"}),
    ],
)
def test_what_follows_from_wall_and_estate(
    inside: bool | None, mode: str | None, said: str | None, found: set[str]
) -> None:
    assert relations_of(inside, mode, said) == found


def test_dates_and_areas() -> None:
    day = date(2026, 11, 23)
    assert in_force(None, None, day)
    assert in_force(day, day, day)
    assert not in_force(date(2026, 11, 24), None, day)
    assert not in_force(None, date(2026, 11, 22), day)
    assert scopes_of("310101002001001")[0] == "31"
    assert scopes_of("310101002001001")[-1] == "310101002001001"
