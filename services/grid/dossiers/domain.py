"""Shapes of what is read of a case, and who may see the reporter. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.common.text import Masked, mask_address, mask_name, mask_phone
from services.grid.lifecycle.domain import CaseAction, CaseState, PhotoStage, QueueReason, Verification


class Shape(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(from_attributes=True, allow_inf_nan=False)


class MaskedReporter(Shape):
    """The reporter, masked. 反映人（脱敏）"""

    name: str | None = Field(examples=["张**"])
    phone: str | None = Field(examples=["138****1234"])
    secret: bool = Field(description="Asked not to be known (要求保密)")


class PhotoRead(Shape):
    """A photo of the case; its bytes are at `/grid/v1/media/{hash}`. 照片"""

    hash: str
    stage: PhotoStage
    round: int
    rework: int
    added_at: datetime


class StandardOfCase(Shape):
    """The revision of the standard that the case was filed under. 立案标准"""

    code: str
    revision: int
    condition_zh: str
    condition_en: str
    closing_zh: str
    closing_en: str
    limit_amount: int
    limit_unit: str
    photos_before: int
    photos_after: int
    legal_item: str | None = Field(default=None, description="法律依据")
    severity: str | None = Field(default=None, description="严重程度")
    loops: list[str] = Field(default=[], description="Where it may be closed; none: any (可结案循环)")


class NodeOfCase(Shape):
    """Who stands for the level that has the case, where it lies. 所在层级节点"""

    id: UUID
    name: str = Field(examples=["南京东路街道第1社区工作站(演示)"])


class CaseItem(Shape):
    """A case in a list. 案件（列表项）"""

    id: UUID
    version: int
    receipt_number: str = Field(description="回执号", examples=["M7Q-4H2K-9TXB-3RW"])
    number: str | None = Field(description="案件编号", examples=["G20261122-310107005-000013"])
    state: CaseState
    round: int
    channel: str = Field(examples=["inspector"])
    category: str = Field(examples=["0202"])
    category_zh: str = Field(examples=["楼道堆物"])
    category_en: str = Field(examples=["Corridor clutter"])
    description: Masked = Field(description="Numbers of persons masked; in full by /reporter (脱敏)")
    found_at: datetime
    reported_at: datetime
    area: str
    estate_id: UUID | None
    address: str | None = Field(description="Down to lane or house number; in full by /reporter (脱敏)")
    level: str | None
    loop: str | None
    unit_id: UUID | None
    unit_zh: str | None
    squad: str | None
    self_handled: bool
    due_at: datetime | None = Field(description="Handling deadline in force, UTC (处置时限)")
    step_due_at: datetime | None = Field(description="By when the grid's own next step is due (环节时限)")
    overdue: bool
    queue: QueueReason | None
    claimed_by: str | None
    claimed_until: datetime | None
    rework_count: int
    return_count: int
    ended_at: datetime | None
    allowed_actions: list[CaseAction] = Field(
        description="Steps that the caller may take now but appeals and ratings (可执行操作，申诉评价除外)"
    )


class MediationEnd(Shape):
    """How the mediation of the case ended: never terms, minutes or the other party. 调解结果"""

    result: str = Field(description="agreement, refused, failed or withdrawn", examples=["agreement"])
    answered_at: datetime
    body: str | None = Field(description="调解组织", examples=["曹杨新村街道物业纠纷调解联合中心"])
    remedies: list[str] = Field(description="Ways that stay open (救济途径)", examples=[["arbitration"]])


class MainCase(Shape):
    """The case at the end of the chain of merges, as the reporters of all of them are told. 主案件进展"""

    number: str | None
    state: CaseState
    due_at: datetime | None
    ended_at: datetime | None
    outcome: str | None


class CaseRead(CaseItem):
    """A case. 案件"""

    source_number: str | None
    inside_wall: bool | None
    lon: float | None = Field(description="CGCS2000")
    lat: float | None = Field(description="CGCS2000")
    nearest: bool = Field(description="The point lay in no unit grid; this is the nearest (就近归格)")
    verification: Verification
    item: str | None = Field(description="子类代码", examples=["030501"])
    item_zh: str | None = Field(description="子类", examples=["装修垃圾"])
    standard: StandardOfCase | None
    handover_id: UUID | None
    handler: str | None
    designated: bool
    checker: str | None
    clock_started_at: datetime | None
    answered_at: datetime | None
    on_time: bool | None
    overdue_at: datetime | None = Field(description="The deadline passed unanswered, excused or not (超时)")
    excused: bool = Field(description="On appeal: no rate on time counts it (超时免责)")
    appeal: str | None = Field(description="Of the appeal against this mark (申诉状态)", examples=["asked"])
    unsigned_at: datetime | None
    capable_level: str | None = Field(description="The lowest level that may close it (最低办理层级)")
    escalate_at: datetime | None = Field(description="When the next level is called, UTC (升级时限)")
    escalated_at: datetime | None = Field(description="Came up and is not dispatched anew (升级时间)")
    node: NodeOfCase | None
    suspended_at: datetime | None
    suspended_until: datetime | None
    resumed_at: datetime | None
    converted_at: datetime | None = Field(description="In mediation since then (转调解), the clock stands")
    interim_at: datetime | None = Field(description="The reporter was told of the mediation (阶段性答复)")
    joint_returned_at: datetime | None = Field(description="A unit beside the lead returns it (会同单位退单)")
    deferral: str | None = Field(description="Asked, not decided (待批)", examples=["extension:requested"])
    extension_count: int
    suspension_count: int
    urge_count: int
    outcome: str | None
    mediation: MediationEnd | None
    statements: int = Field(description="Of firm and owners' committee about it (情况说明数)")
    objection: str | None = Field(description="Of the latest objection (异议状态)", examples=["asked"])
    satisfaction: str | None = Field(description="What its reporter says of this round (满意度)")
    merged_into: UUID | None
    main: MainCase | None = Field(description="How the case stands that it was merged into (主案件)")
    mine: bool = Field(description="Whether the caller reported it (本人上报)")
    reporter: MaskedReporter | None
    photos: list[PhotoRead]


class HistoryRead(Shape):
    """One step of the case. 操作记录"""

    version: int
    at: datetime
    actor: str | None = Field(description="Not told to firms and owners' committees")
    actor_role: str
    action: str
    from_state: str | None
    to_state: str | None
    note: Masked | None
    changed: dict[str, Any]


class RevealedReporter(Shape):
    """The reporter, the address and the description in full. 反映人（完整信息）"""

    case_id: UUID
    name: str | None
    phone: str | None
    address: str | None
    description: str
    secret: bool


class Purpose(StrEnum):
    """What the reporter's data is needed for (查看目的)."""

    VERIFY = "verify"  # 核实
    ACCEPT = "accept"  # 受理
    HANDLE = "handle"  # 处置
    CALL_BACK = "call-back"  # 回访


