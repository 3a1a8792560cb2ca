"""The rota as values: spans, posts that take one person, the nearest on duty, gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from libs.common.areas import AreaCodeInvalid
from libs.common.errors import DomainError
from services.grid.rosters.domain import (
    LONGEST,
    RoleNotRostered,
    TurnFields,
    TurnSpanInvalid,
    TurnTaken,
    check_apart,
    check_turn,
    gaps,
    nearest,
    week_of,
)
from services.grid.watches.domain import Watch

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MANY, ONE = Watch(zh="网格员", en="Inspector"), Watch(zh="值班长", en="Duty chief", several=False)
TURN = TurnFields(
    "li", "李四", None, "inspector", "310101002", NOON, NOON + 8 * HOUR, None, "值班表"
)  # fmt: skip


def turn(begin: int, end: int, **changes: Any) -> TurnFields:
    return replace(TURN, starts_at=NOON + begin * HOUR, ends_at=NOON + end * HOUR, **changes)


@pytest.mark.parametrize(
    "fields, error",
    [
        (turn(0, 8), None),
        (turn(0, LONGEST // HOUR), None),
        (turn(0, LONGEST // HOUR + 1), TurnSpanInvalid),
        (turn(0, 0), TurnSpanInvalid),
        (turn(0, 8, role="mediator"), RoleNotRostered),
        (turn(0, 8, area="310101000"), AreaCodeInvalid),
    ],
)
def test_what_a_turn_may_be(fields: TurnFields, error: type[DomainError] | None) -> None:
    if error is None:
        return check_turn(fields, {"inspector": MANY})
    with pytest.raises(error):
        check_turn(fields, {"inspector": MANY})
    return None


@pytest.mark.parametrize(
    "other, watch, taken",
    [
        (turn(4, 12, person="wang"), MANY, False),
        (turn(4, 12, person="wang"), ONE, True),
        (turn(8, 16, person="wang"), ONE, False),
        (turn(-8, 0, person="wang"), ONE, False),
        (turn(4, 12), MANY, True),
        (turn(4, 12, person="wang", area="310101003"), ONE, False),
        (turn(4, 12, person="wang", role="leader"), ONE, False),
    ],
)
def test_who_may_stand_beside_whom(other: TurnFields, watch: Watch, taken: bool) -> None:
    if not taken:
        return check_apart(turn(0, 8), [other], watch)
    with pytest.raises(TurnTaken):
        check_apart(turn(0, 8), [other], watch)
    return None


def test_the_nearest_area_that_has_somebody() -> None:
    district, town = turn(0, 8, area="310101", person="a"), turn(0, 8, person="b")
    chief = turn(0, 8, area="310101", role="duty_chief", person="c")
    assert nearest([district, town, chief], "inspector") == [town]
    assert nearest([district, town, chief], "duty_chief") == [chief]
    assert nearest([district, town, chief], "leader") == []


def test_gaps_of_a_week() -> None:
    begin, end = week_of(date(2026, 11, 23))
    assert (begin, end - begin) == (datetime(2026, 11, 22, 16, tzinfo=UTC), timedelta(days=7))
    assert gaps([], begin, end) == [(begin, end)]
    whole = replace(TURN, starts_at=begin - HOUR, ends_at=end)
    assert gaps([whole], begin, end) == []
    first = replace(TURN, starts_at=begin + HOUR, ends_at=begin + 5 * HOUR)
    inside = replace(TURN, starts_at=begin + 2 * HOUR, ends_at=begin + 3 * HOUR)
    last = replace(TURN, starts_at=end - HOUR, ends_at=end + HOUR)
    found = gaps([last, inside, first], begin, end)
    assert found == [(begin, begin + HOUR), (begin + 5 * HOUR, end - HOUR)]
