from __future__ import annotations

from services.targets.overviews.domain import Tally


def test_what_was_given_late_was_given() -> None:
    tally = Tally()
    tally.add(accepted=True, submitted=True, late=False)
    tally.add(accepted=False, submitted=True, late=True)
    tally.add(accepted=False, submitted=False, late=False)
    assert (tally.expected, tally.submitted, tally.accepted, tally.missing, tally.late) == (3, 2, 1, 1, 1)
