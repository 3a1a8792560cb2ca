"""What the use cases of a handover take: small frozen values. Pure.

>>> Subject(type="case", id=UUID(int=1), number="G20260101").number
'G20260101'
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.contracts.handover import Contents, MediaRef, Outcome

__all__ = ["Amendment", "Contact", "Joint", "Order", "Outcome", "Progress", "Subject"]


@dataclass(frozen=True)
class Subject:
    """What is handed over: the sender's record, with its number for people (移交对象)."""

    type: str
    id: UUID
    number: str


@dataclass(frozen=True)
class Joint:
    """Joint handling (会同处置): one handover per unit under one id, one of them marked lead (牵头)."""

    id: UUID
    lead: bool


@dataclass(frozen=True)
class Order:
    """A request (移交单). `due_at`: wanted by, aware UTC, None = no deadline, never overdue.

    `replaces`: the handover that this one follows (re-dispatch, reopening, 重办). `reporter_withheld`: the
    receiver is the accused, the reporter is left out. `consent_at`: when the reporter's consent to be named
    was recorded. `once`: at most one handover of the kind for the subject under this key (a red episode).
    `extension_limit`: most granted extensions by the category's standard; None = the kind's default.
    `late`: the deadline may have passed already, since others had the subject before.
    """

    contents: Contents
    area: str = ""
    unit_id: UUID | None = None
    due_at: datetime | None = None
    joint: Joint | None = None
    replaces: UUID | None = None
    reporter_withheld: bool = False
    consent_at: datetime | None = None
    once: str | None = None
    extension_limit: int | None = None
    late: bool = False
    note: str = ""


@dataclass(frozen=True)
class Amendment:
    """A change of category or deadline (变更): what is None stays as it is."""

    category: str | None = None
    due_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True)
class Contact:
    """First contact with the reporter (先行联系): when and whom, or in `note` why not."""

    at: datetime | None = None
    person: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Progress:
    """How far it is (进展); `interim`: fit to be passed on to the reporter (阶段性答复).

    `arrived_at`: when the repairers came, if that is what is said (到场), UTC.
    """

    note: str
    interim: bool = False
    media: tuple[MediaRef, ...] = ()
    arrived_at: datetime | None = None
