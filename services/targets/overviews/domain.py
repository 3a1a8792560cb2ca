"""How reporting of a unit stands (填报情况). Pure.

>>> tally = Tally()
>>> tally.add(accepted=True, submitted=True, late=True)
>>> (tally.expected, tally.accepted, tally.missing, tally.late)
(1, 1, 0, 1)
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Tally:
    """Reports that were due (应报、已报、已审定、未报、逾期): what was given late counts as given too."""

    expected: int = 0
    submitted: int = 0
    accepted: int = 0
    missing: int = 0
    late: int = 0

    def add(self, *, accepted: bool, submitted: bool, late: bool) -> None:
        """One more report that was due."""
        self.expected += 1
        self.submitted += submitted
        self.accepted += accepted
        self.missing += not submitted
        self.late += late
