"""What a repair order asks of its unit: arrival before the end, in plausible times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from libs.common.errors import DomainError
from services.tasks.repairs.domain import came_late, check_arrival, finish_of, order_in

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ORDERED = NOW - timedelta(hours=1)
SOON = timedelta(minutes=1)


def test_the_order_is_read_from_the_handover() -> None:
    told = {"repair": {"urgency": "ordinary", "arrive_due_at": NOW.isoformat()}}
    order = order_in(told)
    assert order is not None
    assert (order.urgency, order.arrive_due_at) == ("ordinary", NOW)
    assert order_in({"round": 1}) is None


@pytest.mark.parametrize(
    ("repair", "former", "given", "code"),
    [
        ("urgent", None, NOW, None),
        ("urgent", None, ORDERED, None),
        ("urgent", None, ORDERED - SOON, "task-repair-time"),
        ("urgent", None, NOW + SOON, "task-repair-time"),
        ("urgent", ORDERED, NOW, "task-arrived-already"),
        (None, None, NOW, "task-no-repair-order"),
    ],
)
def test_arrival(repair: str | None, former: datetime | None, given: datetime, code: str | None) -> None:
    if code is None:
        check_arrival(repair, former, given, ORDERED, NOW)
        return
    with pytest.raises(DomainError) as refused:
        check_arrival(repair, former, given, ORDERED, NOW)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("repair", "arrived", "given", "expected"),
    [
        ("urgent", ORDERED, None, NOW),
        ("urgent", ORDERED, NOW - SOON, NOW - SOON),
        (None, None, None, None),
        ("urgent", None, None, "task-not-arrived"),
        ("urgent", NOW - SOON, ORDERED, "task-repair-time"),
        ("urgent", ORDERED, NOW + SOON, "task-repair-time"),
        (None, None, NOW, "task-no-repair-order"),
    ],
)
def test_the_end(
    repair: str | None, arrived: datetime | None, given: datetime | None, expected: datetime | str | None
) -> None:
    if not isinstance(expected, str):
        assert finish_of(repair, arrived, given, NOW) == expected
        return
    with pytest.raises(DomainError) as refused:
        finish_of(repair, arrived, given, NOW)
    assert refused.value.code == expected


def test_the_last_instant_is_still_in_time() -> None:
    assert not came_late(NOW, NOW)
    assert came_late(NOW, NOW + timedelta(microseconds=1))
    assert not came_late(None, NOW)
