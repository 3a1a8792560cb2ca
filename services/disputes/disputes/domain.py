"""Disputes 纠纷: states, steps, parties, agreements, and who may take a step. Pure.

A dispute is registered, put into a class, given to a body of the class's tier, and mediated once every party
has said yes. An agreement, a refusal or a failure waits for its closing; a refusal or a failure may first go
one tier up, where it is accepted anew. Sources: 中华人民共和国人民调解法 (2010), cited by article, and the
local rules that the constants name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from libs.common.fsm import Machine
from libs.common.policy import Principal, Role, sees_area
from services.disputes.bodies.domain import Tier
from services.disputes.disputes.refusals import DisputeExists as DisputeExists
from services.disputes.disputes.refusals import DisputeNotFound as DisputeNotFound
from services.disputes.disputes.refusals import IdNotUuid7 as IdNotUuid7
from services.disputes.disputes.refusals import MediatorObjected as MediatorObjected
from services.disputes.disputes.refusals import NotYourDispute as NotYourDispute


class Channel(StrEnum):
    """How a dispute came in (来源): art. 17 and 18 of the People's Mediation Law, and the grid."""

    APPLICATION = "application"  # 当事人申请
    EX_OFFICIO = "ex_officio"  # 主动调解
    PETITION = "petition"  # 信访转来
    AGENCY = "agency"  # 有关单位委托移送
    GRID = "grid"  # 网格移交


class PartyRole(StrEnum):
    """On which side a party stands (当事人地位)."""

    APPLICANT = "applicant"  # 申请人
    RESPONDENT = "respondent"  # 被申请人
    OTHER = "other"  # 第三人


class PartyKind(StrEnum):
    """What a party is (当事人类别). Only a person's name is masked; all telephones are."""

    OWNER = "owner"  # 业主
    TENANT = "tenant"  # 租户、使用人
    OWNERS_COMMITTEE = "owners_committee"  # 业主委员会
    FIRM = "firm"  # 物业服务企业
    DEVELOPER = "developer"  # 建设单位
    RESIDENTS_COMMITTEE = "residents_committee"  # 居（村）民委员会
    OTHER = "other"  # 其他


PERSONS = frozenset({PartyKind.OWNER, PartyKind.TENANT, PartyKind.OTHER})
"""Kinds of party that are persons."""


@dataclass(frozen=True)
class PartyGiven:
    """A party as it is named at registration (当事人). `named_at`: agreed to be named, UTC."""

    name: str
    role: PartyRole
    kind: PartyKind
    phone: str | None = None
    unit_id: UUID | None = None
    named_at: datetime | None = None


class Consent(StrEnum):
    """Whether a party agrees to be mediated at this tier (调解意愿)."""

    PENDING = "pending"  # 待征询
    GIVEN = "given"  # 同意
    REFUSED = "refused"  # 不同意


class AgreementForm(StrEnum):
    """How an agreement was made (协议形式), art. 28."""

    WRITTEN = "written"  # 书面
    ORAL = "oral"  # 口头


class Outcome(StrEnum):
    """How it ended (调解结果); the words of the handover's answer."""

    AGREEMENT = "agreement"  # 达成协议
    REFUSED = "refused"  # 当事人拒绝
    FAILED = "failed"  # 调解不成
    WITHDRAWN = "withdrawn"  # 申请人撤回


class Remedy(StrEnum):
    """Ways that stay open after a refusal or failure (救济途径), art. 26."""

    ARBITRATION = "arbitration"  # 仲裁
    COURT = "court"  # 诉讼
    ADMINISTRATIVE = "administrative"  # 行政处理


class State(StrEnum):
    """Where a dispute stands (纠纷状态)."""

    REGISTERED = "registered"  # 待分类
    CLASSIFIED = "classified"  # 待分派
    ASSIGNED = "assigned"  # 待征询
    MEDIATING = "mediating"  # 调解中
    AGREED = "agreed"  # 已达成协议
    REFUSED = "refused"  # 当事人拒绝
    FAILED = "failed"  # 调解不成
    CLOSED = "closed"  # 已办结
    WITHDRAWN = "withdrawn"  # 已撤回
    RETURNING = "returning"  # 退回待定
    RETURNED = "returned"  # 已退回


class Action(StrEnum):
    """The steps (操作)."""

    CLASSIFY = "classify"  # 分类
    RECLASSIFY = "reclassify"  # 重新分类
    ASSIGN = "assign"  # 分派
    CONSENT = "consent"  # 同意调解
    BEGIN = "begin"  # 各方均同意，开始调解
    REFUSE = "refuse"  # 拒绝调解
    OBJECT = "object"  # 申请调解员回避
    SESSION = "session"  # 调解记录
    PROGRESS = "progress"  # 进展
    SUPPLEMENT = "supplement"  # 补充
    URGE = "urge"  # 催办
    EXTEND = "extend"  # 延长期限
    AGREE = "agree"  # 达成协议
    SIGN_AGREEMENT = "sign-agreement"  # 签署、盖章
    FAIL = "fail"  # 调解不成
    ESCALATE = "escalate"  # 上交一级
    ROUTE_DOWN = "route-down"  # 下派一级
    CLOSE = "close"  # 办结
    SETTLE = "settle"  # 现场调结
    WITHDRAW = "withdraw"  # 撤回
    RETURN = "return"  # 退回移交方
    TAKE_BACK = "take-back"  # 移交方收回
    KEEP = "keep"  # 移交方撤回移交，继续办理


