"""Tables of reports and their versions."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, desc, text
from sqlalchemy.orm import Mapped, mapped_column

from services.targets.base import Base

_OPEN = "state IN ('expected', 'sent_back')"


class Report(Base):
    """What a unit is expected to tell of its share for a period (填报). Days are local, times UTC."""

    __tablename__ = "report"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    allocation_id: Mapped[UUID] = mapped_column(ForeignKey("allocation.id"))
    target_id: Mapped[UUID] = mapped_column(ForeignKey("target.id"))
    unit_id: Mapped[UUID]
    area: Mapped[str]
    period_first: Mapped[date]
    period_last: Mapped[date]
    due_on: Mapped[date]
    state: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    """Versions given so far."""
    accepted_revision: Mapped[int | None] = mapped_column(Integer())
    """The version that counts; a correction leaves it until it is accepted itself."""
    counts_from: Mapped[date | None]
    """Since which day it counts: the period's end, or the first acceptance if that was earlier."""
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    late: Mapped[bool | None]
    """First given after the last day to report; null = not given."""
    missed_at: Mapped[datetime | None]
    """When the sweep found the last day to report passed."""

    __table_args__ = (
        CheckConstraint("state IN ('expected', 'submitted', 'accepted', 'sent_back', 'void')", name="state"),
        CheckConstraint("period_first <= period_last", name="period"),
        Index("uq_report_period", "allocation_id", "period_first", unique=True),
        Index("ix_report_turn", "unit_id", "due_on", "id", postgresql_where=text(_OPEN)),
        Index("ix_report_unit", "unit_id", desc("period_last"), desc("id")),
        Index("ix_report_target", "target_id", "period_last", "area"),
        Index(
            "ix_report_waiting",
            text("left(area, 6)"),
            "due_on",
            "id",
            postgresql_where=text("state = 'submitted'"),
        ),
        Index("ix_report_district", text("left(area, 6)"), desc("period_last"), desc("id")),
        Index("ix_report_township", text("left(area, 9)"), desc("period_last"), desc("id")),
        Index("ix_report_missing", "due_on", "id", postgresql_where=text(f"{_OPEN} AND missed_at IS NULL")),
        Index(
            "ix_report_missed", "due_on", "id", postgresql_where=text(f"{_OPEN} AND missed_at IS NOT NULL")
        ),
        Index("ix_report_decided", "decided_at", postgresql_where=text("decided_at IS NOT NULL")),
    )


class ReportVersion(Base):
    """One version of a report's figures, as it was written and in the base unit (填报数据版本)."""

    __tablename__ = "report_version"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer(), primary_key=True)
    quantity: Mapped[Decimal | None]
    unit: Mapped[str | None]
    base_quantity: Mapped[Decimal | None]
    numerator: Mapped[Decimal | None]
    denominator: Mapped[Decimal | None]
    done: Mapped[bool | None]
    note: Mapped[str]
    reason: Mapped[str | None]
    """Why it was corrected."""
    photos: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Hashes of the evidence."""
    submitted_by: Mapped[str]
    submitted_at: Mapped[datetime]
    decision: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("decision IN ('accepted', 'sent_back')", name="decision"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided"),
    )
