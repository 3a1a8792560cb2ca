"""The order's life cycle and its two clocks. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Protocol
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from libs.common.errors import NotFound
from libs.common.fsm import Machine
from libs.common.text import Masked, mask_address, mask_name


class OrderNotFound(NotFound):
    """No such order, or it lies outside the caller's area (工单不存在)."""

    code = "order-not-found"
    zh = "未找到工单"
    en = "There is no such hotline order"


class OrderState(StrEnum):
    """Where an order stands (工单状态)."""

    RECEIVED = "received"  # 待先行联系
    HANDLING = "handling"  # 办理中
    RETURN_ASKED = "return_asked"  # 申请退单
    REPLIED = "replied"  # 已答复，待回访
    CLOSED = "closed"  # 已办结
    RETURNED = "returned"  # 已退回热线
    LINKED = "linked"  # 重复工单，已关联


class OrderAction(StrEnum):
    """A step of the order's life (工单操作)."""

    LINK = "link"  # 关联重复工单
    REPEAT = "repeat"  # 重复来电
    TAKE = "take"  # 承办
    CONTACT = "contact"  # 先行联系
    SUPPLEMENT = "supplement"  # 补充
    URGE = "urge"  # 催办
    NAME_ACCUSED = "name-accused"  # 注明被诉单位
    ASK_RETURN = "ask-return"  # 申请退单
    WITHDRAW_RETURN = "withdraw-return"  # 撤回退单申请
    GRANT_RETURN = "grant-return"  # 同意退单
    REFUSE_RETURN = "refuse-return"  # 不予退单
    ASK_EXTENSION = "ask-extension"  # 申请延期
    GRANT_EXTENSION = "grant-extension"  # 同意延期
    REFUSE_EXTENSION = "refuse-extension"  # 不予延期
    INTERIM_REPLY = "interim-reply"  # 阶段性答复
    FOLLOW = "follow"  # 案件进展
    REPLY = "reply"  # 答复
    CALL_BACK = "call-back"  # 回访
    REDO = "redo"  # 重办
    MARK = "mark"  # 临期、超时


_S, _A = OrderState, OrderAction
OPEN = (_S.RECEIVED, _S.HANDLING, _S.RETURN_ASKED)
"""The states in which the reply is still owed."""

_BEGUN = (_S.RECEIVED, _S.HANDLING)
_STAYS: Mapping[OrderAction, tuple[OrderState, ...]] = {
    _A.REPEAT: (*OPEN, _S.REPLIED, _S.CLOSED),
    _A.TAKE: (*OPEN, _S.REPLIED),
    _A.CONTACT: (_S.HANDLING, _S.RETURN_ASKED),
    _A.SUPPLEMENT: (*OPEN, _S.REPLIED),
    _A.URGE: OPEN,
    _A.NAME_ACCUSED: OPEN,
    _A.ASK_EXTENSION: _BEGUN,
    _A.GRANT_EXTENSION: OPEN,
    _A.REFUSE_EXTENSION: OPEN,
    _A.INTERIM_REPLY: (_S.HANDLING,),
    _A.FOLLOW: OPEN,
    _A.MARK: OPEN,
}
LIFE: Machine[OrderState, OrderAction] = Machine(
    name="order",
    initial=OrderState.RECEIVED,
    table={
        **{(state, action): state for action, states in _STAYS.items() for state in states},
        (_S.RECEIVED, _A.LINK): _S.LINKED,
        (_S.RECEIVED, _A.CONTACT): _S.HANDLING,
        **{(state, _A.ASK_RETURN): _S.RETURN_ASKED for state in _BEGUN},
        (_S.RETURN_ASKED, _A.WITHDRAW_RETURN): _S.HANDLING,
        (_S.RETURN_ASKED, _A.REFUSE_RETURN): _S.HANDLING,
        (_S.RETURN_ASKED, _A.GRANT_RETURN): _S.RETURNED,
        (_S.HANDLING, _A.REPLY): _S.REPLIED,
        (_S.REPLIED, _A.CALL_BACK): _S.CLOSED,
        **{(state, _A.REDO): _S.HANDLING for state in (_S.REPLIED, _S.CLOSED)},
    },
)
"""The life of a hotline order (工单生命周期)."""

ENDED = (_S.CLOSED, _S.RETURNED, _S.LINKED)
"""The states in which nobody owes anything."""


