"""Shapes of a device's queue. An item is what would have come alone: the verb of its route and its body."""

from __future__ import annotations

from abc import abstractmethod
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import (
    UUID7,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from libs.common.http.schemas import Read, Write
from services.grid.checks import service as checks
from services.grid.checks.domain import CheckMode, Finding
from services.grid.deferrals import service as deferrals
from services.grid.deferrals.domain import DeferralKind
from services.grid.deferrals.service import Asked
from services.grid.dispatches import service as dispatches
from services.grid.disposals import service as disposals
from services.grid.disposals.domain import Answer
from services.grid.disposals.service import Return
from services.grid.dossiers.domain import CaseItem
from services.grid.patrols import service as patrols
from services.grid.patrols.domain import Seen
from services.grid.reports import service as reports
from services.grid.reports.domain import Correction, GivenPlace
from services.grid.requests import (
    AnswerGiven,
    AskExtension,
    AskSuspension,
    Checked,
    CheckInGiven,
    CorrectCase,
    ProgressGiven,
    ReportCase,
    ReturnGiven,
    SupplementCase,
    Verified,
    WithdrawCase,
)
from services.grid.syncs.service import Work, stepped

SYNC_LIMIT = 500
"""Most operations of one request."""

_ID = "0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11"
_CASE = "0199f0c1-11aa-7c3a-9b1f-2f6f0a9f7e11"


class ReportQueued(Write):
    """A report; its operation id is the id of the new case. 上报：操作标识即案件标识"""

    operation_id: UUID7 = Field(description="UUIDv7", examples=[_CASE])
    action: Literal["report"]
    body: ReportCase


class StepQueued(Write):
    """A step of a case, made from a version that was read, or behind another item. 案件操作"""

    permission: ClassVar[str]

    operation_id: UUID7 = Field(description="UUIDv7; a repeat finds the first answer", examples=[_ID])
    case_id: UUID = Field(examples=[_CASE])
    base_version: Annotated[int, Field(strict=True, ge=1, le=999_999_999)] | None = Field(
        default=None, description="The version that the device had read (读取时的版本)"
    )
    after: UUID | None = Field(
        default=None,
        description="Operation of the same case that this one stands behind (排在其后的操作)",
        examples=[_CASE],
    )

    @model_validator(mode="after")
    def _made_from(self) -> StepQueued:
        if (self.base_version is None) == (self.after is None):
            told = {"zh": "须给出 base_version 或 after，二者择一"}
            raise PydanticCustomError("base_missing", "Give either base_version or after", told)
        return self

    @abstractmethod
    def work(self) -> Work:
        """What its own route would do."""


class CorrectQueued(StepQueued):
    """更正 Correct"""

    permission = "grid.case.correct"
    action: Literal["correct"]
    body: CorrectCase

    def work(self) -> Work:
        """See `reports`."""
        told = self.body
        given = Correction(
            told.category, told.description, told.found_at,
            GivenPlace(**told.place.told()) if told.place else None, tuple(told.photos),
        )  # fmt: skip
        return lambda s, by: stepped(reports.correct(s, self.case_id, given, reason=told.reason, by=by))


class WithdrawQueued(StepQueued):
    """撤回 Withdraw"""

    permission = "grid.case.withdraw"
    action: Literal["withdraw"]
    body: WithdrawCase

    def work(self) -> Work:
        """See `reports`."""
        return lambda s, by: stepped(reports.withdraw(s, self.case_id, reason=self.body.reason, by=by))


class SupplementQueued(StepQueued):
    """补充 Supplement"""

    permission = "grid.case.supplement"
    action: Literal["supplement"]
    body: SupplementCase

    def work(self) -> Work:
        """See `dispatches`."""
        told = self.body
        return lambda s, by: stepped(
            dispatches.supplement(s, self.case_id, text=told.text, photos=told.photos, by=by)
        )


class VerifyQueued(StepQueued):
    """核实 Verify"""

    permission = "grid.case.verify"
    action: Literal["verify"]
    body: Verified

    def work(self) -> Work:
        """See `checks`."""
        found = Finding(self.body.confirmed, CheckMode.ON_SITE, self.body.note, tuple(self.body.photos))
        return lambda s, by: stepped(checks.verify(s, self.case_id, found, by=by))


class CheckQueued(StepQueued):
    """核查 Check"""

    permission = "grid.case.check"
    action: Literal["check"]
    body: Checked

    def work(self) -> Work:
        """See `checks`."""
        told = self.body
        found = Finding(told.passed, told.mode, told.note, tuple(told.photos), tuple(told.unit_ids))
        return lambda s, by: stepped(checks.check(s, self.case_id, found, by=by))


class StartQueued(StepQueued):
    """开始处置 Start"""

    permission = "grid.case.handle"
    action: Literal["start"]

    def work(self) -> Work:
        """See `disposals`."""
        return lambda s, by: stepped(disposals.start(s, self.case_id, by=by))


class ProgressQueued(StepQueued):
    """进展 Progress"""

    permission = "grid.case.handle"
    action: Literal["progress"]
    body: ProgressGiven

    def work(self) -> Work:
        """See `disposals`."""
        note, photos = self.body.note, tuple(self.body.photos)
        return lambda s, by: stepped(disposals.progress(s, self.case_id, note=note, photos=photos, by=by))


class ReturnQueued(StepQueued):
    """退单 Return"""

    permission = "grid.case.handle"
    action: Literal["return"]
    body: ReturnGiven

    def work(self) -> Work:
        """See `disposals`."""
        given = Return(self.body.reason_code, self.body.reason)
        return lambda s, by: stepped(disposals.give_back(s, self.case_id, given, by=by))


class AnswerQueued(StepQueued):
    """处置反馈 Answer: submitted when the queue comes"""

    permission = "grid.case.handle"
    action: Literal["answer"]
    body: AnswerGiven

    def work(self) -> Work:
        """See `disposals`."""
        told = self.body
        return lambda s, by: stepped(
            disposals.answer(
                s, self.case_id, Answer(told.outcome, told.summary, tuple(told.photos), by.now), by=by
            )
        )


class AskExtensionQueued(StepQueued):
    """申请延期 Ask for an extension"""

    permission = "grid.deferral.ask"
    action: Literal["ask-extension"]
    body: AskExtension

    def work(self) -> Work:
        """See `deferrals`."""
        asked = Asked(DeferralKind.EXTENSION, self.body.reason)
        return lambda s, by: stepped(deferrals.ask(s, self.case_id, asked, by=by))


class AskSuspensionQueued(StepQueued):
    """申请挂账 Ask for a suspension"""

    permission = "grid.deferral.ask"
    action: Literal["ask-suspension"]
    body: AskSuspension

    def work(self) -> Work:
        """See `deferrals`."""
        asked = Asked(DeferralKind.SUSPENSION, self.body.reason, self.body.until)
        return lambda s, by: stepped(deferrals.ask(s, self.case_id, asked, by=by))


class CheckInQueued(Write):
    """打卡 Check in: of a patrol item; behind the report of what was found, if it stands in the queue"""

    permission: ClassVar[str] = "grid.patrol.check_in"

    operation_id: UUID7 = Field(description="UUIDv7; a repeat finds the first answer", examples=[_ID])
    action: Literal["check-in"]
    patrol_id: UUID = Field(description="巡查任务", examples=[_CASE])
    after: UUID | None = Field(default=None, description="The report in the queue (排在其后的上报)")
    body: CheckInGiven

    @property
    def case_id(self) -> UUID:
        """What it stands in line with: the case of what was found, else the item alone."""
        return self.body.case_id or self.patrol_id

    def work(self) -> Work:
        """See `patrols`."""
        told = self.body
        return lambda s, by: stepped(patrols.check_in(s, self.patrol_id, Seen(**told.told()), by=by))


Sent = Annotated[
    ReportQueued | CorrectQueued | WithdrawQueued | SupplementQueued | VerifyQueued | CheckQueued
    | StartQueued | ProgressQueued | ReturnQueued | AnswerQueued | AskExtensionQueued | AskSuspensionQueued
    | CheckInQueued,
    Field(discriminator="action"),
]  # fmt: skip


class Unreadable:
    """An item that no app of ours sends: refused alone, so that it does not hold up the queue."""

    def __init__(self, given: Any, error: ValidationError) -> None:
        told = given if isinstance(given, dict) else {}
        self.operation_id = _id(told.get("operation_id"))
        self.case_id = _id(told.get("case_id"))
        self.error = error


def _id(given: Any) -> UUID | None:
    try:
        return UUID(given)
    except (ValueError, TypeError, AttributeError):
        return None


def _alone(given: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(given)
    except ValidationError as error:
        return Unreadable(given, error)


class OperationBatch(Write):
    """A device's queue, in its order. 离线操作队列"""

    items: list[Annotated[Sent, WrapValidator(_alone)]] = Field(min_length=1, max_length=SYNC_LIMIT)


class OperationOutcome(Read):
    """What came of one of them, as if it had come alone. 逐条结果"""

    operation_id: UUID | None = Field(description="null = it could not be read")
    case_id: UUID | None
    patrol_id: UUID | None = Field(
        default=None, description="Of a check-in: version and state are its (巡查任务)"
    )
    status: int = Field(description="200; 201 a new case; otherwise refused, without effect", examples=[200])
    version: int | None = Field(description="Of the case after it; of a refused one, now (案件版本)")
    state: str | None = Field(description="The same of the state (案件状态)", examples=["handling"])
    receipt_number: str | None = Field(default=None, description="Of a report (回执号)")
    problem: dict[str, Any] | None = Field(default=None, description="Why it was refused (RFC 9457)")


class OperationOutcomes(Read):
    """What came of each, in the order given. 逐条结果"""

    items: list[OperationOutcome]


class Part(StrEnum):
    """What the caller has to do with a case (与本人的关系)."""

    REPORTED = "reported"  # 本人上报
    HANDLING = "handling"  # 本人处置
    CHECKING = "checking"  # 待本人核实、核查
    OFFERED = "offered"  # 派给队伍，待签收


class ChangedCase(Read):
    """A case as it stands, and why it is the caller's. 变化的案件"""

    parts: list[Part]
    case: CaseItem


class CaseChanges(Read):
    """What has changed since the cursor, in the order of the log. 增量"""

    anew: bool = Field(description="Begin anew: what is not listed from here on is yours no more (重新开始)")
    items: list[ChangedCase]
    removed: list[UUID] = Field(description="Not the caller's any more, if they held it (移除)")
    cursor: str = Field(description="What to ask with next time (游标)")
    more: bool = Field(description="Ask again at once (还有更多)")
