"""Tables of measures and of what they bring to targets."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.tasks.base import Base
from services.tasks.measures.domain import LinkKind


class Measure(Base):
    """A measure of a plan (举措)."""

    __tablename__ = "measure"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    code: Mapped[str] = mapped_column(unique=True)
    plan: Mapped[str]
    """Code of the plan, which `targets` owns."""
    kind: Mapped[str]
    clause: Mapped[str | None]
    title_zh: Mapped[str]
    title_en: Mapped[str]
    area: Mapped[str]
    lead_unit_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"))
    responsible_unit_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"))
    cooperating_unit_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"))
    named_unit_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"))
    inferred_unit_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"))
    unit_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"))
    """Lead, responsible and cooperating units; none = unassigned (未落实单位)."""
    open_ended: Mapped[bool] = mapped_column(server_default=text("false"))
    """The document's list of units ends with 等."""
    parent_id: Mapped[UUID | None]
    deadline_text: Mapped[str | None]
    timing: Mapped[str | None]
    due_on: Mapped[date | None]
    """Last local day; None = undated, never overdue."""
    deadline_inferred: Mapped[bool] = mapped_column(server_default=text("false"))
    milestones: Mapped[list[dict[str, Any]]] = mapped_column(JSONB(), server_default=text("'[]'"))
    items_en: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    source: Mapped[str]
    file_digest: Mapped[bytes]
    words: Mapped[str] = mapped_column(TSVECTOR(), deferred=True)
    updated_at: Mapped[datetime]
    links: Mapped[list[MeasureLink]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="MeasureLink.target_code"
    )

    __table_args__ = (
        CheckConstraint("timing IN ('by', 'throughout', 'each')", name="timing"),
        CheckConstraint("(timing IS NULL) = (due_on IS NULL)", name="dated"),
        Index("ix_measure_plan", "plan", "code"),
        Index("ix_measure_units", "unit_ids", postgresql_using="gin"),
        Index("ix_measure_words", "words", postgresql_using="gin"),
    )

    @property
    def unassigned(self) -> bool:
        """Whether the document assigns no unit (未落实单位)."""
        return not self.unit_ids


class KnownTarget(Base):
    """A target of `targets`, as heard (指标投影)."""

    __tablename__ = "known_target"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    title_zh: Mapped[str]
    title_en: Mapped[str]
    kind: Mapped[str]
    unit: Mapped[str | None]


class MeasureLink(Base):
    """That a measure serves a target of `targets`, and how much it brings when done (举措与指标的关联)."""

    __tablename__ = "measure_link"

    measure_id: Mapped[UUID] = mapped_column(ForeignKey("measure.id"), primary_key=True)
    target_id: Mapped[UUID] = mapped_column(primary_key=True)
    target_code: Mapped[str]
    quantity: Mapped[Decimal | None] = mapped_column(Numeric())
    unit: Mapped[str | None]
    lot: Mapped[str | None]
    set_at: Mapped[datetime | None]
    """When a person last said how much; None = as the file has it."""

    __table_args__ = (
        CheckConstraint("(quantity IS NULL) = (unit IS NULL)", name="quantity"),
        CheckConstraint("quantity > 0", name="positive"),
        Index("ix_measure_link_target", "target_id"),
    )

    @property
    def kind(self) -> LinkKind:
        """Whether it counts."""
        return LinkKind.COUNTS if self.quantity is not None else LinkKind.SUPPORTS
