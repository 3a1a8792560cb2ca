"""Tables of the handover 移交, the same in each service's database.

`contents`, `answer`, and the notes of steps may hold personal data: class restricted, kept as long as the
record of the service that they belong to.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.events.models import ToolboxBase
from libs.common.handover.domain import State


class _Handover:
    """What both sides keep. `version` counts one's own published steps, `peer_version` those read."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    peer_version: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    kind: Mapped[str]
    peer: Mapped[str]
    """The other service."""
    state: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    subject_number: Mapped[str]
    unit_id: Mapped[UUID | None]
    area: Mapped[str] = mapped_column(server_default=text("''"))
    contents: Mapped[dict[str, Any]]
    requested_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    first_due_at: Mapped[datetime | None]
    times: Mapped[int] = mapped_column(Integer(), server_default=text("1"))
    joint_id: Mapped[UUID | None]
    lead: Mapped[bool] = mapped_column(server_default=text("true"))
    replaces_id: Mapped[UUID | None]
    reporter_withheld: Mapped[bool] = mapped_column(server_default=text("false"))
    consent_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    designated: Mapped[bool] = mapped_column(server_default=text("false"))
    suspended_at: Mapped[datetime | None]
    extension_until: Mapped[datetime | None]
    """The deadline that the receiver asks for, while the sender has not decided."""
    extensions: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    extension_limit: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    urges: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    reworks: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    on_time: Mapped[bool | None]
    ended_at: Mapped[datetime | None]
    waits: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """Seconds per wait, as configured when the handover began."""
    waiting_for: Mapped[str | None]
    waiting_since: Mapped[datetime | None]
    wait_until: Mapped[datetime | None]
    timed_out_at: Mapped[datetime | None]


_STATES = ", ".join(f"'{state}'" for state in State)


class OutgoingHandover(_Handover, ToolboxBase):
    """The sender's side (发出的移交): only it ends the handover."""

    __tablename__ = "outgoing_handover"

    once_key: Mapped[str | None]

    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        Index("ix_outgoing_handover_subject", "subject_id"),
        Index(
            "ix_outgoing_handover_wait",
            "wait_until",
            postgresql_where=text("timed_out_at IS NULL AND wait_until IS NOT NULL"),
        ),
        Index(
            "ix_outgoing_handover_timed_out",
            "timed_out_at",
            "id",
            postgresql_where=text("timed_out_at IS NOT NULL"),
        ),
        Index(
            "uq_outgoing_handover_joint_lead",
            "joint_id",
            unique=True,
            postgresql_where=text("lead AND ended_at IS NULL AND joint_id IS NOT NULL"),
        ),
        Index(
            "uq_outgoing_handover_joint_unit",
            "joint_id",
            "unit_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL AND joint_id IS NOT NULL"),
        ),
        Index(
            "uq_outgoing_handover_once",
            "kind",
            "subject_id",
            "once_key",
            unique=True,
            postgresql_where=text("once_key IS NOT NULL"),
        ),
    )


class IncomingHandover(_Handover, ToolboxBase):
    """The receiver's side (收到的移交), unique on the handover's id."""

    __tablename__ = "incoming_handover"

    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        Index("ix_incoming_handover_unit", "unit_id", "state"),
        Index(
            "ix_incoming_handover_wait",
            "wait_until",
            postgresql_where=text("timed_out_at IS NULL AND wait_until IS NOT NULL"),
        ),
        Index(
            "ix_incoming_handover_timed_out",
            "timed_out_at",
            "id",
            postgresql_where=text("timed_out_at IS NOT NULL"),
        ),
    )


class HandoverStep(ToolboxBase):
    """One step of either side, for people: who, when, what, to which step it replies, whether it was applied.

    `id` is the id of the event that carries the step, so it is the same on both sides. `version` is the
    author's count. A step that was only recorded says `why`.
    """

    __tablename__ = "handover_step"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    handover_id: Mapped[UUID]
    author: Mapped[str]
    version: Mapped[int] = mapped_column(Integer())
    step: Mapped[str]
    replies_to: Mapped[int] = mapped_column(Integer())
    reply_to_id: Mapped[UUID | None] = mapped_column(ForeignKey("handover_step.id"))
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    by: Mapped[str]
    role: Mapped[str]
    note: Mapped[str]
    details: Mapped[dict[str, Any]]
    applied: Mapped[bool]
    why: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("handover_id", "author", "version"),
        CheckConstraint("author IN ('sender', 'receiver')", name="author"),
        CheckConstraint("applied = (why IS NULL)", name="applied"),
    )


class HandoverMedia(ToolboxBase):
    """An object of the other side that is still to be copied under this service's prefix (待复制附件)."""

    __tablename__ = "handover_media"

    handover_id: Mapped[UUID] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    """The service under whose prefix the object lies."""
    attempts: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    next_at: Mapped[datetime]
    copied_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_handover_media_next", "next_at", postgresql_where=text("copied_at IS NULL")),)


class HandoverWait(ToolboxBase):
    """How long one side may let the other wait (等待时限): data with a source, by kind and effective time."""

    __tablename__ = "handover_wait"

    kind: Mapped[str] = mapped_column(primary_key=True)
    waiting_for: Mapped[str] = mapped_column(primary_key=True)
    effective_at: Mapped[datetime] = mapped_column(primary_key=True)
    seconds: Mapped[int] = mapped_column(Integer())
    source: Mapped[str]

    __table_args__ = (CheckConstraint("seconds > 0", name="seconds"),)
