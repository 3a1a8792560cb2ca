"""What `grid` publishes of cases 案件; part of its contracts, `libs.common.contracts.grid`.

None of it holds personal data or free text: places are area codes, reasons are codes.

>>> CaseReported.type, CASES.name
('cn.jiayuan.grid.case.reported.v1', 'jiayuan.grid.case.v1')
"""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.common.events.contract import DataClass, Event, Topic

CASES = Topic(owner="grid", noun="case", data_class=DataClass.SHARED, readers=frozenset({"tasks", "targets"}))


class CaseFact(Event):
    """What every fact about a case carries: where it stands after it (案件事件共有字段)."""

    receipt_number: str = Field(description="Receipt number, given at intake (回执号)")
    number: str | None = Field(default=None, description="Case number, given when accepted (案件编号)")
    state: str = Field(description="State after the step (状态)")
    category: str = Field(description="Category code (类别代码)")
    area: str = Field(description="Administrative code, to the unit grid where known (区划代码)")
    estate_id: UUID | None = Field(default=None, description="Estate (小区)")
    channel: str = Field(description="Where it came from, e.g. inspector, 12345 (来源渠道)")
    level: str | None = Field(default=None, description="Level that handles it (办理层级)")
    loop: str | None = Field(default=None, description="Loop that it goes through (循环)")
    unit_id: UUID | None = Field(default=None, description="Handling unit; none = own squad (处置单位)")
    due_at: AwareDatetime | None = Field(default=None, description="Handling deadline, UTC (处置时限)")
    round: int = Field(default=1, description="1, and one more for every reopening (轮次)")
    return_count: int = 0
    rework_count: int = 0
    self_handled: bool = False
    excused: bool = Field(default=False, description="Its overdue mark was excused, and stands (超时免责)")


class CaseReported(CaseFact, topic=CASES, verb="reported"):
    """A report came in (上报)."""


class CaseCorrected(CaseFact, topic=CASES, verb="corrected"):
    """The reporter corrected the report before acceptance (更正)."""


class CaseWithdrawn(CaseFact, topic=CASES, verb="withdrawn"):
    """The reporter withdrew the report before acceptance (撤回)."""


class CaseSupplemented(CaseFact, topic=CASES, verb="supplemented"):
    """More became known (补充)."""


class CaseVerificationRequested(CaseFact, topic=CASES, verb="verification-requested"):
    """An inspector was asked to verify the report on site (核实任务)."""


class CaseVerified(CaseFact, topic=CASES, verb="verified"):
    """The inspector verified the report (核实)."""

    confirmed: bool


class CaseAccepted(CaseFact, topic=CASES, verb="accepted"):
    """The report was accepted and has a case number (受理)."""


class CaseRejected(CaseFact, topic=CASES, verb="rejected"):
    """Not accepted or not filed (不予受理、不予立案)."""

    reason_code: str


class CaseMerged(CaseFact, topic=CASES, verb="merged"):
    """It is the same matter as another case, which goes on (合并)."""

    into_id: UUID


class CaseFiled(CaseFact, topic=CASES, verb="filed"):
    """A category standard was picked: the case has a limit and a closing condition (立案)."""

    standard: str
    standard_revision: int
    item: str | None = Field(default=None, description="What exactly it is (子类代码)")


class CaseStandardChanged(CaseFact, topic=CASES, verb="standard-changed"):
    """The dispatcher changed category or standard, with the deadline that follows (调整类别或时限)."""

    standard: str
    standard_revision: int
    item: str | None = Field(default=None, description="What exactly it is (子类代码)")


class CaseDispatched(CaseFact, topic=CASES, verb="dispatched"):
    """Given to a unit or to the grid's own squad (派遣)."""

    repair: str | None = Field(default=None, description="Class of the repair order, if it is one (报修等级)")
    handover_id: UUID | None = None
    old_handover_id: UUID | None = None


class CaseCooperated(CaseFact, topic=CASES, verb="cooperated"):
    """One of several units that have it at once took a step (会同处置); the lead too, where others go on."""

    of_unit_id: UUID | None = Field(
        default=None, description="Whose step; none = the grid's own squad (单位)"
    )
    step: str = Field(
        description="'joined', 'signed', 'progressed', 'answered', 'returned', 'designated' or 'released'"
        " (加入、签收、进展、反馈、退单、指定、退出)"
    )


class CaseDesignated(CaseFact, topic=CASES, verb="designated"):
    """The unit was designated and may not return it again (指定处置)."""


