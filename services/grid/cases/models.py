"""Tables of the case."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, desc, func, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base
from services.grid.lifecycle.domain import ESCALATED_FROM, OPEN, WITH_HANDLER, CaseState

_COUNT = text("0")


def _one_of(states: tuple[CaseState, ...]) -> str:
    return ", ".join(f"'{state.value}'" for state in states)


OFFERED = "state = 'dispatched' AND squad IS NOT NULL AND handler IS NULL"
"""With the own squad, and whoever begins has it."""

ESCALATING = f"escalate_at IS NOT NULL AND state IN ({_one_of(ESCALATED_FROM)})"
"""A level above it is called when the time comes."""

_PUBLIC_KEY = text("md5(CAST(id AS text)) DESC")
_REPORTED_ON = text("(CAST(timezone('Asia/Shanghai', reported_at) AS date)) DESC")
_ENDED_ON = text("(CAST(timezone('Asia/Shanghai', ended_at) AS date)) DESC")


class Case(Base):
    """A case (案件). Columns of personal data: `description`, `address` (restricted)."""

    __tablename__ = "grid_case"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    fingerprint: Mapped[bytes]
    receipt_number: Mapped[str] = mapped_column(unique=True)
    number: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[str]
    round: Mapped[int] = mapped_column(Integer(), server_default=text("1"))

    # What was reported.
    channel: Mapped[str]
    source_number: Mapped[str | None]
    category: Mapped[str]
    description: Mapped[str]
    words: Mapped[str] = mapped_column(TSVECTOR(), deferred=True)
    found_at: Mapped[datetime]
    reported_at: Mapped[datetime]
    reported_by: Mapped[str]
    verification: Mapped[str]
    self_handled: Mapped[bool] = mapped_column(server_default=text("false"))

    # Where.
    area: Mapped[str]
    estate_id: Mapped[UUID | None]
    address: Mapped[str | None]
    inside_wall: Mapped[bool | None]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    given_place: Mapped[str | None]
    """Coordinates and system as the reporter gave them."""
    nearest: Mapped[bool] = mapped_column(server_default=text("false"))

    # The standard that it was filed under: it keeps this revision; and the item of its category 子类.
    standard_id: Mapped[UUID | None] = mapped_column(ForeignKey("standard.id"))
    item: Mapped[str | None]
    limit_amount: Mapped[int | None] = mapped_column(Integer())
    limit_unit: Mapped[str | None]
    photos_before: Mapped[int] = mapped_column(Integer(), server_default=_COUNT)
    photos_after: Mapped[int] = mapped_column(Integer(), server_default=_COUNT)

    # Who has it.
    level: Mapped[str | None]
    loop: Mapped[str | None]
    capable_level: Mapped[str | None]
    """The lowest level that may close it, by the rule in force when it was filed (最低办理层级)."""
    unit_id: Mapped[UUID | None]
    handover_id: Mapped[UUID | None]
    """By which a unit or mediation has it, or had it at the end."""
    squad: Mapped[str | None]
    handler: Mapped[str | None]
    handlers: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Everyone who ever handled it: none of them may check or close it."""
    designated: Mapped[bool] = mapped_column(server_default=text("false"))
    checker: Mapped[str | None]
    claimed_by: Mapped[str | None]
    claimed_until: Mapped[datetime | None]

    # Clocks, UTC.
    step_due_at: Mapped[datetime | None]
    queue: Mapped[str | None]
    queue_due_at: Mapped[datetime | None]
    clock_started_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    on_time: Mapped[bool | None]
    soon_mark: Mapped[datetime | None]
    """The deadline of which it was told that it is near (临期提醒)."""
    overdue_at: Mapped[datetime | None]
    """The deadline that has passed unanswered (超时), as long as nothing shows otherwise."""
    excused_mark: Mapped[datetime | None]
    """The overdue mark that an appeal has excused (申诉成立)."""
    unsigned_at: Mapped[datetime | None]
    unattended_at: Mapped[datetime | None]
    """Since when nobody on duty has it, though somebody off duty still does (无人在岗)."""
    escalate_at: Mapped[datetime | None]
    """When its level has had its time (升级时限); no comment, urge or return moves it."""
    escalated_at: Mapped[datetime | None]
    """When it came up to this level; None once this level has dispatched it."""
    suspended_at: Mapped[datetime | None]
    suspended_until: Mapped[datetime | None]
    resumed_at: Mapped[datetime | None]
    converted_at: Mapped[datetime | None]
    """Since when mediation has it (转调解), which stops the clock as a suspension does."""
    joint_returned_at: Mapped[datetime | None]
    """Since when a return by a unit beside the lead waits for the dispatcher (会同单位退单)."""
    interim_at: Mapped[datetime | None]
    """When the reporter was told that it is in mediation (阶段性答复)."""
    pauses: Mapped[list[datetime]] = mapped_column(server_default=text("'{}'"))
    """When the handling clock stood still: begin and end in turn (计时中断)."""
    deferral: Mapped[str | None]
    """What is asked for and not decided: `extension:requested`, `suspension:approved` and so on."""

    # Counts and the end.
    extension_count: Mapped[int] = mapped_column(Integer(), server_default=_COUNT)
    suspension_count: Mapped[int] = mapped_column(Integer(), server_default=_COUNT)
    return_count: Mapped[int] = mapped_column(Integer(), server_default=_COUNT)
    rework_count: Mapped[int] = mapped_column(Integer(), server_default=_COUNT)
    urge_count: Mapped[int] = mapped_column(Integer(), server_default=_COUNT)
    outcome: Mapped[str | None]
    merged_into: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(f"state IN ({_one_of(tuple(CaseState))})", name="state"),
        CheckConstraint(f"(ended_at IS NULL) = (state IN ({_one_of(OPEN)}))", name="ended"),
        Index("ix_grid_case_time", desc("reported_at"), desc("id")),
        *(
            Index(
                f"ix_grid_case_area{digits}",
                func.left(text("area"), text(str(digits))),
                desc("reported_at"),
                desc("id"),
            )
            for digits in (6, 9, 12)
        ),
        *(
            Index(
                f"ix_grid_case_public{digits}",
                func.left(text("area"), text(str(digits))),
                _REPORTED_ON,
                _PUBLIC_KEY,
                postgresql_where=text("number IS NOT NULL"),
            )
            for digits in (9, 12)
        ),
        Index(
            "ix_grid_case_enforced", "unit_id", _ENDED_ON, _PUBLIC_KEY,
            postgresql_where=text("state = 'closed' AND unit_id IS NOT NULL"),
        ),
        Index("ix_grid_case_category", "category", desc("reported_at"), desc("id")),
        Index(
            "ix_grid_case_group", func.left(text("category"), text("2")), desc("reported_at"), desc("id")
        ),
        Index(
            "ix_grid_case_item", "item", desc("reported_at"), desc("id"),
            postgresql_where=text("item IS NOT NULL"),
        ),
        Index("ix_grid_case_found", "category", "found_at"),
        Index("ix_grid_case_reporter", "reported_by", desc("reported_at"), desc("id")),
        Index(
            "ix_grid_case_handler",
            "handler",
            desc("reported_at"),
            desc("id"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_grid_case_open",
            func.left(text("area"), text("6")),
            desc("reported_at"),
            desc("id"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_grid_case_mine", "reported_by", "id", postgresql_where=text("ended_at IS NULL")
        ),
        Index("ix_grid_case_claimed", "claimed_by", postgresql_where=text("claimed_by IS NOT NULL")),
        Index("ix_grid_case_checker", "checker", "id", postgresql_where=text("checker IS NOT NULL")),
        Index("ix_grid_case_offered", "area", "id", postgresql_where=text(OFFERED)),
        Index(
            "ix_grid_case_near", "category", "lat", "lon", postgresql_where=text("ended_at IS NULL")
        ),
        Index(
            "ix_grid_case_queue", "queue_due_at", "id", postgresql_where=text("queue_due_at IS NOT NULL")
        ),
        Index(
            "ix_grid_case_running",
            "due_at",
            "id",
            postgresql_where=text(f"state IN ({_one_of((*WITH_HANDLER, CaseState.RETURNED))})"),
        ),
        Index("ix_grid_case_escalate", "escalate_at", "id", postgresql_where=text(ESCALATING)),
        Index(
            "ix_grid_case_suspended", "suspended_until", postgresql_where=text("state = 'suspended'")
        ),
        Index("ix_grid_case_estate", "estate_id", desc("reported_at"), desc("id")),
        Index(
            "uq_grid_case_source", "channel", "source_number", unique=True,
            postgresql_where=text("source_number IS NOT NULL"),
        ),
        Index("ix_grid_case_words", "words", postgresql_using="gin"),
    )  # fmt: skip

    @property
    def excused(self) -> bool:
        """Whether the overdue mark that stands was excused: the fact stays, no rate counts it (超时免责)."""
        return self.excused_mark is not None and self.excused_mark == self.overdue_at


class Reporter(Base):
    """Who reported (反映人): personal data, restricted. Masked wherever it is shown without a reason."""

    __tablename__ = "case_reporter"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"), primary_key=True)
    name: Mapped[str | None]
    phone: Mapped[str | None]
    secret: Mapped[bool]
    """Asked not to be known (要求保密): left out of every handover."""
    consent_at: Mapped[datetime | None]
    """When they agreed to be named as a party."""
    accused_unit_id: Mapped[UUID | None]
    """The complained-of unit (被诉单位): never told who reported."""


class Photo(Base):
    """A photo of a case by its hash (照片)."""

    __tablename__ = "case_photo"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(Integer())
    rework: Mapped[int] = mapped_column(Integer())
    """During which rework it was taken; 0 = the first handling."""
    added_by: Mapped[str]
    added_at: Mapped[datetime]

    __table_args__ = (Index("ix_case_photo_hash", "hash"),)


class CaseCounter(Base):
    """The last serial of case numbers by day and township-level area; gaps are allowed (编号流水)."""

    __tablename__ = "case_counter"

    day: Mapped[date] = mapped_column(primary_key=True)
    area: Mapped[str] = mapped_column(primary_key=True)
    serial: Mapped[int] = mapped_column(Integer())
