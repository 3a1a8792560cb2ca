"""Tables of targets and of the values that they had."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from services.targets.base import Base


class Target(Base):
    """What a plan promised (目标). Figures stand in `unit`; `base_*` are the same in `base_unit`."""

    __tablename__ = "target"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    code: Mapped[str] = mapped_column(unique=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    title_zh: Mapped[str]
    title_en: Mapped[str]
    level: Mapped[str]
    area: Mapped[str]
    theme: Mapped[str] = mapped_column(server_default=text("''"))
    kind: Mapped[str]
    aggregation: Mapped[str]
    value: Mapped[Decimal | None]
    value_min: Mapped[Decimal | None]
    value_max: Mapped[Decimal | None]
    comparator: Mapped[str | None]
    unit: Mapped[str | None]
    base_unit: Mapped[str | None]
    base_value: Mapped[Decimal | None]
    """What must be reached at least, in the base unit: of a range its lower end; null = no figure."""
    baseline: Mapped[Decimal | None]
    already_met: Mapped[bool] = mapped_column(server_default=text("false"))
    denominator_zh: Mapped[str] = mapped_column(server_default=text("''"))
    denominator_en: Mapped[str] = mapped_column(server_default=text("''"))
    denominator_stated: Mapped[bool] = mapped_column(server_default=text("true"))
    strength: Mapped[str] = mapped_column(server_default=text("''"))
    soft: Mapped[bool] = mapped_column(server_default=text("false"))
    start: Mapped[date | None]
    deadline: Mapped[date | None]
    deadline_text: Mapped[str] = mapped_column(server_default=text("''"))
    deadline_inferred: Mapped[bool] = mapped_column(server_default=text("false"))
    recurrence: Mapped[str | None]
    milestones: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    annual: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("target.id"))
    relation: Mapped[str | None]
    relation_basis: Mapped[str | None]
    via: Mapped[str] = mapped_column(server_default=text("''"))
    outlives: Mapped[bool] = mapped_column(server_default=text("false"))
    responsible: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    responsible_basis: Mapped[str | None]
    rhythm: Mapped[str | None]
    clause: Mapped[str] = mapped_column(server_default=text("''"))
    also_in: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    note: Mapped[str] = mapped_column(server_default=text("''"))
    origin: Mapped[str]
    demonstration: Mapped[bool] = mapped_column(server_default=text("false"))
    reserve: Mapped[Decimal | None]
    """What is held back when the target is allocated, in `unit`; null = not allocated, or not by figures."""
    file_digest: Mapped[bytes | None]
    """Digest of the file's row that was loaded last: a change over the API outlives the next load."""
    words: Mapped[str] = mapped_column(TSVECTOR(), deferred=True)
    updated_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("kind IN ('sum', 'count', 'rate', 'stock', 'boolean', 'qualitative')", name="kind"),
        CheckConstraint("(parent_id IS NULL) = (relation IS NULL)", name="relation"),
        CheckConstraint("start IS NULL OR deadline IS NULL OR start <= deadline", name="dates"),
        Index("ix_target_plan", "plan_id", "code"),
        Index("ix_target_area", "area", "code"),
        Index("ix_target_kind", "kind", "code"),
        Index("ix_target_parent", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        Index("ix_target_words", "words", postgresql_using="gin"),
    )


class TargetValue(Base):
    """A value that a target has or had, and from which day it counts (目标值版本)."""

    __tablename__ = "target_value"

    target_id: Mapped[UUID] = mapped_column(ForeignKey("target.id"), primary_key=True)
    target_version: Mapped[int] = mapped_column(Integer(), primary_key=True)
    effective_from: Mapped[date | None]
    """Local day; null = from the beginning."""
    value: Mapped[Decimal | None]
    value_min: Mapped[Decimal | None]
    value_max: Mapped[Decimal | None]
    comparator: Mapped[str | None]
    unit: Mapped[str | None]
    base_value: Mapped[Decimal | None]
    deadline: Mapped[date | None]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]