def masked(reporter: Mapping[str, Any] | None) -> MaskedReporter | None:
    """The reporter as anybody may see it."""
    if reporter is None:
        return None
    name, phone = reporter["name"] or None, reporter["phone"] or None
    shown = {"name": name and mask_name(name), "phone": phone and mask_phone(phone)}
    return MaskedReporter(**shown, secret=reporter["secret"])


_NAMES = {"category_zh", "category_en", "unit_zh"}
AROUND = frozenset({
    *_NAMES, "item_zh", "standard", "photos", "node", "appeal", "statements", "objection", "satisfaction",
    "main",
})  # fmt: skip
"""What is read beside the case."""

COMPUTED = AROUND | {"overdue", "address", "allowed_actions", "mine", "mediation", "reporter"}
"""What is shown and is no column of the case."""


def masked_address(address: str | None) -> str | None:
    """The address down to the house."""
    return mask_address(address) if address else None


_INSIDE = frozenset({"claimed_by", "claimed_until", "handler", "checker", "source_number"})


def from_outside(columns: Mapping[str, Any], reporter: str | None) -> dict[str, Any]:
    """A case as firms and owners' committees see it: no person of the centre, no name of the reporter."""
    hidden = dict.fromkeys(_INSIDE & columns.keys())
    return {**columns, **hidden, "description": unnamed(columns["description"], reporter)}


def unnamed(text: str, name: str | None) -> str:
    """The text without the reporter's name."""
    return text.replace(name, "***") if name else text


def step_from_outside(step: HistoryRead) -> HistoryRead:
    """A step as firms and owners' committees see it: which, when, which role. Notes may name persons."""
    return step.model_copy(update={"actor": None, "note": None, "changed": {}})
