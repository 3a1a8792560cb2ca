"""Tables of major matters. Reports are never changed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, desc, func, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base
from services.grid.majors.domain import MajorState, ReportKind


def _one_of(words: type[MajorState] | type[ReportKind]) -> str:
    return ", ".join(f"'{word.value}'" for word in words)


class Major(Base):
    """A major matter (重大事项). `address` is restricted."""

    __tablename__ = "major"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer())
    kind: Mapped[str]
    state: Mapped[str]
    area: Mapped[str]
    estate_id: Mapped[UUID | None]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("grid_case.id"))
    address: Mapped[str | None]
    occurred_at: Mapped[datetime]
    reported_at: Mapped[datetime]
    reported_by: Mapped[str]
    reports: Mapped[int] = mapped_column(Integer())
    """How many there are: the number of the last one."""
    concluded_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(f"state IN ({_one_of(MajorState)})", name="state"),
        Index("ix_major_time", desc("reported_at"), desc("id")),
        *(
            Index(
                f"ix_major_area{digits}",
                func.left(text("area"), text(str(digits))),
                desc("reported_at"),
                desc("id"),
            )
            for digits in (6, 9, 12)
        ),
        Index("ix_major_estate", "estate_id", desc("reported_at"), desc("id")),
        Index("ix_major_case", "case_id", "reported_at"),
    )


class MajorReport(Base):
    """A report of a matter (初报、续报、终报). `told`: internal; who was hurt: restricted."""

    __tablename__ = "major_report"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    major_id: Mapped[UUID] = mapped_column(ForeignKey("major.id"))
    serial: Mapped[int] = mapped_column(Integer())
    kind: Mapped[str]
    told: Mapped[str]
    dead: Mapped[int | None] = mapped_column(Integer())
    injured: Mapped[int | None] = mapped_column(Integer())
    missing: Mapped[int | None] = mapped_column(Integer())
    persons: Mapped[str | None]
    at: Mapped[datetime]
    by: Mapped[str]
    role: Mapped[str]
    unreached: Mapped[list[str]]
    """Levels that nobody stood for there on the day."""

    __table_args__ = (
        CheckConstraint(f"kind IN ({_one_of(ReportKind)})", name="kind"),
        UniqueConstraint("major_id", "serial"),
    )


class MajorNotice(Base):
    """That a node was told of a report, and who there has it (通知与签收). `officer` is internal.

    How it is delivered, by text message or otherwise, is the notices' affair: this row is what is owed.
    """

    __tablename__ = "major_notice"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    major_id: Mapped[UUID] = mapped_column(ForeignKey("major.id"))
    serial: Mapped[int] = mapped_column(Integer())
    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    level: Mapped[str]
    area: Mapped[str]
    """Of the matter: by which notices are listed."""
    sent_at: Mapped[datetime]
    due_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    received_by: Mapped[str | None]
    officer: Mapped[str | None]
    """The officer's name, as the identity provider has it."""
    overdue_at: Mapped[datetime | None]
    """When the sweep found that nobody had said so in time."""

    __table_args__ = (
        UniqueConstraint("major_id", "serial", "node_id"),
        Index("ix_major_notice_waiting", "due_at", "id", postgresql_where=text("received_at IS NULL")),
        Index(
            "ix_major_notice_due",
            "due_at",
            postgresql_where=text("received_at IS NULL AND overdue_at IS NULL"),
        ),
    )
