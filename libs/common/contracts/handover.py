"""Contracts of the handover topics 移交契约: restricted, one topic per sender, receiver and direction.

`jiayuan.grid.handover-tasks.v1` carries what grid says to tasks: its steps as a sender (case-task) and its
replies as a receiver (field-check). One factory makes the classes of every channel from the bases below;
handlers work with the bases. Personal data crosses here and nowhere else: never in webhooks or the feed,
7 days on the bus, erasable in the log.

>>> CHANNELS["targets", "tasks"].topic.name
'jiayuan.targets.handover-tasks.v1'
>>> CHANNELS["grid", "tasks"].events[0].type
'cn.jiayuan.grid.handover-tasks.requested.v1'
>>> CHANNELS["grid", "tasks"].events[0].__name__
'GridToTasksHandoverRequested'
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.common.events.contract import DataClass, Event, Topic

RETENTION_DAYS = 7


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class MediaRef(_Part):
    """A photo or file by its hash (附件引用); the receiver's job copies it under its own prefix."""

    hash: str = Field(description="SHA-256, hex")
    purpose: str = Field("evidence", description="before | after | evidence (处置前|处置后|佐证)")
    media_type: str | None = None


class Person(_Part):
    """A reporter or a party (反映人、当事人)."""

    name: str | None = None
    phone: str | None = None
    role: str | None = Field(None, description="reporter | applicant | respondent …")
    unit_id: UUID | None = Field(None, description="A firm or committee that is a party")


class Place(_Part):
    """Where it is. `crs` says in which coordinates."""

    area: str = Field("", description="Administrative code (行政区划代码)")
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    crs: str | None = None
    estate_id: UUID | None = None


class Contents(_Part):
    """What the receiver must know to act (移交内容). `details` holds what only one kind needs."""

    title: str
    description: str = ""
    category: str | None = None
    place: Place | None = None
    reporter: Person | None = None
    parties: tuple[Person, ...] = ()
    media: tuple[MediaRef, ...] = ()
    details: dict[str, Any] = Field(default_factory=dict)


class Outcome(_Part):
    """The answer's result (办理结果). Of a dispute: result, body and remedies only, never terms."""

    result: str = Field(description="One of the kind's results, e.g. solved 实际解决, explained 解释说明")
    summary: str = ""
    media: tuple[MediaRef, ...] = ()
    body: str | None = Field(None, description="The mediation body that dealt with it (调解组织)")
    remedies: tuple[str, ...] = Field((), description="Ways that stay open: arbitration, court (仲裁、诉讼)")


class Step(Event):
    """One step of either side."""

    step: ClassVar[str] = ""
    by_sender: ClassVar[bool] = True

    handover_id: UUID
    kind: str
    replies_to: int = Field(description="The other side's last step that the author had read; 0 = none")
    by: str = Field(description="Who acted: subject at the identity provider")
    role: str = Field("", description="In which role")
    note: str = Field("", description="Reason or text (理由、说明)")


class Requested(Step):
    """The sender asks a unit to act (移交、派单)."""

    step: ClassVar[str] = "request"
    subject_type: str
    subject_id: UUID
    subject_number: str
    unit_id: UUID | None = None
    area: str = ""
    due_at: AwareDatetime | None = Field(None, description="Wanted by, UTC (要求完成时间)")
    times: int = Field(1, description="How many times this subject was handed over (移交次数)")
    contents: Contents
    joint_id: UUID | None = Field(None, description="Joint handling (会同处置)")
    lead: bool = Field(True, description="Whether this unit leads (牵头)")
    replaces_id: UUID | None = Field(None, description="The handover that this one follows")
    reporter_withheld: bool = Field(False, description="The receiver is the accused: reporter left out")
    consent_at: AwareDatetime | None = Field(None, description="When the reporter agreed to be named")
    extension_limit: int = Field(0, description="Most granted extensions (延期次数上限)")


