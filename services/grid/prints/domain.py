"""What the sheet of a case says, in an official's words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from libs.common.policy import Role
from libs.common.text import written_instant
from services.grid.dossiers.domain import CaseRead, HistoryRead, MaskedReporter, PhotoRead
from services.grid.lifecycle.domain import CaseAction, CaseState, PhotoStage

MOST_PHOTOS = 12
"""Of one sheet: the latest are shown."""

_S, _A, _P, _R = CaseState, CaseAction, PhotoStage, Role
STATES: Mapping[str, str] = {
    _S.REPORTED: "待受理", _S.VERIFYING: "核实中", _S.ACCEPTED: "待立案", _S.FILED: "待派遣",
    _S.DISPATCHED: "待签收", _S.HANDLING: "处置中", _S.RETURNED: "已退单", _S.SUSPENDED: "挂账",
    _S.CONVERTED: "转调解", _S.CHECKING: "待核查", _S.CHECKED: "待结案", _S.CLOSED: "已结案",
    _S.FORCE_CLOSED: "强制结案", _S.REJECTED: "不予受理、不予立案", _S.WITHDRAWN: "已撤回",
    _S.MERGED: "已合并", _S.VOIDED: "作废",
}  # fmt: skip
ACTIONS: Mapping[str, str] = {
    _A.CORRECT: "更正", _A.WITHDRAW: "撤回", _A.REQUEST_VERIFICATION: "要求核实", _A.VERIFY: "核实",
    _A.ACCEPT: "受理", _A.REJECT: "不予受理", _A.MERGE: "合并", _A.FILE: "立案",
    _A.REFUSE_FILING: "不予立案", _A.SELF_HANDLE: "自行处置", _A.DISPATCH: "派遣",
    _A.DESIGNATE: "指定处置", _A.STUDY: "提请会商", _A.DECIDE: "会商结论", _A.SEND_BACK: "退回立案",
    _A.CONVERT: "转人民调解", _A.INTERIM_REPLY: "阶段性答复", _A.RECALL: "撤回派遣",
    _A.CHANGE_STANDARD: "调整类别或时限", _A.SUPPLEMENT: "补充", _A.URGE: "催办", _A.ESCALATE: "升级",
    _A.HOLD_MEETING: "居民联席会议", _A.START: "签收、开始处置", _A.PROGRESS: "进展", _A.RETURN: "退单",
    _A.ANSWER: "处置反馈", _A.COOPERATE: "会同处置", _A.MARK_DUE_SOON: "临期提醒", _A.MARK_OVERDUE: "超时",
    _A.ASK_EXTENSION: "申请延期", _A.ASK_SUSPENSION: "申请挂账", _A.APPROVE_DEFERRAL: "初审同意",
    _A.REFUSE_DEFERRAL: "不同意", _A.EXTEND: "延期", _A.SUSPEND: "挂账", _A.RESUME: "恢复",
    _A.ASSIGN_CHECK: "派核查", _A.HAND_OVER: "交接班", _A.PASS_CHECK: "核查通过",
    _A.FAIL_CHECK: "核查不通过", _A.RECHECK: "重新核查",
    _A.CONCLUDE: "调解结束，案件办结", _A.CLOSE: "结案", _A.FORCE_CLOSE: "强制结案", _A.VOID: "作废",
    _A.REOPEN: "重新办理", _A.ASK_APPEAL: "超时申诉", _A.GRANT_APPEAL: "申诉成立",
    _A.REFUSE_APPEAL: "申诉不成立", _A.RATE: "满意度评价", _A.KEEP_CLOSED: "不满意复核：维持结案",
    "report": "上报",
}  # fmt: skip
STAGES: Mapping[str, str] = {
    _P.BEFORE: "处置前", _P.AFTER: "处置后", _P.VERIFY: "核实", _P.CHECK: "核查", _P.APPEAL: "申诉",
}  # fmt: skip
ROLES: Mapping[str, str] = {
    _R.INSPECTOR: "网格员", _R.HOTLINE_OFFICER: "热线承办人", _R.ACCEPTOR: "受理员",
    _R.DUTY_CHIEF: "值班长", _R.DISPATCHER: "派遣员", _R.UNIT_CLERK: "承办人",
    _R.UNIT_LEADER: "单位负责人", _R.MEDIATOR: "调解员", _R.CENTRE_COORDINATOR: "联合中心协调员",
    _R.DISTRICT_MEDIATION: "区调解委员会", _R.TARGET_OFFICER: "目标管理员",
    _R.SUPERVISION_OFFICE: "督查室", _R.LEADER: "分管领导", _R.FIRM_MANAGER: "项目经理",
    _R.COMMITTEE_MEMBER: "业委会委员", _R.SYSTEM: "系统", _R.ADMINISTRATOR: "管理员",
    "public": "反映人",
}  # fmt: skip
OUTCOMES: Mapping[str, str] = {"solved": "实际解决", "explained": "解释说明"}
NONE = "—"


def sheet(
    case: CaseRead,
    steps: Sequence[HistoryRead],
    photos: Sequence[PhotoRead],
    names: Mapping[str, str],
    printed: str,
) -> dict[str, Any]:
    """What the layout is filled with: of the case as its reader sees it. `names`: of channel and level."""
    return {
        "title": "网格案件单",
        "number": case.number or f"回执号 {case.receipt_number}",
        "fields": [list(pair) for pair in _fields(case, names)],
        "description": case.description,
        "steps": [_step(step) for step in steps],
        "photos": [f"{STAGES[photo.stage]}　{written_instant(photo.added_at)}" for photo in photos],
        "printed": printed,
    }


def _fields(case: CaseRead, names: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        ("回执号", case.receipt_number),
        ("状态", STATES[case.state]),
        ("来源", names.get(case.channel, case.channel)),
        ("问题类别", f"{case.category_zh}（{case.category}）"),
        ("上报时间", written_instant(case.reported_at)),
        ("区划代码", case.area),
        ("地址", case.address or NONE),
        ("反映人", _reporter(case.reporter)),
        ("承办", case.unit_zh or case.squad or NONE),
        ("办理层级", names.get(case.level or "", NONE)),
        ("处置时限", _at(case.due_at) + ("（已超时）" if case.overdue else "")),
        ("办结时间", _at(case.ended_at)),
        ("结果", OUTCOMES.get(case.outcome or "", NONE)),
        ("轮次", f"第{case.round}轮，退单{case.return_count}次，返工{case.rework_count}次"),
    ]


def _at(at: datetime | None) -> str:
    return written_instant(at) if at else NONE


def _reporter(told: MaskedReporter | None) -> str:
    return " ".join(part for part in (told.name, told.phone) if part) if told else NONE


def _step(step: HistoryRead) -> list[str]:
    who = ROLES.get(step.actor_role, step.actor_role)
    named = who if step.actor is None or step.actor.startswith("system:") else f"{who}\n{step.actor}"
    return [written_instant(step.at), ACTIONS.get(step.action, step.action), named, step.note or ""]
