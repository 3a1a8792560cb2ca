"""What `tasks` publishes of supervisions 督办; part of its contracts, `libs.common.contracts.tasks`.

>>> SupervisionClosed.type
'cn.jiayuan.tasks.supervision.closed.v1'
"""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.common.events.contract import DataClass, Event, Topic

SUPERVISIONS = Topic(
    owner="tasks",
    noun="supervision",
    data_class=DataClass.INTERNAL,
    readers=frozenset({"targets"}),
)


class SupervisionFact(Event):
    """What every fact about a supervision carries (督办事件共有字段).

    It comes from a handover `supervision` whose subject is the target (`Subject(type="target", ...)`).
    """

    number: str = Field(description="Number of the supervision (督办编号)")
    status: str = Field(description="proposed, issued, not_issued, closed or withdrawn (状态)")
    handover_id: UUID = Field(description="Handover that proposed it: one per red episode (移交标识)")
    target_id: UUID = Field(description="Target that it is about: the handover's subject (指标)")
    unit_id: UUID | None = Field(default=None, description="Unit that is to answer (责任单位)")
    area: str = Field(description="Administrative code (区划代码)")


class SupervisionProposed(SupervisionFact, topic=SUPERVISIONS, verb="proposed"):
    """A supervision waits for the supervision office (拟办)."""


class SupervisionIssued(SupervisionFact, topic=SUPERVISIONS, verb="issued"):
    """The office issued it to the responsible unit as a task (发出督办)."""

    task_id: UUID
    due_at: AwareDatetime = Field(description="Deadline of the task, UTC (时限)")


class SupervisionNotIssued(SupervisionFact, topic=SUPERVISIONS, verb="not-issued"):
    """The office did not issue it (不予督办)."""

    reason_code: str


class SupervisionClosed(SupervisionFact, topic=SUPERVISIONS, verb="closed"):
    """Its task was verified and closed (督办办结)."""

    task_id: UUID
    on_time: bool | None = None


class SupervisionWithdrawn(SupervisionFact, topic=SUPERVISIONS, verb="withdrawn"):
    """The proposal was withdrawn before the office decided, or its task ended undone (撤销督办)."""


class SupervisionRestated(SupervisionFact, topic=SUPERVISIONS, verb="restated"):
    """Where the supervision stands, said again for a reader that begins from nothing (重述)."""

    reason_code: str | None = None
    task_id: UUID | None = None
    due_at: AwareDatetime | None = Field(default=None, description="Deadline of the task, UTC (时限)")
    on_time: bool | None = None