class Supplemented(Step):
    """More to know (补充)."""

    step: ClassVar[str] = "supplement"
    media: tuple[MediaRef, ...] = ()


class Urged(Step):
    """The sender urges (催办)."""

    step: ClassVar[str] = "urge"
    urges: int


class Designated(Step):
    """The unit is designated and may not return it any more (指定)."""

    step: ClassVar[str] = "designate"


class Changed(Step):
    """Category or deadline changed (变更类别或时限). `due_at` is the deadline in force after it."""

    step: ClassVar[str] = "change"
    category: str | None = None
    due_at: AwareDatetime | None = None


class ExtensionGranted(Step):
    """The extension is granted (同意延期)."""

    step: ClassVar[str] = "grant_extension"
    due_at: AwareDatetime
    extensions: int


class ExtensionRefused(Step):
    """The extension is refused (不同意延期)."""

    step: ClassVar[str] = "refuse_extension"


class Suspended(Step):
    """The clock stops (挂账)."""

    step: ClassVar[str] = "suspend"


class Resumed(Step):
    """The clock runs again, to the deadline that the sender recomputed (恢复)."""

    step: ClassVar[str] = "resume"
    due_at: AwareDatetime | None = None


class Accepted(Step):
    """The answer is accepted: the handover has ended (核查通过、办结)."""

    step: ClassVar[str] = "accept"
    on_time: bool | None = Field(None, description="Submitted by the deadline in force; null without one")


class ReworkDemanded(Step):
    """Same handover, same unit, no fresh clock (返工)."""

    step: ClassVar[str] = "demand_rework"
    reworks: int
    due_at: AwareDatetime | None = None
    media: tuple[MediaRef, ...] = ()


class TakenBack(Step):
    """The sender agrees to the return: the handover has ended (同意退单)."""

    step: ClassVar[str] = "take_back"


class Withdrawn(Step):
    """The sender withdraws: the handover has ended (撤回)."""

    step: ClassVar[str] = "withdraw"


class Reply(Step):
    """A step of the receiver."""

    by_sender: ClassVar[bool] = False


class Signed(Reply):
    """The unit has it (签收)."""

    step: ClassVar[str] = "sign"


class ReturnAsked(Reply):
    """The unit asks to return it (退单), the reason in `note`."""

    step: ClassVar[str] = "return"


class FirstContactMade(Reply):
    """The unit has spoken to the reporter, or says why not (先行联系)."""

    step: ClassVar[str] = "first_contact"
    contacted_at: AwareDatetime | None = None
    person: str | None = None


class Progressed(Reply):
    """How far it is; `interim`: fit to be passed to the reporter (进展、阶段性答复)."""

    step: ClassVar[str] = "progress"
    interim: bool = False
    media: tuple[MediaRef, ...] = ()
    arrived_at: AwareDatetime | None = Field(None, description="When the repairers came (到场时间)")


class ExtensionAsked(Reply):
    """More time is asked for (申请延期)."""

    step: ClassVar[str] = "ask_extension"
    until: AwareDatetime


class Answered(Reply):
    """The result with its evidence (反馈、回复). `happened_at` is when it was submitted."""

    step: ClassVar[str] = "answer"
    outcome: Outcome
    finished_at: AwareDatetime | None = Field(None, description="When the repair was finished (完工时间)")


class _Whole(BaseModel):
    """All that both sides know of a handover."""

    state: str
    subject_type: str
    subject_id: UUID
    subject_number: str
    unit_id: UUID | None = None
    area: str = ""
    contents: Contents
    requested_at: AwareDatetime
    due_at: AwareDatetime | None = None
    first_due_at: AwareDatetime | None = None
    times: int = 1
    joint_id: UUID | None = None
    lead: bool = True
    replaces_id: UUID | None = None
    reporter_withheld: bool = False
    consent_at: AwareDatetime | None = None
    signed_at: AwareDatetime | None = None
    designated: bool = False
    suspended_at: AwareDatetime | None = None
    extension_until: AwareDatetime | None = None
    extensions: int = 0
    extension_limit: int = 0
    urges: int = 0
    reworks: int = 0
    answered_at: AwareDatetime | None = None
    answer: Outcome | None = None
    on_time: bool | None = None
    ended_at: AwareDatetime | None = None


