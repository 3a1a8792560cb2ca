"""Who takes over, as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.grid.shifts.domain import (
    Cover,
    Held,
    How,
    Leaving,
    NextNotOnDuty,
    Part,
    Posted,
    check_named,
    cover,
)

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CASE = UUID(int=1)
GRID, NEXT_GRID, TOWN = "310101002001", "310101002002", "310101002"


def on(person: str, area: str = GRID, hours: int = 1, role: str = "inspector") -> Posted:
    return Posted(person, role, area, NOW - timedelta(hours=hours))


ALL = (on("named"), on("stand-in"), on("late"), on("early", hours=5), on("far", TOWN, hours=9))


@pytest.mark.parametrize(
    ("leaving", "barred", "expected"),
    [
        (Leaving("li", "named", "stand-in", ALL), (), Cover("named", How.NAMED)),
        (Leaving("li", "named", "stand-in", ALL), ("named",), Cover("stand-in", How.SUBSTITUTE)),
        (Leaving("li", "gone", "stand-in", ALL), (), Cover("stand-in", How.SUBSTITUTE)),
        (Leaving("li", None, "gone", ALL), (), Cover("early", How.ON_DUTY)),
        (Leaving("li", None, None, (on("far", TOWN, 9), on("late"))), (), Cover("late", How.ON_DUTY)),
        (Leaving("li", None, None, (on("far", TOWN),)), (), Cover("far", How.ON_DUTY)),
        (Leaving("li", None, None, (on("li"),)), (), Cover(None, How.NOBODY)),
        (Leaving("li", None, None, (on("beside", NEXT_GRID),)), (), Cover(None, How.NOBODY)),
        (Leaving("li", None, None, (on("chief", role="duty_chief"),)), (), Cover(None, How.NOBODY)),
        (Leaving("li", None, None, (on("late"),)), ("late",), Cover(None, How.NOBODY)),
    ],
)
def test_who_takes_over(leaving: Leaving, barred: tuple[str, ...], expected: Cover) -> None:
    assert cover(Held(CASE, f"{GRID}004", Part.CHECKING, frozenset(barred)), leaving) == expected


def test_who_is_named_must_be_there() -> None:
    check_named(Leaving("li", "named", None, ALL), GRID)
    check_named(Leaving("li", None, None, ()), GRID)
    for named in ("gone", "li"):
        with pytest.raises(NextNotOnDuty):
            check_named(Leaving("li", named, None, (*ALL, on("li"))), GRID)
