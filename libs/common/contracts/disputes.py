"""What `disputes` publishes 纠纷服务发布的事件: reference nouns in full state, disputes as facts.

None of it holds personal data or free text.

>>> DisputeClosed.type, DISPUTES.name
('cn.jiayuan.disputes.dispute.closed.v1', 'jiayuan.disputes.dispute.v1')
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.common.events.contract import DataClass, Event, Topic

DISPUTES = Topic(
    owner="disputes",
    noun="dispute",
    data_class=DataClass.INTERNAL,
    readers=frozenset({"grid", "tasks"}),
)
BODIES = Topic(
    owner="disputes",
    noun="body",
    data_class=DataClass.PUBLIC,
    readers=frozenset({"grid", "tasks"}),
    full_state=True,
)
TYPES = Topic(
    owner="disputes",
    noun="type",
    data_class=DataClass.PUBLIC,
    readers=frozenset({"grid", "tasks"}),
    full_state=True,
)
RULES = Topic(owner="disputes", noun="rule", data_class=DataClass.INTERNAL, full_state=True)
ACCESSES = Topic(owner="disputes", noun="access", data_class=DataClass.INTERNAL)


class BodyChanged(Event, topic=BODIES, verb="changed"):
    """The full state of a mediation body; no person is named (调解组织变更)."""

    code: str = Field(description="Stable code, e.g. 310107005.centre (组织代码)")
    name_zh: str
    name_en: str
    kind: str = Field(description="studio | centre | committee | people_mediation | social_org (组织类别)")
    tier: str = Field(description="neighbourhood | township | district (层级)")
    area: str = Field(description="Administrative code that it serves (区划代码)")
    committee_code: str = Field(
        description="People's mediation committee whose seal and number it uses (代码)"
    )
    committee_zh: str = Field(description="Its name (人民调解委员会)")
    committee_en: str
    number_word: str = Field(description="Word of the committee in the numbers of its agreements (案号字)")
    valid_from: date | None = Field(default=None, description="First day, Shanghai (启用日期)")
    valid_to: date | None = Field(default=None, description="Last day, Shanghai (停用日期)")
    origin: str = Field(description="'live' (present-day) or 'entered' over REST (来源)")
    demonstration: bool = Field(default=False, description="Made for demonstration (演示)")
    source: str = Field(default="", description="Where the row comes from (出处)")


class TypeState(BaseModel):
    """One version of a dispute type (类型版本)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: UUID = Field(description="What a dispute keeps (版本标识)")
    revision: int
    name_zh: str
    name_en: str
    group_code: str = Field(description="Group of types (类型大类)")
    statistic: str = Field(description="Category of the monthly form of people's mediation (统计类别)")
    basis: str = Field(description="named | implied | entered (依据)")
    source: str
    effective_from: date
    effective_to: date | None = None


class TypeChanged(Event, topic=TYPES, verb="changed"):
    """The full state of a dispute type: all its versions, the last one last (纠纷类型变更)."""

    code: str
    versions: tuple[TypeState, ...]


class RuleChanged(Event, topic=RULES, verb="changed"):
    """The full state of a rule of mediation: tiers of classes, limits, waits (规则变更)."""

    key: str = Field(description="e.g. limit.township (规则键)")
    value: dict[str, Any]
    source: str = Field(description="Where it comes from; 'assumption' = ours (出处)")
    assumption: bool
    effective_from: date


class DisputeFact(Event):
    """What every fact about a dispute carries: where it stands after it (纠纷事件共有字段).

    No names, no terms, no text that people wrote.
    """

    number: str = Field(description="Dispute number (纠纷编号)")
    status: str = Field(description="State after the step (状态)")
    channel: str = Field(description="application | ex_officio | petition | agency | grid (来源)")
    dispute_class: str | None = Field(None, description="ordinary | specialist | major (分类)")
    dispute_type: str | None = Field(None, description="Code of the dispute type (纠纷类型)")
    tier: str | None = Field(None, description="neighbourhood | township | district (层级)")
    body_id: UUID | None = Field(None, description="The mediation body that has it (调解组织)")
    area: str = Field(description="Administrative code (区划代码)")
    estate_id: UUID | None = Field(None, description="Estate (小区)")
    subject_type: str | None = Field(None, description="What it came from, e.g. case (来源事项类型)")
    subject_id: UUID | None = Field(None, description="Id of what it came from (来源事项标识)")
    due_at: AwareDatetime | None = Field(None, description="Limit of the present tier, UTC (现行期限)")
    acceptances: int = Field(0, description="How often a body has accepted it (受理次数)")


class DisputeRegistered(DisputeFact, topic=DISPUTES, verb="registered"):
    """A dispute was registered (登记)."""


class DisputeClassified(DisputeFact, topic=DISPUTES, verb="classified"):
    """It was put into a class and a type (分类)."""


class DisputeReclassified(DisputeFact, topic=DISPUTES, verb="reclassified"):
    """It was put into another class or type (重新分类)."""

    former_class: str


class DisputeAssigned(DisputeFact, topic=DISPUTES, verb="assigned"):
    """A body accepted it: the limit of its tier runs (分派、受理)."""


