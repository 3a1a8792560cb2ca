"""What an answer says, and whether it came on time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from libs.common.clocks import is_overdue


@dataclass(frozen=True)
class Answer:
    """The feedback on a case (处置反馈). `submitted_at`: when it left, UTC."""

    outcome: str
    summary: str
    photos: tuple[str, ...]
    submitted_at: datetime


def came_on_time(submitted_at: datetime, due_at: datetime, suspended_at: datetime | None) -> bool:
    """Whether the feedback was submitted by the deadline; while suspended the clock stands still."""
    return not is_overdue(min(submitted_at, suspended_at or submitted_at), due_at)
