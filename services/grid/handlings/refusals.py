"""What can stand against an officer's step. Pure."""

from __future__ import annotations

from libs.common.errors import Conflict, Invalid


class ContactMissing(Conflict):
    """First contact comes before the reply, made or tried (未先行联系)."""

    code = "contact-missing"
    zh = "答复前须先登记先行联系情况"
    en = "First contact, made or tried, is recorded before the reply"


class ContactTimeInvalid(Invalid):
    """Nobody was spoken to before the order came or in the future (联系时间无效)."""

    code = "contact-time-invalid"
    zh = "联系时间须在工单受理之后且不晚于现在"
    en = "The contact lies after the order came in and not in the future"


class AccusedNotContact(Conflict):
    """The complained-of unit does not speak to the caller (被诉单位不得联系反映人)."""

    code = "accused-not-contact"
    zh = "被诉单位不得先行联系反映人，由房管部门或居(村)委会联系"
    en = "The complained-of unit does not contact the caller: the housing office or neighbourhood does"


class ReturnTooLate(Conflict):
    """The time for returns is over (已超过退单时限)."""

    code = "return-too-late"
    zh = "已超过退单时限 {due}"
    en = "The time for returning the order ended at {due}"


class ExtensionTooLate(Conflict):
    """More time is asked for before the deadline, granted once (不能申请延期)."""

    code = "extension-not-possible"
    zh = "已超时、已申请或已延期的工单不能再申请延期（现为 {extension}）"
    en = "An order that is overdue, asked for or extended cannot be extended (now: {extension})"


class NotInMediation(Conflict):
    """An interim reply is for what mediation has (案件未转调解)."""

    code = "not-in-mediation"
    zh = "仅转人民调解的案件可作阶段性答复（案件现为 {state}）"
    en = "Only what is in mediation has an interim reply (the case is {state})"


class CaseNotEnded(Conflict):
    """The reply follows the end of the case (案件未办结)."""

    code = "case-not-ended"
    zh = "案件办结后方可答复（案件现为 {state}）"
    en = "The reply follows the end of the case, which is {state}"


class NotSolvedInFact(Conflict):
    """The case was not closed as solved (非实际解决)."""

    code = "not-solved-in-fact"
    zh = "案件并非以实际解决办结，只能答复为解释说明"
    en = "The case was not closed as solved: the reply can only be an explanation"