class Restated(_Whole, Step):
    """The sender says again all that it knows, for a receiver that has lost it (重述)."""

    step: ClassVar[str] = "restate"
    trimmed: bool = Field(False, description="Texts are left out for size: a reader keeps those that it has")


class ReplyRestated(_Whole, Reply):
    """The receiver says again all that it knows, for a sender that has lost it (重述)."""

    step: ClassVar[str] = "restate"
    trimmed: bool = Field(False, description="Texts are left out for size: a reader keeps those that it has")


WHOLE: tuple[str, ...] = tuple(_Whole.model_fields)
"""What a restatement carries; columns of both sides have the same names."""

_VERBS: Mapping[type[Step], str] = {
    Requested: "requested",
    Supplemented: "supplemented",
    Urged: "urged",
    Designated: "designated",
    Changed: "changed",
    ExtensionGranted: "extension-granted",
    ExtensionRefused: "extension-refused",
    Suspended: "suspended",
    Resumed: "resumed",
    Accepted: "accepted",
    ReworkDemanded: "rework-demanded",
    TakenBack: "taken-back",
    Withdrawn: "withdrawn",
    Signed: "signed",
    ReturnAsked: "return-asked",
    FirstContactMade: "first-contact-made",
    Progressed: "progressed",
    ExtensionAsked: "extension-asked",
    Answered: "answered",
    Restated: "restated",
    ReplyRestated: "reply-restated",
}

_PAIRS = (("grid", "tasks"), ("grid", "disputes"), ("targets", "tasks"), ("tasks", "grid"))
"""Who may send to whom. Replies travel on the channel of the opposite direction."""


@dataclass(frozen=True)
class Channel:
    """What one service says to another: its topic and its classes by base."""

    topic: Topic
    classes: Mapping[type[Step], type[Step]]

    @property
    def events(self) -> tuple[type[Step], ...]:
        """The classes of the channel."""
        return tuple(self.classes.values())


def _class(base: type[Step], topic: Topic, reader: str, verb: str) -> type[Step]:
    name = f"{topic.owner.title()}To{reader.title()}Handover{base.__name__}"
    body = {"__module__": __name__, "__doc__": base.__doc__}
    made: type[Step] = types.new_class(
        name, (base,), {"topic": topic, "verb": verb}, lambda ns: ns.update(body)
    )
    return made


def _channel(owner: str, reader: str) -> Channel:
    """The channel from `owner` to `reader`: both directions' steps if both may send."""
    topic = Topic(
        owner=owner,
        noun=f"handover-{reader}",
        data_class=DataClass.RESTRICTED,
        readers=frozenset({reader}),
        retention_days=RETENTION_DAYS,
    )
    said = [
        base
        for base in _VERBS
        if (base.by_sender and (owner, reader) in _PAIRS)
        or (not base.by_sender and (reader, owner) in _PAIRS)
    ]
    return Channel(topic, {base: _class(base, topic, reader, _VERBS[base]) for base in said})


CHANNELS: Mapping[tuple[str, str], Channel] = {
    pair: _channel(*pair)
    for pair in dict.fromkeys([*_PAIRS, *((receiver, sender) for sender, receiver in _PAIRS)])
}
"""Every channel by (owner, reader)."""


def heard_by(service: str) -> tuple[type[Step], ...]:
    """The handover events that the service reads."""
    return tuple(e for (_, reader), channel in CHANNELS.items() if reader == service for e in channel.events)


EVENTS: tuple[type[Event], ...] = tuple(e for channel in CHANNELS.values() for e in channel.events)
"""All handover contracts, for schema generation."""
