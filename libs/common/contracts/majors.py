"""What `grid` publishes of major matters 重大事项; part of its contracts, `libs.common.contracts.grid`.

No event tells of persons, of how many were hurt, or in free text: who may know reads it at `grid`.

>>> MajorReported.type, MAJORS.name
('cn.jiayuan.grid.major.reported.v1', 'jiayuan.grid.major.v1')
"""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.common.events.contract import DataClass, Event, Topic

MAJORS = Topic(owner="grid", noun="major", data_class=DataClass.INTERNAL)


class MajorFact(Event):
    """What every fact about a major matter carries: where it stands after it (重大事项事件共有字段)."""

    kind: str = Field(description="Kind by the rules, e.g. fire (重大事项类别)")
    state: str = Field(description="'open', or 'concluded' by the final report (状态)")
    area: str = Field(description="Administrative code (区划代码)")
    estate_id: UUID | None = Field(default=None, description="Estate (小区)")
    case_id: UUID | None = Field(default=None, description="Case that it is about (关联案件)")
    occurred_at: AwareDatetime = Field(description="When it happened, UTC (发生时间)")
    reports: int = Field(description="How many reports there are, the first one included (报告次数)")


class MajorNotified(MajorFact):
    """A report that went up the line at once."""

    serial: int = Field(description="Number of the report, from 1 (报告序号)")
    node_ids: tuple[UUID, ...] = Field(description="Nodes up the line that were told (通知节点)")
    unreached: tuple[str, ...] = Field(
        default=(), description="Levels that nobody stands for there (无节点层级)"
    )
    receipt_due_at: AwareDatetime = Field(description="By when each says that it has it, UTC (签收时限)")


class MajorReported(MajorNotified, topic=MAJORS, verb="reported"):
    """A major matter was reported (初报)."""


class MajorFollowedUp(MajorNotified, topic=MAJORS, verb="followed-up"):
    """More was reported (续报)."""


class MajorConcluded(MajorNotified, topic=MAJORS, verb="concluded"):
    """The final report was made: nothing is reported after it (终报)."""


class MajorReceived(MajorFact, topic=MAJORS, verb="received"):
    """An officer of a node said that it has a report (签收)."""

    serial: int
    node_id: UUID
    on_time: bool


class MajorReceiptOverdue(MajorFact, topic=MAJORS, verb="receipt-overdue"):
    """A node has not said in time that it has a report (签收超时)."""

    serial: int
    node_id: UUID


class MajorRestated(MajorFact, topic=MAJORS, verb="restated"):
    """Where the matter stands now, said again for a reader that starts from nothing (重述)."""


EVENTS: tuple[type[Event], ...] = (
    MajorReported, MajorFollowedUp, MajorConcluded, MajorReceived, MajorReceiptOverdue, MajorRestated,
)  # fmt: skip
"""Every event of the topic."""
