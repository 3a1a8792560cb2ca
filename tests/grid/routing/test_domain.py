"""Which unit is proposed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from services.grid.routing.domain import Rule, in_force, proposals, scopes_of

A, B, C, D = (UUID(int=n) for n in range(1, 5))


def rule(area: str, lead: tuple[UUID, ...], day: date | None = None, *others: UUID) -> Rule:
    """A row of the duty list."""
    return Rule(UUID(int=hash((area, lead, day)) & 0xFFFF), area, lead, others, day, "", demonstration=False)


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


def test_dates_and_areas() -> None:
    day = date(2026, 11, 23)
    assert in_force(None, None, day)
    assert in_force(day, day, day)
    assert not in_force(date(2026, 11, 24), None, day)
    assert not in_force(None, date(2026, 11, 22), day)
    assert scopes_of("310101002001001")[0] == "31"
    assert scopes_of("310101002001001")[-1] == "310101002001001"
