"""Who still owes an answer, and when a case that several have can be checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import permutations, product
from uuid import UUID

import pytest

from services.grid.dispatches.domain import complete, outstanding
from services.grid.joints.domain import (
    PartLimitWrong,
    Partner,
    PartnersWrong,
    check_limit,
    check_partners,
    first_return,
)

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
A, B = UUID(int=1), UUID(int=2)


@dataclass
class Part:
    lead: bool
    answered_at: datetime | None = None
    returned_at: datetime | None = None
    ended_at: datetime | None = None


OPEN: dict[str, datetime] = {}
ANSWERED, RETURNING, GONE = {"answered_at": NOW}, {"returned_at": NOW}, {"ended_at": NOW}


@pytest.mark.parametrize("beside", list(product((OPEN, ANSWERED, RETURNING, GONE), repeat=2)))
@pytest.mark.parametrize("lead", [OPEN, ANSWERED, GONE])
def test_it_is_complete_when_the_lead_and_all_that_have_it_answered(
    lead: dict[str, datetime], beside: tuple[dict[str, datetime], ...]
) -> None:
    held = [Part(True, **lead), *(Part(False, **each) for each in beside)]
    owing = any(each in (OPEN, RETURNING) for each in (lead, *beside))
    for order in permutations(held):
        assert outstanding(order) == owing
        assert complete(order) == (lead == ANSWERED and not owing)


def test_a_squad_alone_is_complete_by_its_answer_and_nobody_never() -> None:
    assert complete([Part(True, NOW)])
    assert not complete([Part(True)])
    assert not complete([])


def test_the_oldest_return_that_waits_counts() -> None:
    later = NOW + timedelta(hours=1)
    rows = [Part(False, returned_at=later), Part(False, returned_at=NOW, ended_at=later), Part(False)]
    assert first_return(rows) == later
    assert first_return([Part(False)]) is None


@pytest.mark.parametrize(("lead", "units", "good"), [
    (A, (B,), True), (None, (A, B), True), (A, (A,), False), (None, (B, B), False),
])  # fmt: skip
def test_each_unit_takes_part_once(lead: UUID | None, units: tuple[UUID, ...], good: bool) -> None:
    partners = [Partner(unit) for unit in units]
    if good:
        check_partners(lead, partners)
        return
    with pytest.raises(PartnersWrong):
        check_partners(lead, partners)


@pytest.mark.parametrize(("hours", "good"), [(None, True), (1, True), (8, True), (9, False), (0, False)])
def test_an_own_limit_lies_ahead_and_within_the_cases(hours: int | None, good: bool) -> None:
    due_at = None if hours is None else NOW + timedelta(hours=hours)
    if good:
        check_limit(due_at, NOW + timedelta(hours=8), NOW)
        return
    with pytest.raises(PartLimitWrong):
        check_limit(due_at, NOW + timedelta(hours=8), NOW)
