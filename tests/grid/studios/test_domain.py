"""When a studio is open, and what its hours and days may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from services.grid.studios.domain import (
    Hours,
    HoursInvalid,
    NoNeighbourhood,
    StudioDatesInverted,
    StudioFields,
    StudioTaken,
    VisitTimeImplausible,
    check_alone,
    check_fields,
    check_hours,
    check_visit,
    in_hours,
)

MORNING, AFTERNOON = Hours(1, time(9), time(11)), Hours(1, time(14), time(16))
FIELDS = StudioFields(
    "310101002001",
    None,
    "工作室",
    "专管员",
    "021-63210000",
    "一楼",
    (MORNING,),
    date(2026, 11, 1),
    None,
    "表",
)


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    """A local time of November 2026, a Monday unless said otherwise, as UTC."""
    return datetime(2026, 11, day, hour - 8, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("begins", "found"),
    [(at(9), True), (at(10, 59), True), (at(11), False), (at(8, 59), False), (at(9, day=24), False)],
)
def test_open_from_the_first_minute_to_before_the_last(begins: datetime, found: bool) -> None:
    assert in_hours(begins, (AFTERNOON, MORNING)) is found


@pytest.mark.parametrize(
    "hours",
    [
        (),
        (Hours(1, time(11), time(9)),),
        (Hours(1, time(9), time(9)),),
        (AFTERNOON, MORNING, Hours(1, time(10), time(12))),
    ],
)
def test_hours_that_are_none(hours: tuple[Hours, ...]) -> None:
    with pytest.raises(HoursInvalid):
        check_hours(hours)


def test_hours_may_follow_each_other_at_once() -> None:
    check_hours((MORNING, Hours(1, time(11), time(12)), Hours(2, time(9), time(11))))


def test_a_studio_is_for_a_neighbourhood_and_for_days_in_order() -> None:
    check_fields(FIELDS)
    with pytest.raises(NoNeighbourhood):
        check_fields(replace(FIELDS, area="310101002"))
    with pytest.raises(StudioDatesInverted):
        check_fields(replace(FIELDS, valid_to=date(2026, 10, 31)))


def there(first: int, last: int | None) -> Any:
    """Another studio there between days of November."""
    end = None if last is None else date(2026, 11, last)
    return SimpleNamespace(id=UUID(int=1), name="另一间", valid_from=date(2026, 11, first), valid_to=end)


def test_one_at_a_time() -> None:
    until = replace(FIELDS, valid_from=date(2026, 11, 10), valid_to=date(2026, 11, 20))
    check_alone(until, None, [there(1, 9), there(21, None)])
    check_alone(until, UUID(int=1), [there(1, None)])
    for other in (there(1, 10), there(20, None), there(1, None)):
        with pytest.raises(StudioTaken):
            check_alone(until, None, [other])
    with pytest.raises(StudioTaken):
        check_alone(FIELDS, None, [there(25, None)])


@pytest.mark.parametrize(
    "span", [(at(9), at(9)), (at(10), at(9)), (at(9), at(12, 1)), (at(9, day=9), at(10, day=9))]
)
def test_a_visit_is_over_and_was_while_the_studio_was_there(span: tuple[datetime, datetime]) -> None:
    check_visit(there(10, 23), (at(9), at(12)), at(12))
    with pytest.raises(VisitTimeImplausible):
        check_visit(there(10, 23), span, at(12))
