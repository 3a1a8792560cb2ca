"""Table of plans."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from services.targets.base import Base


class Plan(Base):
    """A plan whose targets are followed (计划)."""

    __tablename__ = "plan"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    code: Mapped[str] = mapped_column(unique=True)
    title_zh: Mapped[str]
    title_en: Mapped[str]
    level: Mapped[str]
    area: Mapped[str]
    doc_no: Mapped[str | None]
    issued: Mapped[date | None]
    period_from: Mapped[date | None]
    period_to: Mapped[date | None]
    """Last day; null = no end is stated."""
    period_inferred: Mapped[bool] = mapped_column(server_default=text("false"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("plan.id"))
    parent_basis: Mapped[str | None]
    sources: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    missing: Mapped[str] = mapped_column(server_default=text("''"))
    origin: Mapped[str]
    demonstration: Mapped[bool] = mapped_column(server_default=text("false"))
    state: Mapped[str]
    in_force_at: Mapped[datetime | None]
    concluded_at: Mapped[datetime | None]
    file_digest: Mapped[bytes | None]
    """Digest of the file's row that was loaded last: a change over the API outlives the next load."""
    words: Mapped[str] = mapped_column(TSVECTOR(), deferred=True)
    updated_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("state IN ('draft', 'in_force', 'concluded')", name="state"),
        CheckConstraint(
            "period_to IS NULL OR period_from IS NULL OR period_from <= period_to", name="period"
        ),
        Index("ix_plan_state", "state", "code"),
        Index("ix_plan_area", "area", "code"),
        Index("ix_plan_parent", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        Index("ix_plan_words", "words", postgresql_using="gin"),
    )
