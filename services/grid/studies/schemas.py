"""Shapes of joint studies."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Moment, Read, Write
from libs.common.text import Masked, Text
from services.grid.dossiers.domain import CaseItem
from services.grid.studies.domain import Decision, StudyOutcome

UNITS = ["0199f0c1-11aa-7c3a-9b1f-2f6f0a9f7e21", "0199f0c1-11aa-7c3a-9b1f-2f6f0a9f7e22"]


class CallStudy(Write):
    """Who is to study what. 提请会商"""

    participant_ids: list[UUID] = Field(min_length=2, max_length=20, description="参加单位", examples=[UNITS])
    question: Text = Field(examples=["楼道堆物在表后还是公共部位，双方均称非本单位职责"])


class DecideStudy(Write):
    """What was decided. 会商结论"""

    outcome: StudyOutcome = Field(examples=["not_ours"])
    unit_ids: list[UUID] = Field(
        default_factory=list, max_length=20, description="The first one leads (承办单位，首个为牵头)"
    )
    record: Text = Field(examples=["经会商，不属本街道职责，退回重新立案"])
    held_at: Moment = Field(examples=["2026-11-23T10:00:00+08:00"])

    def decided(self) -> Decision:
        """The same in plain values."""
        return Decision(self.outcome, tuple(self.unit_ids), self.record, self.held_at)


class StudyRead(Read):
    """A joint study on a return. 会商"""

    id: UUID
    case_id: UUID
    round: int
    return_count: int
    question: Masked
    participant_ids: list[UUID]
    opened_at: datetime
    opened_by: str
    due_at: datetime
    held_at: datetime | None
    outcome: StudyOutcome | None
    unit_ids: list[UUID]
    record: Masked | None
    decided_at: datetime | None
    decided_by: str | None
    dispatch_id: UUID | None


class StudyList(Read):
    """Every joint study on a case. 会商"""

    items: list[StudyRead]


class OpenStudy(Read):
    """An open study with its case. 待结论的会商"""

    study: StudyRead
    case: CaseItem
