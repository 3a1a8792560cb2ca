"""Tables of present lights and red episodes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from services.targets.base import Base


class TargetLight(Base):
    """The present light of a target that is judged (现灯)."""

    __tablename__ = "target_light"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    target_id: Mapped[UUID] = mapped_column(ForeignKey("target.id"), unique=True)
    plan_id: Mapped[UUID]
    code: Mapped[str]
    area: Mapped[str]
    light: Mapped[str]
    reason: Mapped[str]
    judged_on: Mapped[date | None]
    value: Mapped[Decimal | None]
    """In the target's unit, of a rate per cent."""
    scheduled: Mapped[Decimal | None]
    since: Mapped[datetime]
    """When it became this light, UTC."""
    computed_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("light IN ('grey', 'green', 'yellow', 'red')", name="light"),
        Index("ix_target_light_code", "code"),
        Index("ix_target_light_light", "light", "code"),
        Index("ix_target_light_plan", "plan_id", "code"),
    )


class Episode(Base):
    """A red light and the supervision that it proposes (红灯督办)."""

    __tablename__ = "episode"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    target_id: Mapped[UUID] = mapped_column(ForeignKey("target.id"))
    unit_id: Mapped[UUID]
    area: Mapped[str]
    state: Mapped[str]
    judged_on: Mapped[date | None]
    """End of the reporting period in which it was red."""
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    """When the light left red, or another episode followed."""
    handover_id: Mapped[UUID] = mapped_column(unique=True)
    answered_at: Mapped[datetime | None]
    answer_note: Mapped[str | None]
    """Why it was not issued."""
    task_id: Mapped[UUID | None]
    due_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    on_time: Mapped[bool | None]

    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'issued', 'not_issued', 'verified', 'lapsed')", name="state"),
        Index("uq_episode_open", "target_id", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("ix_episode_target", "target_id", "opened_at"),
    )
