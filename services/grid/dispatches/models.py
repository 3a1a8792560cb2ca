"""Tables of dispatches."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base


class Dispatch(Base):
    """One dispatch of a case (派遣记录). The verdict on time stays with it, whatever is reopened later.

    To a unit or to a squad; to neither: it was converted, mediation has it by the handover (转调解).
    Several at once under one `joint_id`: one of them leads (会同处置).
    """

    __tablename__ = "dispatch"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"))
    round: Mapped[int] = mapped_column(Integer())
    category: Mapped[str]
    area: Mapped[str]
    unit_id: Mapped[UUID | None]
    handover_id: Mapped[UUID | None] = mapped_column(unique=True)
    joint_id: Mapped[UUID | None]
    lead: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    squad: Mapped[str | None]
    level: Mapped[str | None]
    relation: Mapped[str | None]
    """On which side of a duty the place lies, as the dispatcher found it (位置关系)."""
    note: Mapped[str | None]
    dispatched_at: Mapped[datetime]
    dispatched_by: Mapped[str]
    due_at: Mapped[datetime | None]
    repair: Mapped[str | None]
    """Class of the repair order (报修等级); None: it is none."""
    arrive_due_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    arrived_on_time: Mapped[bool | None]
    finished_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    on_time: Mapped[bool | None]
    designated_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    """Since when the return by a unit beside the lead waits for the dispatcher; a lead's ends it at once."""
    ended_at: Mapped[datetime | None]
    end: Mapped[str | None]
    reason_code: Mapped[str | None]
    reason: Mapped[str | None]

    __table_args__ = (
        Index("ix_dispatch_case", "case_id", "dispatched_at"),
        Index(
            "uq_dispatch_open", "case_id", unique=True, postgresql_where=text("ended_at IS NULL AND lead")
        ),
        Index(
            "uq_dispatch_unit", "case_id", "unit_id", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
        Index(
            "ix_dispatch_returned",
            "category",
            "unit_id",
            "ended_at",
            postgresql_where=text('"end" = \'returned\''),
        ),
        Index(
            "ix_dispatch_repair",
            "arrive_due_at",
            "id",
            postgresql_where=text("repair IS NOT NULL AND ended_at IS NULL"),
        ),
    )  # fmt: skip