class CaseStudyOpened(CaseFact, topic=CASES, verb="study-opened"):
    """After a return the units concerned are called to study whose duty it is (提请会商)."""

    study_due_at: AwareDatetime = Field(description="By when it is to be decided, UTC (会商时限)")


class CaseStudyDecided(CaseFact, topic=CASES, verb="study-decided"):
    """The joint study decided; designation, dispatch or sending back is the next fact (会商结论)."""

    outcome: str = Field(description="'unit', 'split' or 'not_ours' (指定单位、分工办理、非本级职责)")


class CaseConverted(CaseFact, topic=CASES, verb="converted"):
    """It is a property dispute and went to mediation; the handling clock stands (转人民调解)."""

    handover_id: UUID | None = None
    old_handover_id: UUID | None = None


class CaseInterimReplied(CaseFact, topic=CASES, verb="interim-replied"):
    """The reporter was told that it is in mediation (阶段性答复)."""

    on_time: bool | None = Field(default=None, description="By its limit; null where none was owed")


class CaseConcluded(CaseFact, topic=CASES, verb="concluded"):
    """The mediation has ended, and with it the case: nobody checks it (调解结束，案件办结)."""

    on_time: bool | None = Field(default=None, description="Null where no handling clock was started")
    outcome: str = Field(description="'solved' by an agreement, else 'explained' (实际解决、解释说明)")


class CaseRecalled(CaseFact, topic=CASES, verb="recalled"):
    """The dispatcher took it back from unit, squad or mediation (撤回派遣)."""


class CaseSentBack(CaseFact, topic=CASES, verb="sent-back"):
    """The dispatcher sent it back to be filed anew (退回立案)."""


class CaseStarted(CaseFact, topic=CASES, verb="started"):
    """Unit or mediation signed for it, or the squad began (签收、开始处置)."""


class CaseProgressed(CaseFact, topic=CASES, verb="progressed"):
    """Progress or first contact was told (进展)."""


class CaseReturned(CaseFact, topic=CASES, verb="returned"):
    """Unit, squad or mediation returned it: not its duty (退单)."""

    reason_code: str


class CaseUrged(CaseFact, topic=CASES, verb="urged"):
    """Urged (催办)."""


class CaseDueSoon(CaseFact, topic=CASES, verb="due-soon"):
    """The handling deadline is near and there is no feedback yet (临期)."""


class CaseMarkedOverdue(CaseFact, topic=CASES, verb="overdue"):
    """The handling deadline passed without feedback (超时)."""


class CaseEscalated(CaseFact, topic=CASES, verb="escalated"):
    """The next level has it now, which `level` and `loop` name; no clock was reset (升级)."""

    from_level: str = Field(description="Level that had it (原层级)")
    reason: str = Field(description="'timeout', 'lack_of_power' or 'request' (超时、权限不足、申请)")


class CaseMeetingHeld(CaseFact, topic=CASES, verb="meeting-held"):
    """The residents' joint meeting decided in the self loop (居民联席会议)."""

    outcome: str = Field(description="'residents' or 'escalate' (居民自治处置、提请升级)")
    votes_for: int
    votes_against: int


class CaseAnswered(CaseFact, topic=CASES, verb="answered"):
    """Feedback was submitted; the handling clock stopped (处置反馈)."""

    on_time: bool
    outcome: str


class CaseCheckAssigned(CaseFact, topic=CASES, verb="check-assigned"):
    """A check was given to an inspector (核查任务)."""


class CaseChecked(CaseFact, topic=CASES, verb="checked"):
    """The result was checked; failed = rework (核查)."""

    passed: bool
    mode: str = Field(description="'on-site' or 'online' (实地抽查、网上核查)")


class CaseRecheckOrdered(CaseFact, topic=CASES, verb="recheck-ordered"):
    """The duty chief wants it checked again (重新核查)."""


class CaseExtensionAsked(CaseFact, topic=CASES, verb="extension-asked"):
    """More time was asked for (申请延期)."""


class CaseSuspensionAsked(CaseFact, topic=CASES, verb="suspension-asked"):
    """A suspension was asked for (申请挂账)."""


class CaseDeferralApproved(CaseFact, topic=CASES, verb="deferral-approved"):
    """The first of two approvals of an extension or suspension was given (初审同意)."""

    kind: str


class CaseDeferralRefused(CaseFact, topic=CASES, verb="deferral-refused"):
    """An extension or suspension was refused (不予延期、挂账)."""

    kind: str


