"""The shape of a dispute in lists, who reads what of it, and what is masked. Pure.

Everybody who sees a dispute reads its course. Its own people (the bodies that have had it, who registered it,
the coordinators above them) read also what was said and agreed; in full only by a reveal with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.common.errors import Conflict
from libs.common.policy import Principal, Role, allows, sees_area
from libs.common.text import mask_address, mask_name, mask_phone
from services.disputes.disputes.domain import (
    PERSONS,
    Action,
    Channel,
    NotYourDispute,
    Outcome,
    Remedy,
    State,
    allowed,
    check_hand,
)


class AccessTaken(Conflict):
    """The id names another reading: make a fresh one (查看记录标识重复)."""

    code = "dispute-access-taken"
    zh = "该查看记录标识已用于其他查看"
    en = "This id names another reading"


def is_own(viewer: Principal, dispute: Placed) -> bool:
    """Whether the viewer is of its own people: what was said and agreed is theirs to read (masked)."""
    if viewer.subject == dispute.registered_by:
        return True
    if viewer.body_id is not None and viewer.body_id in dispute.body_ids:
        return True
    if not sees_area(viewer, dispute.area):
        return False
    unplaced = dispute.body_id is None and viewer.holds(Role.MEDIATOR)
    return unplaced or viewer.holds(Role.CENTRE_COORDINATOR, Role.DISTRICT_MEDIATION)


_MEDIATE = "mediate"
_PERMISSIONS: Mapping[Action, str] = {
    Action.CLASSIFY: "classify",
    Action.RECLASSIFY: "reclassify",
    Action.ASSIGN: "assign",
    Action.SUPPLEMENT: "supplement",
    Action.URGE: "urge",
    Action.ESCALATE: "escalate",
    Action.ROUTE_DOWN: "route_down",
    Action.CLOSE: "close",
    Action.WITHDRAW: "withdraw",
    Action.RETURN: "return",
}
"""The permission of each step; the others are the mediator's work."""
_FOR_ALL = frozenset({Action.SUPPLEMENT, Action.URGE})
"""Steps that need not have the dispute in hand."""


def offered(viewer: Principal, dispute: Placed, *, handed_over: bool) -> list[Action]:
    """The steps that this caller may take now, in the order of the life cycle."""
    hand = _has_in_hand(viewer, dispute)
    steps = allowed(State(dispute.state), handed_over=handed_over)
    held = [s for s in steps if allows(viewer, f"disputes.dispute.{_PERMISSIONS.get(s, _MEDIATE)}")]
    return [step for step in held if hand or step in _FOR_ALL]


def _has_in_hand(viewer: Principal, dispute: Placed) -> bool:
    if viewer.subject in dispute.objected:
        return False
    try:
        check_hand(viewer, dispute.area, dispute.body_id, dispute.tier)
    except NotYourDispute:
        return False
    return True


class Placed(Protocol):
    """What of a dispute says who it belongs to."""

    @property
    def state(self) -> Any: ...
    @property
    def area(self) -> Any: ...
    @property
    def tier(self) -> Any: ...
    @property
    def body_id(self) -> Any: ...
    @property
    def body_ids(self) -> Any: ...
    @property
    def objected(self) -> Any: ...
    @property
    def registered_by(self) -> Any: ...


class Shape(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(from_attributes=True, allow_inf_nan=False)


class DisputeRead(Shape):
    """A dispute in a list, and after every step; no person is named. 纠纷"""

    id: UUID
    version: int
    number: str = Field(description="纠纷编号", examples=["D20261123-310107005-000017"])
    state: State
    channel: Channel
    title: str
    dispute_class: str | None = Field(description="ordinary | specialist | major（一般、专业、重大）")
    type_code: str | None = Field(description="纠纷类型代码")
    type_id: UUID | None = Field(description="登记时适用的类型版本")
    area: str
    estate_id: UUID | None
    subject_type: str | None
    subject_id: UUID | None
    subject_number: str | None = Field(description="来源案件编号等")
    sender_withdrawn_at: datetime | None = Field(description="移交方已撤回移交")
    tier: str | None = Field(description="neighbourhood | township | district（居村、街镇、区）")
    body_id: UUID | None = Field(description="承办调解组织")
    mediator: str | None = Field(description="调解员")
    round: int = Field(description="受理次数，上交、下派各计一次")
    registered_at: datetime
    accepted_at: datetime | None = Field(description="本层级受理时间")
    consent_due_at: datetime | None = Field(description="征询当事人意愿的期限；仅作提示")
    mediating_at: datetime | None = Field(description="各方同意、开始调解时间")
    due_at: datetime | None = Field(description="本层级调解期限")
    extensions: int
    overdue_at: datetime | None = Field(description="超期标记")
    urges: int = Field(description="催办次数")
    urged_at: datetime | None
    return_reason: str | None
    fail_reason: str | None
    decided_at: datetime | None = Field(description="本层级得出结果时间")
    on_time: bool | None
    outcome: Outcome | None
    remedies: list[Remedy] = Field(description="已告知的救济途径")
    settled: bool = Field(description="现场调结")
    ended_at: datetime | None


def shown_name(kind: str, name: str) -> str | None:
    """The party's name; a person's is masked."""
    return (mask_name(name) if kind in PERSONS else name) or None


def shown_phone(phone: str | None) -> str | None:
    """The telephone, masked."""
    return mask_phone(phone) if phone else None


def shown_address(address: str | None) -> str | None:
    """The address down to the house, without the door."""
    return mask_address(address) if address else None


def areas_around(area: str) -> list[str]:
    """The codes that may name the place, narrowest first: neighbourhood, town, district."""
    return [area[:length] for length in (12, 9, 6) if len(area) >= length]
