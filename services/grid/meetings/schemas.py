"""Shapes of meetings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Moment, Read, Write
from libs.common.text import Masked, Text
from services.grid.meetings.domain import Attendee, Decision, MeetingOutcome

Head = Annotated[int, Field(strict=True, ge=0, le=1000)]


class HoldMeeting(Write):
    """What the meeting decided. 居民联席会议"""

    held_at: Moment = Field(examples=["2026-11-22T19:00:00+08:00"])
    attendees: list[Attendee] = Field(min_length=1, max_length=6, examples=[["residents_committee"]])
    present: Head = Field(examples=[12], description="到会人数")
    votes_for: Head = Field(examples=[10], description="赞成")
    votes_against: Head = Field(examples=[1], description="反对")
    outcome: MeetingOutcome
    decision: Text = Field(examples=["由楼组长组织居民三日内自行清理"])

    def decided(self) -> Decision:
        """The same in plain values."""
        votes = (self.present, self.votes_for, self.votes_against)
        return Decision(tuple(dict.fromkeys(self.attendees)), *votes, self.outcome, self.decision)


class MeetingRead(Read):
    """A joint meeting on a case. 居民联席会议"""

    id: UUID
    round: int
    attendees: list[Attendee]
    present: int
    votes_for: int
    votes_against: int
    outcome: MeetingOutcome
    decision: Masked
    held_at: datetime
    recorded_at: datetime
    recorded_by: str


class MeetingList(Read):
    """Every meeting on a case. 居民联席会议"""

    items: list[MeetingRead]
