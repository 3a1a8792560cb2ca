"""Tables of contributions, and the measures of `tasks` as far as targets must know them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, desc, text
from sqlalchemy.orm import Mapped, mapped_column

from services.targets.base import Base


class Contribution(Base):
    """What a verified task brings to a target (任务计入). Rows stay; nothing is taken back."""

    __tablename__ = "contribution"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    target_id: Mapped[UUID]
    task_id: Mapped[UUID]
    task_number: Mapped[str]
    measure_id: Mapped[UUID | None]
    unit_id: Mapped[UUID | None]
    area: Mapped[str]
    verified_on: Mapped[date]
    """Local day."""
    quantity: Mapped[Decimal | None]
    unit: Mapped[str | None]
    base_quantity: Mapped[Decimal | None]
    lot: Mapped[str | None]
    reason: Mapped[str]
    counts: Mapped[bool]
    evidence_count: Mapped[int] = mapped_column(Integer())
    recorded_at: Mapped[datetime]

    __table_args__ = (
        Index("uq_contribution_task", "target_id", "task_id", unique=True),
        Index(
            "uq_contribution_lot",
            "target_id",
            "lot",
            unique=True,
            postgresql_where=text("counts AND lot IS NOT NULL"),
        ),
        Index("ix_contribution_target", "target_id", desc("verified_on"), desc("id")),
        Index("ix_contribution_recorded", "recorded_at"),
    )


class KnownMeasure(Base):
    """A measure as `tasks` publishes it (举措)."""

    __tablename__ = "known_measure"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    plan: Mapped[str]
    title_zh: Mapped[str]
    title_en: Mapped[str]
    area: Mapped[str]
    lead_unit_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"))
    due_on: Mapped[date | None]
    links: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    target_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"))
    """The targets that it is linked to."""

    __table_args__ = (Index("ix_known_measure_targets", "target_ids", postgresql_using="gin"),)
