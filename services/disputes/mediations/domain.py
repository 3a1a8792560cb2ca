"""How parties are mediated: consent, agreement, failure. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from libs.common.errors import Conflict, Invalid
from services.disputes.disputes.domain import AgreementForm, Consent, State


class FailReason(StrEnum):
    """Why a mediation failed (调解不成原因); 最高人民法院关于人民法院特邀调解的规定 art. 26."""

    TOO_FAR_APART = "too-far-apart"  # 分歧过大，难以达成一致
    UNREACHABLE = "unreachable"  # 期限内无法联系当事人
    PERIOD_OVER = "period-over"  # 期限届满，各方未同意延长
    NOT_SIGNED = "not-signed"  # 达成协议后拒绝签署
    OTHER = "other"  # 其他


@dataclass(frozen=True)
class AgreementGiven:
    """What the parties agreed (协议内容): terms, manner and date of performance (人民调解法 art. 29)."""

    form: AgreementForm
    terms: str
    performance: str
    perform_by: date | None = None
    performed_on_spot: bool = False
    written_asked: bool = False


@dataclass(frozen=True)
class Signed:
    """Who has signed now, and whether the committee's seal is on it (签署、盖章)."""

    party_ids: tuple[UUID, ...] = ()
    mediator: bool = False
    sealed: bool = False


class PartyUnknown(Invalid):
    """No party of the dispute has this id (当事人不存在)."""

    code = "dispute-party-unknown"
    zh = "所列当事人不是本纠纷的当事人"
    en = "One of the parties named is no party of this dispute"


class NotAllParties(Invalid):
    """It needs every party (须各方当事人一致)."""

    code = "dispute-not-all-parties"
    zh = "须由各方当事人共同提出"
    en = "Every party must ask for it"


class WrittenRequired(Invalid):
    """An agreement in writing is needed (须订立书面协议)."""

    code = "dispute-written-required"
    zh = "当事人要求、不能当场履行或重大纠纷的，须订立书面调解协议"
    en = "It must be in writing: a party asks for it, it is not performed at once, or the dispute is major"


class PerformanceDateMissing(Invalid):
    """The agreement names the date of performance (须写明履行期限)."""

    code = "dispute-performance-date"
    zh = "须写明不早于今天的履行期限，当场履行的除外"
    en = "Name a date of performance, today or later, unless it is performed on the spot"


class AlreadyInEffect(Conflict):
    """The agreement is in effect (协议已生效)."""

    code = "dispute-agreement-in-effect"
    zh = "协议已生效"
    en = "The agreement is in effect already"


class FailReasonUnfit(Invalid):
    """Refusal to sign follows an agreement, everything else does not (原因与状态不符)."""

    code = "dispute-fail-reason"
    zh = "当前状态下不适用该原因：{reason}"
    en = "The reason '{reason}' does not fit the present state"


class NotLater(Invalid):
    """An extension ends after the limit in force and in the future (期限无效)."""

    code = "dispute-limit-not-later"
    zh = "延长后的期限须晚于现行期限和当前时间"
    en = "The new limit must be later than the one in force and lie in the future"


class SessionAhead(Invalid):
    """A session has been held before it is recorded (调解时间无效)."""

    code = "dispute-session-ahead"
    zh = "调解时间不得晚于当前时间，也不得早于受理时间"
    en = "The session lies in the future, or before the body accepted the dispute"


def outstanding(consents: Collection[str]) -> int:
    """How many parties have not said yes."""
    return sum(consent != Consent.GIVEN for consent in consents)


def check_parties(given: Collection[UUID], known: Collection[UUID]) -> None:
    """Raises `PartyUnknown` if a named party is not one of the dispute's."""
    if set(given) - set(known):
        raise PartyUnknown(pointer="/party_ids")


def check_all(given: Collection[UUID], known: Collection[UUID]) -> None:
    """Raises `PartyUnknown`, `NotAllParties` unless every party of the dispute is named."""
    check_parties(given, known)
    if set(known) - set(given):
        raise NotAllParties(pointer="/party_ids")


def check_form(given: AgreementGiven, written: bool, day: date) -> None:
    """Written if asked for, if not performed on the spot, or if major: 宁波市人民调解条例 art. 24.

    `written`: the class asks for it; `day`: today in Shanghai. Raises `WrittenRequired`,
    `PerformanceDateMissing`.
    """
    needed = written or given.written_asked or not given.performed_on_spot
    if needed and given.form is not AgreementForm.WRITTEN:
        raise WrittenRequired(pointer="/form")
    if not given.performed_on_spot and (given.perform_by is None or given.perform_by < day):
        raise PerformanceDateMissing(pointer="/perform_by")


def in_effect(signed: int, parties: int, mediator: datetime | None, sealed: datetime | None) -> bool:
    """A written agreement takes effect once all parties and the mediator signed and the committee sealed it.

    人民调解法 art. 29; an oral one takes effect when it is reached (art. 30).
    """
    return signed == parties and mediator is not None and sealed is not None


def check_fail(state: State, reason: FailReason) -> None:
    """Raises `FailReasonUnfit`."""
    if (reason is FailReason.NOT_SIGNED) is not (state is State.AGREED):
        raise FailReasonUnfit(reason=reason.value, pointer="/reason")


def check_later(until: datetime, now: datetime, in_force: datetime | None) -> None:
    """Raises `NotLater`."""
    if until <= max(now, in_force or now):
        raise NotLater(pointer="/until")


def check_held(held_at: datetime, now: datetime, accepted_at: datetime | None) -> None:
    """Raises `SessionAhead`."""
    if held_at > now or held_at < (accepted_at or held_at):
        raise SessionAhead(pointer="/held_at")
