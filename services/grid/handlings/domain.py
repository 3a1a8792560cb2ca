"""What a contact, a request and a reply must be, and what they say. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from libs.common.clocks import is_overdue
from services.grid.handlings.refusals import (
    AccusedNotContact,
    CaseNotEnded,
    ContactMissing,
    ContactTimeInvalid,
    ExtensionTooLate,
    NotInMediation,
    NotSolvedInFact,
    ReturnTooLate,
)
from services.grid.lifecycle.domain import OPEN as OPEN_CASES
from services.grid.lifecycle.domain import CaseState
from services.grid.orders.domain import Extension


class Contactor(StrEnum):
    """Who made the first contact (先行联系人身份)."""

    OFFICER = "officer"  # 热线承办人
    UNIT = "unit"  # 处置单位
    HOUSING_OFFICE = "housing_office"  # 房管部门
    NEIGHBOURHOOD = "neighbourhood"  # 居(村)委会


class Finding(StrEnum):
    """Whether what was told is so (事实认定)."""

    TRUE = "true"  # 属实
    PARTLY = "partly"  # 部分属实
    UNTRUE = "untrue"  # 不属实


class Result(StrEnum):
    """What came of it (处理结果)."""

    SOLVED = "solved"  # 实际解决
    EXPLAINED = "explained"  # 解释说明


@dataclass(frozen=True)
class Contact:
    """A first contact (先行联系): when and with whom, or why it failed. `at`: UTC."""

    by: Contactor
    at: datetime | None = None
    person: str | None = None
    reason: str | None = None


def check_contact(contact: Contact, received_at: datetime, now: datetime, ahead: timedelta) -> Contact:
    """The contact itself. Raises `ContactTimeInvalid` if it lies before the order or ahead of now."""
    if contact.at is not None and not received_at - ahead <= contact.at <= now + ahead:
        raise ContactTimeInvalid(pointer="/contacted_at")
    return contact


def contact_on_time(contact: Contact, due_at: datetime, now: datetime) -> bool:
    """By when it was made; an attempt in vain counts from when it was written down."""
    return not is_overdue(min(contact.at or now, now), due_at)


def reply_on_time(due_at: datetime | None, now: datetime) -> bool | None:
    """Whether a reply that leaves now keeps its deadline; None while it has none."""
    return None if due_at is None else not is_overdue(now, due_at)


def check_contactor(by: Contactor, unit_id: UUID | None, accused: UUID | None) -> None:
    """Raise `AccusedNotContact` if the complained-of unit itself would speak to the caller."""
    if by is Contactor.UNIT and accused is not None and unit_id in (None, accused):
        raise AccusedNotContact(pointer="/by")


def check_return(return_due_at: datetime, now: datetime) -> None:
    """Raise `ReturnTooLate` once the hotline's time for returns is over."""
    if is_overdue(now, return_due_at):
        raise ReturnTooLate(due=return_due_at.isoformat())


def check_extension(reply_due_at: datetime | None, extension: str | None, now: datetime) -> None:
    """Raise `ExtensionTooLate` unless more time may be asked for: before it is overdue, granted once."""
    late = reply_due_at is None or is_overdue(now, reply_due_at)
    if late or extension in (Extension.ASKED, Extension.GRANTED):
        raise ExtensionTooLate(extension=extension or "-")


def check_in_mediation(case_state: str) -> None:
    """Raise `NotInMediation` unless the conversion allows an interim reply."""
    if case_state != CaseState.CONVERTED:
        raise NotInMediation(state=case_state)


def check_reply(result: Result, contacted: datetime | None, case_state: str, outcome: str | None) -> None:
    """Raise what stands against a reply: `ContactMissing`, `CaseNotEnded`, `NotSolvedInFact`.

    Solved in fact 实际解决 is only what the case was closed as: a failed mediation or a rejected report is
    explained 解释说明. What was closed by authority has no outcome of its own.
    """
    if contacted is None:
        raise ContactMissing
    if case_state in OPEN_CASES:
        raise CaseNotEnded(state=case_state)
    by_authority = case_state == CaseState.FORCE_CLOSED
    if result is Result.SOLVED and outcome != Result.SOLVED and not by_authority:
        raise NotSolvedInFact(pointer="/result")
