"""A major matter: its reports in order, who says that a node has one, what is refused. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from libs.common.errors import Conflict, Forbidden, Invalid, NotFound
from libs.common.fsm import Machine
from services.grid.rules.domain import Level, Named


class MajorState(StrEnum):
    """Where a major matter stands (重大事项状态)."""

    OPEN = "open"  # 处置中
    CONCLUDED = "concluded"  # 已终报


class ReportKind(StrEnum):
    """Which report it is (报告类型): the steps of a major matter."""

    FIRST = "first"  # 初报
    FOLLOW_UP = "follow_up"  # 续报
    FINAL = "final"  # 终报


LIFE: Machine[MajorState, ReportKind] = Machine(
    name="major",
    initial=MajorState.OPEN,
    table={
        (MajorState.OPEN, ReportKind.FOLLOW_UP): MajorState.OPEN,
        (MajorState.OPEN, ReportKind.FINAL): MajorState.CONCLUDED,
    },
)
"""The life of a major matter, from its first report (初报、续报、终报)."""


class MajorUnknown(NotFound):
    """No major matter has this id in the caller's scope (重大事项不存在)."""

    code = "major-unknown"
    zh = "没有该重大事项"
    en = "There is no such major matter"


class NoticeUnknown(NotFound):
    """The matter has no such notice (通知不存在)."""

    code = "major-notice-unknown"
    zh = "没有该通知"
    en = "There is no such notice"


class MajorKindUnknown(Invalid):
    """There is no such kind of major matters (无此重大事项类别)."""

    code = "major-kind-unknown"
    zh = "没有“{kind}”这一重大事项类别"
    en = "There is no kind of major matters '{kind}'"


class NotHappenedYet(Invalid):
    """It happened before it is reported (发生时间晚于当前时间)."""

    code = "major-in-the-future"
    zh = "发生时间不得晚于当前时间"
    en = "It cannot have happened in the future"


class OfAnotherNode(Forbidden):
    """An officer of the node itself says that it has the report (非本节点人员)."""

    code = "major-of-another-node"
    zh = "须由该节点辖区的人员签收"
    en = "An officer who works for the whole area of the node says so"


class OneReceiptEach(Forbidden):
    """Who reported it, or has it for another node, does not stand for this one too (不得代签)."""

    code = "major-one-receipt-each"
    zh = "报告人不得签收本人的报告，同一人不得为多个节点签收"
    en = "The author of a report receives it for no node, and nobody receives it for two"


class ReceivedAlready(Conflict):
    """Somebody of the node has it already (已签收)."""

    code = "major-received-already"
    zh = "该节点已签收"
    en = "The node has it already"


@dataclass(frozen=True)
class Casualties:
    """Who was hurt (伤亡情况): private. None = not known yet."""

    dead: int | None = None
    injured: int | None = None
    missing: int | None = None
    persons: str | None = None


@dataclass(frozen=True)
class Told:
    """What a report says (报告内容): free text (internal), and who was hurt (restricted)."""

    text: str
    casualties: Casualties = Casualties()


@dataclass(frozen=True)
class Matter:
    """What is reported as a major matter, and where: of a case, of an estate, or of an area (重大事项)."""

    kind: str
    occurred_at: datetime
    told: Told
    case_id: UUID | None = None
    estate_id: UUID | None = None
    area: str | None = None
    address: str | None = None


def check_matter(matter: Matter, kinds: Mapping[str, Named], now: datetime, ahead: timedelta) -> None:
    """`ahead`: by how much another clock may be fast. Raises `MajorKindUnknown`, `NotHappenedYet`."""
    if matter.kind not in kinds:
        raise MajorKindUnknown(kind=matter.kind, pointer="/kind")
    if matter.occurred_at > now + ahead:
        raise NotHappenedYet(pointer="/occurred_at")


def up_the_line(levels: Mapping[str, Level], wanted: Collection[str]) -> Sequence[str]:
    """The levels that are told, the lowest one first."""
    return sorted(wanted, key=lambda code: levels[code].rank)


def check_receiver(
    areas: Collection[str], node_area: str, subject: str, author: str, received_by: Collection[str | None]
) -> None:
    """Whether the person may say that the node has the report.

    `areas`: theirs. `author`: of the report. `received_by`: who has it for the nodes so far. Raises
    `OfAnotherNode`, `OneReceiptEach`.
    """
    if not any(node_area.startswith(area) for area in areas):
        raise OfAnotherNode
    if subject == author or subject in received_by:
        raise OneReceiptEach