class CaseExtended(CaseFact, topic=CASES, verb="extended"):
    """An extension was granted: one original limit more (延期)."""

    extension_count: int


class CaseSuspended(CaseFact, topic=CASES, verb="suspended"):
    """Suspended: the clock stands (挂账)."""

    until: AwareDatetime


class CaseResumed(CaseFact, topic=CASES, verb="resumed"):
    """Resumed: the clock runs on with what it had left (恢复)."""


class CaseClosed(CaseFact, topic=CASES, verb="closed"):
    """Closed on a passed check (结案)."""

    on_time: bool
    outcome: str


class CaseForceClosed(CaseFact, topic=CASES, verb="force-closed"):
    """Closed by authority without a passed check (强制结案)."""

    reason_code: str


class CaseVoided(CaseFact, topic=CASES, verb="voided"):
    """Void: it should never have been a case (作废)."""

    reason_code: str


class CaseReopened(CaseFact, topic=CASES, verb="reopened"):
    """Reopened: a new round with its own limit; the first verdict stays (重新办理)."""


class CaseHandedOver(CaseFact, topic=CASES, verb="handed-over"):
    """Who had it went off duty (交接班): a colleague has it, or nobody on duty does."""

    part: str = Field(description="What they had to do: handling or checking (环节)")
    attended: bool = Field(description="false = nobody is on duty: on the dispatcher's queue (有人接手)")


class CaseAppealAsked(CaseFact, topic=CASES, verb="appeal-asked"):
    """Who handled it appealed against an overdue mark, which counts on meanwhile (超时申诉)."""

    of_round: int = Field(description="Round of the mark (轮次)")
    overdue_at: AwareDatetime = Field(description="The deadline that passed, UTC (超时)")
    reason_code: str


class CaseAppealGranted(CaseFact, topic=CASES, verb="appeal-granted"):
    """The overdue mark was excused: it stays, and no rate on time counts it (申诉成立)."""

    of_round: int = Field(description="Round of the mark; perhaps not the present one (轮次)")
    overdue_at: AwareDatetime


class CaseAppealRefused(CaseFact, topic=CASES, verb="appeal-refused"):
    """The overdue mark counts as before (申诉不成立)."""

    of_round: int
    overdue_at: AwareDatetime


class CaseRated(CaseFact, topic=CASES, verb="rated"):
    """Who reported it, or a case that was merged into it, said how satisfied they are (满意度评价)."""

    satisfaction: str | None = Field(description="None = asked, and not evaluated (未评价)")
    via: str = Field(description="receipt, link, call_back or reporter (回执号、链接、回访、上报人)")
    told_by: UUID = Field(description="Case whose reporter says so: itself, or one merged into it")


class CaseKeptClosed(CaseFact, topic=CASES, verb="kept-closed"):
    """The duty chief does not reopen it although its reporter is dissatisfied (维持结案)."""


class CaseMajorReported(CaseFact, topic=CASES, verb="major-reported"):
    """A major matter was reported on it: first, follow-up or final report (重大事项报告)."""

    major_id: UUID
    serial: int = Field(description="Number of the report, from 1 (报告序号)")


class CaseRestated(CaseFact, topic=CASES, verb="restated"):
    """The case as it stands now, said again for a reader that starts from nothing (重述)."""


EVENTS: tuple[type[Event], ...] = (
    CaseReported, CaseCorrected, CaseWithdrawn, CaseSupplemented, CaseVerificationRequested, CaseVerified,
    CaseAccepted, CaseRejected, CaseMerged, CaseFiled, CaseStandardChanged, CaseDispatched,
    CaseCooperated, CaseDesignated, CaseStudyOpened, CaseStudyDecided, CaseConverted, CaseInterimReplied,
    CaseConcluded, CaseRecalled, CaseSentBack,
    CaseStarted, CaseProgressed, CaseReturned, CaseUrged, CaseDueSoon, CaseMarkedOverdue, CaseEscalated,
    CaseMeetingHeld, CaseAnswered, CaseCheckAssigned, CaseChecked, CaseRecheckOrdered, CaseExtensionAsked,
    CaseSuspensionAsked, CaseDeferralApproved, CaseDeferralRefused, CaseExtended, CaseSuspended,
    CaseResumed, CaseClosed, CaseForceClosed, CaseVoided, CaseReopened, CaseHandedOver, CaseAppealAsked,
    CaseAppealGranted, CaseAppealRefused, CaseRated, CaseKeptClosed, CaseMajorReported, CaseRestated,
)  # fmt: skip
"""Every event of the topic."""