_S, _A = State, Action
BEFORE_BODY = (_S.REGISTERED, _S.CLASSIFIED)
WITH_BODY = (_S.ASSIGNED, _S.MEDIATING)
"""The body's clock runs."""
DECIDED = (_S.AGREED, _S.REFUSED, _S.FAILED)
OPEN = (*BEFORE_BODY, *WITH_BODY, *DECIDED, _S.RETURNING)
ENDS: Mapping[State, Outcome] = {
    _S.AGREED: Outcome.AGREEMENT,
    _S.REFUSED: Outcome.REFUSED,
    _S.FAILED: Outcome.FAILED,
    _S.WITHDRAWN: Outcome.WITHDRAWN,
}
"""What the sender is told for each state that a dispute ends from."""
_UNSOLVED = (_S.REFUSED, _S.FAILED)
_HERE: Mapping[Action, tuple[State, ...]] = {
    _A.RECLASSIFY: (_S.CLASSIFIED, *WITH_BODY, *_UNSOLVED),
    _A.CONSENT: (_S.ASSIGNED,),
    _A.OBJECT: WITH_BODY,
    _A.SESSION: (_S.MEDIATING,),
    _A.PROGRESS: (_S.CLASSIFIED, *WITH_BODY, *DECIDED),
    _A.SUPPLEMENT: OPEN,
    _A.URGE: OPEN,
    _A.EXTEND: (_S.MEDIATING,),
    _A.SIGN_AGREEMENT: (_S.AGREED,),
}
_TABLE: Mapping[tuple[State, Action], State] = {
    **{(state, action): state for action, states in _HERE.items() for state in states},
    (_S.REGISTERED, _A.CLASSIFY): _S.CLASSIFIED,
    (_S.REGISTERED, _A.SETTLE): _S.CLOSED,
    (_S.REGISTERED, _A.RETURN): _S.RETURNING,
    (_S.RETURNING, _A.TAKE_BACK): _S.RETURNED,
    (_S.RETURNING, _A.KEEP): _S.REGISTERED,
    **{(state, _A.ASSIGN): _S.ASSIGNED for state in (_S.CLASSIFIED, _S.ASSIGNED)},
    (_S.ASSIGNED, _A.BEGIN): _S.MEDIATING,
    **{(state, _A.REFUSE): _S.REFUSED for state in WITH_BODY},
    (_S.MEDIATING, _A.AGREE): _S.AGREED,
    **{(state, _A.FAIL): _S.FAILED for state in (*WITH_BODY, _S.AGREED)},
    **{(state, _A.ESCALATE): _S.ASSIGNED for state in (*WITH_BODY, *_UNSOLVED)},
    **{(state, _A.ROUTE_DOWN): _S.ASSIGNED for state in WITH_BODY},
    **{(state, _A.CLOSE): _S.CLOSED for state in DECIDED},
    **{(state, _A.WITHDRAW): _S.WITHDRAWN for state in (*BEFORE_BODY, *WITH_BODY, *_UNSOLVED)},
}
LIFE: Machine[State, Action] = Machine(name="dispute", initial=State.REGISTERED, table=_TABLE)


def allowed(state: State, *, handed_over: bool) -> list[Action]:
    """The steps that people may take in the state, in the order of the life cycle.

    `handed_over`: a sender waits for the answer, so that a return is possible.
    """
    alone = {_A.BEGIN, _A.SETTLE, _A.TAKE_BACK, _A.KEEP} | (set() if handed_over else {_A.RETURN})
    return [action for action in Action if action in LIFE.allowed(state) - alone]


def check_hand(viewer: Principal, area: str, body: UUID | None, tier: str | None) -> None:
    """The dispute is in the caller's hands: their body's, their town's or their district's.

    A centre's coordinator acts for the town's studios and centre, the district's committee for its own tier.
    Raises `NotYourDispute`.
    """
    if body is not None and viewer.body_id == body:
        return
    inside = sees_area(viewer, area)
    town = viewer.holds(Role.CENTRE_COORDINATOR) and tier != Tier.DISTRICT
    district = viewer.holds(Role.DISTRICT_MEDIATION) and tier in (None, Tier.DISTRICT)
    unplaced = viewer.holds(Role.MEDIATOR) and tier is None
    if not (inside and (town or district or unplaced)):
        raise NotYourDispute


def check_mediator(subject: str, objected: Collection[str]) -> None:
    """Raises `MediatorObjected` for someone to whom a party has objected.

    Near relatives and interested persons step aside when a party objects (最高人民法院关于人民法院特邀调解的
    规定, art. 15); only the recorded objection bars them here.
    """
    if subject in objected:
        raise MediatorObjected


def age_days(registered_at: datetime, ended_at: datetime | None, now: datetime) -> int:
    """Whole days since registration, over all tiers, until the end (总历时)."""
    return ((ended_at or now) - registered_at) // timedelta(days=1)


def agreement_number(word: str, year: int, serial: int) -> str:
    """The number of an agreement (案号): the committee's own series of the year, under its own word.

    >>> agreement_number("曹杨新村人调", 2026, 7)
    '（2026）曹杨新村人调字第0007号'
    """
    return f"（{year}）{word}字第{serial:04}号"