class Extension(StrEnum):
    """Where a request for the limit of complex matters stands (延期申请)."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"


class Clock(StrEnum):
    """The two clocks of an order (时限)."""

    CONTACT = "contact"  # 先行联系
    REPLY = "reply"  # 答复


class OrderLike(Protocol):
    """What the clocks read of an order."""

    @property
    def state(self) -> str: ...
    @property
    def contact_due_at(self) -> datetime: ...
    @property
    def contact_recorded_at(self) -> datetime | None: ...
    @property
    def contact_soon_at(self) -> datetime | None: ...
    @property
    def contact_overdue_at(self) -> datetime | None: ...
    @property
    def reply_due_at(self) -> datetime | None: ...
    @property
    def reply_soon_at(self) -> datetime | None: ...
    @property
    def reply_overdue_at(self) -> datetime | None: ...


@dataclass(frozen=True, order=True)
class Mark:
    """What a sweep is to tell of a clock, and from when on (UTC)."""

    at: datetime
    clock: Clock
    overdue: bool


def marks(order: OrderLike, soon: timedelta) -> Iterator[Mark]:
    """What is still to be told of the clocks that run: each once, due soon and then overdue."""
    if order.state not in OPEN:
        return
    if order.contact_recorded_at is None:
        told = order.contact_soon_at is not None, order.contact_overdue_at is not None
        yield from _marks(Clock.CONTACT, order.contact_due_at, soon, told)
    if order.reply_due_at is not None:  # none while the caller knows that mediation has it
        told = order.reply_soon_at is not None, order.reply_overdue_at is not None
        yield from _marks(Clock.REPLY, order.reply_due_at, soon, told)


def _marks(clock: Clock, due: datetime, soon: timedelta, told: tuple[bool, bool]) -> Iterator[Mark]:
    near, late = told
    if late:
        return
    if not near:
        yield Mark(due - soon, clock, overdue=False)
    yield Mark(due + timedelta(microseconds=1), clock, overdue=True)


def next_mark(order: OrderLike, soon: timedelta) -> datetime | None:
    """When the sweep must look at the order again; None if nothing is left to be told."""
    return min((mark.at for mark in marks(order, soon)), default=None)


def marks_due(order: OrderLike, soon: timedelta, now: datetime) -> list[Mark]:
    """What is to be told now, at most one mark of a clock: what is overdue is no longer due soon."""
    last = {mark.clock: mark for mark in sorted(marks(order, soon)) if mark.at <= now}
    return list(last.values())


House = Annotated[str | None, BeforeValidator(lambda told: mask_address(told) if told else None)]
Person = Annotated[str | None, BeforeValidator(lambda told: mask_name(told) if told else None)]


class OrderRead(BaseModel):
    """A hotline order. 热线工单"""

    model_config = ConfigDict(from_attributes=True, allow_inf_nan=False)

    id: UUID
    version: int
    channel: str = Field(description="热线", examples=["12345"])
    number: str = Field(description="The hotline's own number (工单编号)", examples=["SH20261123000417"])
    state: OrderState
    round: int = Field(description="1, and one more for every re-handling (轮次)")
    case_id: UUID
    case_state: str
    area: str
    first_id: UUID | None = Field(description="The order that it repeats (首次工单)")
    repeat_count: int = Field(description="Orders about the same matter (重复来电次数)")
    kind: str = Field(description="工单类型", examples=["complaint"])
    kind_known: bool
    category_known: bool = Field(description="False: the acceptor must choose the category (类别待定)")
    hotline_kind: str
    hotline_category: str
    source: str | None
    repeat_of: str | None
    claim_address: House = Field(description="Down to lane or house number (诉求地址，脱敏)")
    received_at: datetime
    entered_at: datetime
    officer: str | None
    accused_unit_id: UUID | None
    contact_unit_id: UUID | None = Field(description="Who makes the first contact instead of the accused")
    contact_due_at: datetime
    contact_recorded_at: datetime | None
    contact_by: str | None
    contacted_at: datetime | None = Field(description="None: not reached, for `contact_reason`")
    contact_person: Person
    contact_reason: Masked | None
    contact_on_time: bool | None
    contact_soon_at: datetime | None
    contact_overdue_at: datetime | None
    return_due_at: datetime
    extension: Extension | None
    reply_due_at: datetime | None
    reply_soon_at: datetime | None
    reply_overdue_at: datetime | None
    interim_at: datetime | None
    replied_at: datetime | None
    reply_on_time: bool | None
    finding: str | None
    result: str | None
    reply: dict[str, Any] | None = Field(description="The reply form (答复单)")
    called_back_at: datetime | None
    contact_confirmed: bool | None
    satisfaction: str | None
    dissatisfied_reason: Masked | None
    urge_count: int
    ended_at: datetime | None
