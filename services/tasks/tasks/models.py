"""Tables of tasks. The title is short and general; personal data stays with the handover's contents."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Identity, Index, Integer, desc, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from services.tasks.base import Base
from services.tasks.tasks.domain import OPEN, UNANSWERED, State


def in_states(states: tuple[State, ...]) -> str:
    """The condition as the partial indexes have it, word for word, so that every plan may use them."""
    return "state IN (" + ", ".join(f"'{state}'" for state in states) + ")"


class Task(Base):
    """Work given to a unit (任务). All times UTC."""

    __tablename__ = "task"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    serial: Mapped[int] = mapped_column(Identity(always=False))
    number: Mapped[str] = mapped_column(unique=True)
    """任务编号."""
    origin: Mapped[str]
    handover_id: Mapped[UUID | None] = mapped_column(unique=True)
    joint_id: Mapped[UUID | None]
    lead: Mapped[bool] = mapped_column(server_default=text("true"))
    subject_type: Mapped[str | None]
    subject_id: Mapped[UUID | None]
    subject_number: Mapped[str | None]
    replaces_id: Mapped[UUID | None]
    """The task of which this one is the next try."""
    measure_id: Mapped[UUID | None]
    """The measure of a plan that it carries out (举措)."""
    counts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB(), server_default=text("'[]'"))
    """What it brings to targets once it is verified; quantities are exact, written as text (计入指标)."""
    title: Mapped[str]
    description: Mapped[str | None]
    """Of direct tasks; a case's description stays with its handover."""
    category: Mapped[str | None]
    area: Mapped[str]
    unit_id: Mapped[UUID | None]
    """None: the named unit does not exist here."""
    partner_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"))
    """Responsible and cooperating units beside the lead (责任、配合单位)."""
    owing_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"))
    """Those of them that have given no feedback yet."""
    state: Mapped[str]
    section: Mapped[str | None]
    assignee: Mapped[str | None]
    """The assigned person, a subject of the identity provider (经办人)."""
    assigner: Mapped[str]
    created_at: Mapped[datetime]
    first_due_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    """The deadline in force."""
    due_order: Mapped[datetime]
    """The deadline, or the end of time without one: what inboxes are sorted by."""
    signed_at: Mapped[datetime | None]
    contacted_at: Mapped[datetime | None]
    """First contact (先行联系)."""
    contact_note: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answer: Mapped[dict[str, Any] | None]
    """Result, summary and evidence hashes: the draft while it waits for sign-off."""
    answer_by: Mapped[str | None]
    on_time: Mapped[bool | None]
    verified_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    designated: Mapped[bool] = mapped_column(server_default=text("false"))
    return_reason: Mapped[str | None]
    extension_until: Mapped[datetime | None]
    """The deadline asked for, while it is not decided (申请延期)."""
    extensions: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    suspended_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]
    """When the sweep found the deadline in force passed."""
    repair: Mapped[str | None]
    """Class of the repair order (报修等级); None: it is none."""
    arrive_due_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    arrival_overdue_at: Mapped[datetime | None]
    """When it was found that nobody had come in time (到场超时), as long as nothing shows otherwise."""
    finished_at: Mapped[datetime | None]
    urges: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    urged_at: Mapped[datetime | None]
    reworks: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    words: Mapped[str] = mapped_column(TSVECTOR(), deferred=True)

    __table_args__ = (
        CheckConstraint(in_states(tuple(State)), name="state"),
        CheckConstraint("origin IN ('case', 'direct')", name="origin"),
        CheckConstraint("(origin = 'case') = (handover_id IS NOT NULL)", name="handover"),
        Index("ix_task_inbox", "unit_id", "due_order", "id", postgresql_where=text(in_states(OPEN))),
        Index("ix_task_partners", "partner_ids", postgresql_using="gin"),
        Index("ix_task_unit", "unit_id", desc("created_at"), desc("id")),
        Index("ix_task_time", desc("created_at"), desc("id")),
        Index("ix_task_district", text("left(area, 6)"), "state", desc("created_at"), desc("id")),
        Index("ix_task_township", text("left(area, 9)"), "state", desc("created_at"), desc("id")),
        Index(
            "ix_task_due",
            "due_at",
            postgresql_where=text(f"{in_states(UNANSWERED)} AND overdue_at IS NULL AND suspended_at IS NULL"),
        ),
        Index(
            "ix_task_arrival",
            "arrive_due_at",
            postgresql_where=text(
                f"{in_states(UNANSWERED)} AND arrive_due_at IS NOT NULL "
                "AND arrived_at IS NULL AND arrival_overdue_at IS NULL AND suspended_at IS NULL"
            ),
        ),
        Index("ix_task_subject", "subject_id"),
        Index("ix_task_joint", "joint_id"),
        Index(
            "ix_task_measure",
            "measure_id",
            desc("created_at"),
            desc("id"),
            postgresql_where=text("measure_id IS NOT NULL"),
        ),
        Index("ix_task_homeless", "id", postgresql_where=text("unit_id IS NULL")),
        Index("ix_task_words", "words", postgresql_using="gin"),
    )
