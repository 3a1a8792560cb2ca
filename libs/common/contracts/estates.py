"""What `grid` publishes of estates' own people 小区各方: part of `libs.common.contracts.grid`.

Statements and objections of firms and owners' committees, acts that could not be stopped, studios and their
visits, removal of waste. No event names a person or holds free text.

>>> RemovalDone.type, REMOVALS.name
('cn.jiayuan.grid.removal.done.v1', 'jiayuan.grid.removal.v1')
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.common.events.contract import DataClass, Event, Topic

STATEMENTS = Topic(owner="grid", noun="statement", data_class=DataClass.INTERNAL, full_state=True)
OBJECTIONS = Topic(owner="grid", noun="objection", data_class=DataClass.INTERNAL, full_state=True)
DISSUASIONS = Topic(owner="grid", noun="dissuasion", data_class=DataClass.INTERNAL, full_state=True)
STUDIOS = Topic(owner="grid", noun="studio", data_class=DataClass.INTERNAL, full_state=True)
VISITS = Topic(owner="grid", noun="visit", data_class=DataClass.INTERNAL, full_state=True)
COLLECTION_POINTS = Topic(
    owner="grid", noun="collection-point", data_class=DataClass.INTERNAL, full_state=True
)
REMOVALS = Topic(owner="grid", noun="removal", data_class=DataClass.INTERNAL, full_state=True)


class StatementState(Event):
    """What every event of a statement carries: its full state (情况说明事件共有字段)."""

    case_id: UUID
    estate_id: UUID
    area: str
    role: str = Field(description="firm_manager or committee_member (说明人角色)")
    photos: int = Field(default=0, description="照片数")
    taken: bool = Field(default=False, description="Taken as the basis of handling (已采信)")


class StatementMade(StatementState, topic=STATEMENTS, verb="made"):
    """A firm or an owners' committee said what was done about a case of its estate (情况说明)."""


class StatementTaken(StatementState, topic=STATEMENTS, verb="taken"):
    """Who handles the case took the statement as a basis (采信)."""


class ObjectionState(Event):
    """What every event of an objection carries: its full state (异议事件共有字段)."""

    case_id: UUID
    estate_id: UUID
    area: str
    round: int = Field(description="Round of the case that it is about (轮次)")
    ground: str = Field(description="facts or attribution (事实、责任归属)")
    state: str = Field(description="asked, upheld, refused (异议状态)")
    role: str = Field(description="firm_manager or committee_member (异议人角色)")
    due_at: AwareDatetime = Field(description="By when it is to be decided, UTC (复核时限)")


class ObjectionAsked(ObjectionState, topic=OBJECTIONS, verb="asked"):
    """A firm or an owners' committee objects to a case's facts or its attribution (提出异议)."""


class ObjectionDecided(ObjectionState, topic=OBJECTIONS, verb="decided"):
    """Another person upheld or refused it; the case stays as it is (异议复核)."""


class DissuasionReported(Event, topic=DISSUASIONS, verb="reported"):
    """The firm could not stop an unlawful act and reported it (劝阻无效报告)."""

    kind: str = Field(description="A rule's name (行为类别)")
    estate_id: UUID
    area: str
    case_id: UUID
    seen_at: AwareDatetime
    due_at: AwareDatetime = Field(description="By when it was to be reported, UTC (报告时限)")
    reported_at: AwareDatetime
    on_time: bool


class StudioChanged(Event, topic=STUDIOS, verb="changed"):
    """The full state of a studio, public as it hangs at its door (城管社区工作室变更)."""

    area: str = Field(description="The neighbourhood, 12 digits (居村)")
    name: str
    valid_from: date
    valid_to: date | None = None


class VisitLogged(Event, topic=VISITS, verb="logged"):
    """The studio was open for residents or went to them (走访接待)."""

    studio_id: UUID
    area: str
    kind: str = Field(description="reception, visit (接待、走访)")
    begins_at: AwareDatetime
    people: int = Field(description="Residents who were spoken to (接待走访人数)")
    case_ids: tuple[UUID, ...] = Field(default=(), description="Cases made of their matters (转办案件)")


class CollectionPointChanged(Event, topic=COLLECTION_POINTS, verb="changed"):
    """The full state of a collection point and when it is emptied (清运点变更)."""

    kind: str = Field(description="A rule's name (清运类别)")
    estate_id: UUID
    area: str
    weekdays: tuple[int, ...] = Field(default=(), description="1 Monday … 7 Sunday; none: on demand")
    valid_from: date
    valid_to: date | None = None


class RemovalState(Event):
    """What every event of a removal carries: its full state (清运事件共有字段)."""

    point_id: UUID
    kind: str
    estate_id: UUID
    area: str
    on_demand: bool
    due_at: AwareDatetime = Field(description="By when it was agreed, UTC (约定时限)")
    state: str = Field(description="due, removed, cancelled (清运状态)")
    removed_at: AwareDatetime | None = None
    late: bool | None = Field(default=None, description="Removed late; none = not removed (是否超时)")
    case_id: UUID | None = Field(default=None, description="Case that it became when overdue (超时立案)")


class RemovalOrdered(RemovalState, topic=REMOVALS, verb="ordered"):
    """Somebody ordered a removal (预约清运)."""


class RemovalDone(RemovalState, topic=REMOVALS, verb="done"):
    """It was taken away (已清运)."""


class RemovalCancelled(RemovalState, topic=REMOVALS, verb="cancelled"):
    """What was ordered is not needed (取消预约)."""


class RemovalOverdue(RemovalState, topic=REMOVALS, verb="overdue"):
    """The agreed time has passed, or the case that follows was made (清运超时)."""


EVENTS: tuple[type[Event], ...] = (
    StatementMade, StatementTaken, ObjectionAsked, ObjectionDecided, DissuasionReported, StudioChanged,
    VisitLogged, CollectionPointChanged, RemovalOrdered, RemovalDone, RemovalCancelled,
    RemovalOverdue,
)  # fmt: skip
"""Every event of these topics."""