class DisputeConsented(DisputeFact, topic=DISPUTES, verb="consented"):
    """Parties agreed to be mediated; with none outstanding the mediation begins (同意调解)."""

    outstanding: int


class DisputeRefused(DisputeFact, topic=DISPUTES, verb="refused"):
    """A party clearly refused to be mediated (拒绝调解)."""


class DisputeObjected(DisputeFact, topic=DISPUTES, verb="objected"):
    """A party objected to a mediator, who withdraws (申请回避)."""


class DisputeSessionHeld(DisputeFact, topic=DISPUTES, verb="session-held"):
    """A mediation session was recorded (调解记录)."""

    session_id: UUID
    held_at: AwareDatetime


class DisputeProgressed(DisputeFact, topic=DISPUTES, verb="progressed"):
    """Progress was reported (进展)."""

    interim: bool = False


class DisputeSupplemented(DisputeFact, topic=DISPUTES, verb="supplemented"):
    """There is more to know (补充)."""


class DisputeUrged(DisputeFact, topic=DISPUTES, verb="urged"):
    """The body was urged (催办)."""

    urged_count: int


class DisputeExtended(DisputeFact, topic=DISPUTES, verb="extended"):
    """All parties asked for more time (延长期限)."""

    extensions: int


class DisputeAgreed(DisputeFact, topic=DISPUTES, verb="agreed"):
    """The parties reached an agreement (达成协议)."""

    agreement_id: UUID
    form: str = Field(description="written | oral (书面|口头)")
    in_effect: bool


class DisputeAgreementSigned(DisputeFact, topic=DISPUTES, verb="agreement-signed"):
    """The agreement was signed or sealed; in effect once by all (签署、盖章)."""

    agreement_id: UUID
    in_effect: bool


class DisputeFailed(DisputeFact, topic=DISPUTES, verb="failed"):
    """The mediation failed (调解不成)."""

    reason_code: str


class DisputeEscalated(DisputeFact, topic=DISPUTES, verb="escalated"):
    """It went one tier up: accepted anew, with a limit of its own (上交一级)."""

    former_tier: str
    former_body_id: UUID


class DisputeRoutedDown(DisputeFact, topic=DISPUTES, verb="routed-down"):
    """It went one tier down: accepted anew, with a limit of its own (下派一级)."""

    former_tier: str
    former_body_id: UUID


class DisputeClosed(DisputeFact, topic=DISPUTES, verb="closed"):
    """It is closed (办结)."""

    outcome: str = Field(description="agreement | refused | failed (调解结果)")
    remedies: tuple[str, ...] = Field((), description="Ways told to the parties (已告知的救济途径)")
    on_time: bool | None = None


class DisputeSettled(DisputeFact, topic=DISPUTES, verb="settled"):
    """It was settled on the spot: registered, mediated, performed and closed in one step (现场调结)."""

    agreement_id: UUID


class DisputeWithdrawn(DisputeFact, topic=DISPUTES, verb="withdrawn"):
    """The applicant withdrew it (申请人撤回)."""


class DisputeReturnAsked(DisputeFact, topic=DISPUTES, verb="return-asked"):
    """The sender is asked to take it back (退回移交方)."""

    reason_code: str


class DisputeTakenBack(DisputeFact, topic=DISPUTES, verb="taken-back"):
    """The sender took it back (移交方收回)."""


class DisputeSenderWithdrew(DisputeFact, topic=DISPUTES, verb="sender-withdrew"):
    """The sender withdrew its handover: the parties may go on by themselves (移交方撤回移交)."""


class DisputeOverdue(DisputeFact, topic=DISPUTES, verb="overdue"):
    """The limit of the tier has passed without a result (超期)."""


class DisputeRealigned(DisputeFact, topic=DISPUTES, verb="realigned"):
    """Brought into line with what the sender said again after a loss (对齐)."""


class DisputeRestated(DisputeFact, topic=DISPUTES, verb="restated"):
    """Where the dispute stands, said again for a reader that begins from nothing (重述)."""


class DisputeDataRevealed(Event, topic=ACCESSES, verb="granted"):
    """Personal data of a dispute was read in full; the reason stands in the history (查看完整信息)."""

    subject_type: str
    subject_id: UUID
    fields: tuple[str, ...]
    purpose: str


EVENTS: tuple[type[Event], ...] = (
    BodyChanged,
    TypeChanged,
    RuleChanged,
    DisputeDataRevealed,
    DisputeRegistered,
    DisputeClassified,
    DisputeReclassified,
    DisputeAssigned,
    DisputeConsented,
    DisputeRefused,
    DisputeObjected,
    DisputeSessionHeld,
    DisputeProgressed,
    DisputeSupplemented,
    DisputeUrged,
    DisputeExtended,
    DisputeAgreed,
    DisputeAgreementSigned,
    DisputeFailed,
    DisputeEscalated,
    DisputeRoutedDown,
    DisputeClosed,
    DisputeSettled,
    DisputeWithdrawn,
    DisputeReturnAsked,
    DisputeTakenBack,
    DisputeSenderWithdrew,
    DisputeOverdue,
    DisputeRealigned,
    DisputeRestated,
)  # fmt: skip
"""Every event that `disputes` publishes."""
