"""When a removal is due, late, a case; what a point's agreement may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from services.grid.removals.domain import (
    LIFE,
    PointDatesInverted,
    PointEnded,
    PointFields,
    RemovalKindUnknown,
    RemovedTimeImplausible,
    ScheduleInvalid,
    WantedTooEarly,
    agreed_due,
    case_due,
    check_in_use,
    check_point,
    check_removed,
    is_late,
    ordered_due,
)
from services.grid.rules.domain import Removable
from tests.support.lifecycles import check_machine

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DEBRIS = Removable(zh="装修垃圾", en="Debris", category="0305", within_hours=48, case_after_hours=24)
KINDS = {"decoration": DEBRIS}
FIELDS = PointFields(
    UUID(int=1), "decoration", "北门", (2, 5), time(10), "清运公司", date(2026, 11, 1), None, "协议"
)


def test_every_state_and_action() -> None:
    check_machine(LIFE)


def test_the_agreed_time_is_local_and_still_on_time() -> None:
    due = agreed_due(date(2026, 11, 24), time(10, 30))
    assert due == datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
    assert (is_late(due, due), is_late(due + SECOND, due)) == (False, True)


@pytest.mark.parametrize(
    ("wanted", "due"),
    [
        (None, NOW + timedelta(hours=48)),
        (date(2026, 11, 23), NOW + timedelta(hours=48)),
        (date(2026, 11, 25), datetime(2026, 11, 26, 16, tzinfo=UTC)),
    ],
)
def test_an_order_runs_from_now_or_from_the_wanted_day(wanted: date | None, due: datetime) -> None:
    assert ordered_due(NOW, wanted, DEBRIS) == due


@pytest.mark.parametrize("wanted", [date(2026, 11, 22), date(2026, 12, 25)])
def test_an_order_for_the_past_or_for_the_far_future(wanted: date) -> None:
    with pytest.raises(WantedTooEarly):
        ordered_due(NOW, wanted, DEBRIS)


def test_what_is_overdue_becomes_a_case_by_the_rule_alone() -> None:
    never = DEBRIS.model_copy(update={"case_after_hours": None})
    assert case_due(NOW, DEBRIS) == NOW + timedelta(hours=24)
    assert (case_due(NOW, never), case_due(NOW, None)) == (None, None)


def test_agreements_that_are_none() -> None:
    check_point(FIELDS, KINDS)
    check_point(replace(FIELDS, weekdays=(), by_time=None), KINDS)
    for wrong in ({"by_time": None}, {"weekdays": ()}, {"weekdays": (2, 2)}):
        with pytest.raises(ScheduleInvalid):
            check_point(replace(FIELDS, **wrong), KINDS)
    with pytest.raises(RemovalKindUnknown):
        check_point(replace(FIELDS, kind="gold"), KINDS)
    with pytest.raises(PointDatesInverted):
        check_point(replace(FIELDS, valid_to=date(2026, 10, 31)), KINDS)


def test_a_point_is_used_between_its_days() -> None:
    check_in_use(date(2026, 11, 1), date(2026, 11, 30), date(2026, 11, 30))
    for day in (date(2026, 10, 31), date(2026, 12, 1)):
        with pytest.raises(PointEnded):
            check_in_use(date(2026, 11, 1), date(2026, 11, 30), day)


def test_it_was_taken_away_in_its_time_and_not_in_the_future() -> None:
    check_removed(NOW, NOW, NOW)
    for at in (NOW - SECOND, NOW + SECOND):
        with pytest.raises(RemovedTimeImplausible):
            check_removed(at, NOW, NOW)
