"""What can stand against a step of a case. Pure."""

from __future__ import annotations

from libs.common.errors import Conflict, Forbidden, Invalid, NotFound


class CaseNotFound(NotFound):
    """No such case, or it lies outside the caller's area (案件不存在)."""

    code = "case-not-found"
    zh = "未找到案件"
    en = "There is no such case"


class NotYourReport(Forbidden):
    """Only who reported it may correct or withdraw it (仅上报人可更正或撤回)."""

    code = "not-your-report"
    zh = "只有上报人可以更正或撤回"
    en = "Only who reported it may correct or withdraw it"


class VerificationMissing(Conflict):
    """Public and sensor reports are verified on site before acceptance (受理前须现场核实)."""

    code = "verification-missing"
    zh = "该来源的上报须先经现场核实属实（现为 {verification}）"
    en = "A report from this channel must be confirmed on site first (now: {verification})"


class NotAssignedToYou(Forbidden):
    """Another inspector has this verification or check (任务未派给您)."""

    code = "not-assigned-to-you"
    zh = "该核实或核查任务未派给您"
    en = "This verification or check is not assigned to you"


class CheckedByHandler(Forbidden):
    """Nobody checks or closes what they handled; a unit never its own case (处置人不得核查、结案)."""

    code = "checked-by-handler"
    zh = "处置人或处置单位不得核查、结案自己的案件"
    en = "Nobody checks or closes a case that they or their unit handled"


class HandledByUnit(Conflict):
    """Who it was handed over to answers through its own record (已移交单位或调解组织办理)."""

    code = "handled-by-unit"
    zh = "案件已移交处置单位或调解组织办理，不在此处反馈"
    en = "The case was handed over: who has it answers through its own task or dispute"


class NotYourCase(Forbidden):
    """The squad's case is in another person's hands (案件由他人处置)."""

    code = "not-your-case"
    zh = "案件由他人处置"
    en = "Another person handles this case"


class DesignatedNotReturnable(Conflict):
    """What was designated may not be returned again (指定处置不得退单)."""

    code = "designated-not-returnable"
    zh = "指定处置的案件不得再次退单"
    en = "A designated case may not be returned again"


class NobodyToDesignate(Conflict):
    """What mediation gave back had no unit or squad that could be designated (无可指定的处置单位)."""

    code = "nobody-to-designate"
    zh = "案件由调解组织退回，没有可指定的处置单位，请另行派遣"
    en = "The case came back from mediation: there is no unit or squad to designate"


class StartedNotReturnable(Conflict):
    """Returned before work has begun, not after (已开始处置不得退单)."""

    code = "started-not-returnable"
    zh = "已开始处置，不得退单"
    en = "Work has begun: it may not be returned any more"


class CaseClaimed(Conflict):
    """A colleague has the case in hand (案件已被他人认领)."""

    code = "case-claimed"
    zh = "案件已被 {holder} 认领，至 {until}"
    en = "{holder} has claimed the case until {until}"


class PhotosMissing(Invalid):
    """The standard wants more photos (照片数量不足)."""

    code = "photos-missing"
    zh = "{stage_zh}照片不足：需 {needed} 张，现有 {given} 张"
    en = "Too few photos ({stage}): {needed} needed, {given} given"


class CaseExists(Conflict):
    """The id was used with another body (编号已被使用)."""

    code = "case-exists"
    zh = "该标识已用于另一份上报"
    en = "A case with this id and another content exists already"


class SourceNumberTaken(Conflict):
    """The channel's own number was reported already under another id (来源编号重复)."""

    code = "source-number-exists"
    zh = "来源编号 {source_number} 已上报"
    en = "The source number {source_number} has been reported already"
