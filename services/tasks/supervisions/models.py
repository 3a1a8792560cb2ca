"""Table of supervisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Integer, desc, text
from sqlalchemy.orm import Mapped, mapped_column

from services.tasks.base import Base
from services.tasks.supervisions.domain import State

_STATES = ", ".join(f"'{state}'" for state in State)


class Supervision(Base):
    """A supervision, proposed by a red light (督办). All times UTC."""

    __tablename__ = "supervision"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    serial: Mapped[int] = mapped_column(Identity(always=False))
    number: Mapped[str] = mapped_column(unique=True)
    """督办编号; its slip 督办单 carries it."""
    handover_id: Mapped[UUID] = mapped_column(unique=True)
    target_id: Mapped[UUID]
    target_code: Mapped[str]
    title: Mapped[str]
    description: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """What the proposer says of the light, as it stood (亮灯情况)."""
    area: Mapped[str]
    unit_id: Mapped[UUID | None]
    """The unit that is to answer: as proposed, then as issued."""
    state: Mapped[str]
    proposed_at: Mapped[datetime]
    wanted_by: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    reason: Mapped[str | None]
    note: Mapped[str | None]
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("task.id"), unique=True)
    """The task as which it was issued last."""
    due_at: Mapped[datetime | None]
    on_time: Mapped[bool | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("(state = 'not_issued') = (reason IS NOT NULL)", name="reason"),
        CheckConstraint("state NOT IN ('issued', 'closed') OR task_id IS NOT NULL", name="task"),
        Index("ix_supervision_time", desc("proposed_at"), desc("id")),
        Index("ix_supervision_state", "state", desc("proposed_at"), desc("id")),
        Index("ix_supervision_district", text("left(area, 6)"), "state", desc("proposed_at"), desc("id")),
        Index("ix_supervision_township", text("left(area, 9)"), "state", desc("proposed_at"), desc("id")),
        Index("ix_supervision_target", "target_id", desc("proposed_at"), desc("id")),
        Index("ix_supervision_unit", "unit_id", desc("proposed_at"), desc("id")),
    )
