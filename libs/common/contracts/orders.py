"""What `grid` publishes of hotline orders 热线工单; part of its contracts, `libs.common.contracts.grid`.

>>> OrderReplied.type
'cn.jiayuan.grid.order.replied.v1'
"""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.common.events.contract import DataClass, Event, Topic

ORDERS = Topic(owner="grid", noun="order", data_class=DataClass.SHARED)


class OrderFact(Event):
    """What every fact about a hotline order carries (工单事件共有字段): no person, no free text."""

    channel: str = Field(description="Which hotline, e.g. 12345 (热线)")
    number: str = Field(description="The hotline's own number (工单编号)")
    case_id: UUID = Field(description="Case by which it is handled (案件)")
    kind: str = Field(description="Kind of order, e.g. complaint (工单类型)")
    state: str = Field(description="State after the step (状态)")
    area: str = Field(description="Administrative code (区划代码)")
    round: int = Field(default=1, description="1, and one more for every re-handling (轮次)")
    contact_due_at: AwareDatetime = Field(description="First contact is due by then, UTC (先行联系时限)")
    reply_due_at: AwareDatetime | None = Field(
        default=None, description="The reply is due by then, UTC; none in mediation (答复时限)"
    )
    repeat_count: int = Field(default=0, description="Orders about the same matter (重复来电次数)")


class OrderReceived(OrderFact, topic=ORDERS, verb="received"):
    """The hotline's order came in (接收工单)."""


class OrderLinked(OrderFact, topic=ORDERS, verb="linked"):
    """It repeats an earlier order, which goes on alone (重复工单关联)."""

    first_id: UUID


class OrderRepeated(OrderFact, topic=ORDERS, verb="repeated"):
    """Another order told the same matter again (重复来电)."""


class OrderTaken(OrderFact, topic=ORDERS, verb="taken"):
    """An officer has it in hand (承办)."""


class OrderContacted(OrderFact, topic=ORDERS, verb="contacted"):
    """First contact was made, or tried in vain (先行联系)."""

    reached: bool
    on_time: bool


class OrderSupplemented(OrderFact, topic=ORDERS, verb="supplemented"):
    """The caller told more (补充)."""


class OrderUrged(OrderFact, topic=ORDERS, verb="urged"):
    """The caller urged (催办)."""


class OrderAccusedNamed(OrderFact, topic=ORDERS, verb="accused-named"):
    """The complained-of unit was named: it learns nothing of the caller (被诉单位)."""


class OrderReturnAsked(OrderFact, topic=ORDERS, verb="return-asked"):
    """The hotline was asked to take it back (申请退单)."""

    reason_code: str


class OrderReturned(OrderFact, topic=ORDERS, verb="returned"):
    """The hotline took it back (退单)."""


class OrderReturnRefused(OrderFact, topic=ORDERS, verb="return-refused"):
    """It stays: the hotline refused the return, or it was no longer asked for (不予退单)."""

    withdrawn: bool = False


class OrderExtensionAsked(OrderFact, topic=ORDERS, verb="extension-asked"):
    """The limit of complex matters was asked for (申请延期)."""


class OrderExtended(OrderFact, topic=ORDERS, verb="extended"):
    """The hotline granted it (同意延期)."""


class OrderExtensionRefused(OrderFact, topic=ORDERS, verb="extension-refused"):
    """The hotline refused it (不予延期)."""


class OrderInterimReplied(OrderFact, topic=ORDERS, verb="interim-replied"):
    """The caller was told that the matter is in mediation (阶段性答复)."""

    on_time: bool | None = None


class OrderProgressed(OrderFact, topic=ORDERS, verb="progressed"):
    """Its case has come to another state (办理进展)."""

    case_state: str


class OrderReplied(OrderFact, topic=ORDERS, verb="replied"):
    """The reply left (答复)."""

    finding: str = Field(description="'true', 'partly' or 'untrue' (事实认定)")
    result: str = Field(description="'solved' in fact or 'explained' (实际解决、解释说明)")
    on_time: bool | None = None
    may_publish: bool = Field(description="Whether it may be published (是否公开)")


class OrderCalledBack(OrderFact, topic=ORDERS, verb="called-back"):
    """The hotline asked the caller how it went (回访)."""

    contacted: bool | None = Field(
        default=None, description="Whether first contact was made, says the caller"
    )
    satisfaction: str | None = Field(default=None, description="None = not evaluated (未评价)")


class OrderRedone(OrderFact, topic=ORDERS, verb="redone"):
    """The hotline sent it back to be handled again (重办)."""


class OrderMarked(OrderFact, topic=ORDERS, verb="marked"):
    """A deadline is near or has passed (临期、超时)."""

    clock: str = Field(description="'contact' or 'reply' (先行联系、答复)")
    overdue: bool


class OrderRestated(OrderFact, topic=ORDERS, verb="restated"):
    """The order as it stands now, said again for a reader that starts from nothing (重述)."""


EVENTS: tuple[type[Event], ...] = (
    OrderReceived, OrderLinked, OrderRepeated, OrderTaken, OrderContacted, OrderSupplemented, OrderUrged,
    OrderAccusedNamed, OrderReturnAsked, OrderReturned, OrderReturnRefused, OrderExtensionAsked,
    OrderExtended, OrderExtensionRefused, OrderInterimReplied, OrderProgressed, OrderReplied,
    OrderCalledBack, OrderRedone, OrderMarked, OrderRestated,
)  # fmt: skip
"""Every event of the topic."""
