"""The life of a request for more time, and its limits. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from libs.common.clocks import is_overdue
from libs.common.errors import Conflict, Forbidden, Invalid
from libs.common.fsm import Machine
from services.grid.rules.domain import Rules


class DeferralKind(StrEnum):
    """What is asked for (申请种类)."""

    EXTENSION = "extension"  # 延期
    SUSPENSION = "suspension"  # 挂账


class DeferralState(StrEnum):
    """Where the request stands (审批状态)."""

    REQUESTED = "requested"  # 待初审
    APPROVED = "approved"  # 待终审
    GRANTED = "granted"  # 同意
    REFUSED = "refused"  # 不同意
    LAPSED = "lapsed"  # 失效: the case went on without it


class DeferralAction(StrEnum):
    """What is done with it."""

    APPROVE = "approve"  # 初审同意
    GRANT = "grant"  # 终审同意
    REFUSE = "refuse"  # 不同意
    LAPSE = "lapse"  # 失效


_S, _A = DeferralState, DeferralAction
LIFE: Machine[DeferralState, DeferralAction] = Machine(
    name="deferral",
    initial=DeferralState.REQUESTED,
    table={
        (_S.REQUESTED, _A.APPROVE): _S.APPROVED,
        (_S.APPROVED, _A.GRANT): _S.GRANTED,
        (_S.REQUESTED, _A.REFUSE): _S.REFUSED,
        (_S.APPROVED, _A.REFUSE): _S.REFUSED,
        (_S.REQUESTED, _A.LAPSE): _S.LAPSED,
        (_S.APPROVED, _A.LAPSE): _S.LAPSED,
    },
)
"""Two-level approval (两级审批)."""


class DeferralPending(Conflict):
    """One request at a time (已有申请待审)."""

    code = "deferral-pending"
    zh = "已有延期或挂账申请待审批"
    en = "A request for more time is being decided already"


class NothingAsked(Conflict):
    """There is no request to decide (没有待审申请)."""

    code = "deferral-nothing-asked"
    zh = "没有待审批的申请"
    en = "There is no request to decide"


class AskedTooLate(Conflict):
    """Asked for before the deadline, not after (超时后不得申请延期)."""

    code = "extension-asked-too-late"
    zh = "已超过处置时限，不能再申请延期"
    en = "The deadline has passed: an extension cannot be asked for any more"


class DeferralsUsedUp(Conflict):
    """As often as the rule allows (次数已用完)."""

    code = "deferrals-used-up"
    zh = "申请次数已达上限 {most} 次"
    en = "The limit of {most} is reached"


class SuspensionTooLong(Invalid):
    """A suspension ends in the future and within the rule's days (挂账期限无效)."""

    code = "suspension-too-long"
    zh = "挂账期限须在将来且不超过 {days} 天"
    en = "A suspension ends in the future and within {days} days"


class SameApprover(Forbidden):
    """The second approval is another person's (两级审批须由不同人员)."""

    code = "same-approver"
    zh = "终审须由初审以外的人员作出"
    en = "The second approval is given by another person than the first"


@dataclass(frozen=True)
class Standing:
    """What the limits look at: the counts so far, the deadline, and what is being asked for already."""

    extensions: int
    suspensions: int
    due_at: datetime | None
    pending: bool


def check_ask(
    kind: DeferralKind, until: datetime | None, standing: Standing, rules: Rules, now: datetime
) -> None:
    """Raise `DeferralPending`, `DeferralsUsedUp`, `AskedTooLate` or `SuspensionTooLong`."""
    if standing.pending:
        raise DeferralPending
    if kind is DeferralKind.EXTENSION:
        if standing.extensions >= rules.extension.most:
            raise DeferralsUsedUp(most=rules.extension.most)
        if standing.due_at is None or is_overdue(now, standing.due_at):
            raise AskedTooLate
        return
    if standing.suspensions >= rules.suspension.most:
        raise DeferralsUsedUp(most=rules.suspension.most)
    longest = now + timedelta(days=rules.suspension.days)
    if until is None or not now < until <= longest:
        raise SuspensionTooLong(days=rules.suspension.days, pointer="/until")
