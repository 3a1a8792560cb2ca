"""Tables of hotline orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, desc, func, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base
from services.grid.orders.domain import ENDED, OrderState

_COUNT = text("0")
_ENDED = ", ".join(f"'{state.value}'" for state in ENDED)
_STATES = ", ".join(f"'{state.value}'" for state in OrderState)


class HotlineOrder(Base):
    """A hotline order (热线工单). Personal data, restricted: `caller_key`, `claim_address`, `raw`,
    `contact_person`, `contact_reason`, `reply`, `dissatisfied_reason`; the caller is the case's reporter."""

    __tablename__ = "hotline_order"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    channel: Mapped[str]
    number: Mapped[str]
    fingerprint: Mapped[bytes]
    state: Mapped[str]
    round: Mapped[int] = mapped_column(Integer(), default=1, server_default=text("1"))

    # By which case it is handled: the one that it made, or that this was merged into, or the first order's.
    case_id: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"))
    made_case_id: Mapped[UUID | None] = mapped_column(ForeignKey("grid_case.id"))
    case_state: Mapped[str]
    area: Mapped[str]
    first_id: Mapped[UUID | None] = mapped_column(ForeignKey("hotline_order.id"))
    """The order that this one repeats (首次工单)."""
    repeat_count: Mapped[int] = mapped_column(Integer(), default=0, server_default=_COUNT)

    # What the hotline says.
    kind: Mapped[str]
    kind_known: Mapped[bool]
    category_known: Mapped[bool]
    hotline_kind: Mapped[str]
    hotline_category: Mapped[str]
    source: Mapped[str | None]
    repeat_of: Mapped[str | None]
    claim_address: Mapped[str | None]
    caller_key: Mapped[bytes | None]
    """SHA-256 of the caller's telephone: finds the same caller again, and is as restricted as the number."""
    raw: Mapped[str | None] = mapped_column(deferred=True)
    """The payload as it came (原始报文)."""
    received_at: Mapped[datetime]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]

    # Who has it.
    officer: Mapped[str | None]
    accused_unit_id: Mapped[UUID | None]
    contact_unit_id: Mapped[UUID | None]
    """To whom the first contact falls instead of the complained-of unit."""

    # First contact.
    contact_due_at: Mapped[datetime]
    contact_recorded_at: Mapped[datetime | None]
    contact_by: Mapped[str | None]
    contacted_at: Mapped[datetime | None]
    contact_person: Mapped[str | None]
    contact_reason: Mapped[str | None]
    contact_on_time: Mapped[bool | None]
    contact_soon_at: Mapped[datetime | None]
    contact_overdue_at: Mapped[datetime | None]

    # Return, extension, interim reply, reply.
    return_due_at: Mapped[datetime]
    extension: Mapped[str | None]
    clock_started_at: Mapped[datetime]
    reply_due_at: Mapped[datetime | None]
    """None while it is in mediation and the caller knows."""
    reply_soon_at: Mapped[datetime | None]
    reply_overdue_at: Mapped[datetime | None]
    interim_at: Mapped[datetime | None]
    replied_at: Mapped[datetime | None]
    reply_on_time: Mapped[bool | None]
    finding: Mapped[str | None]
    result: Mapped[str | None]
    reply: Mapped[dict[str, Any] | None]
    called_back_at: Mapped[datetime | None]
    contact_confirmed: Mapped[bool | None]
    satisfaction: Mapped[str | None]
    dissatisfied_reason: Mapped[str | None]
    urge_count: Mapped[int] = mapped_column(Integer(), default=0, server_default=_COUNT)
    mark_at: Mapped[datetime | None]
    """When the sweep must look at it."""
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint(f"(ended_at IS NULL) = (state NOT IN ({_ENDED}))", name="ended"),
        Index("uq_hotline_order_number", "channel", "number", unique=True),
        Index("ix_hotline_order_case", "case_id"),
        Index("ix_hotline_order_made", "made_case_id"),
        Index("ix_hotline_order_first", "first_id", postgresql_where=text("first_id IS NOT NULL")),
        Index("ix_hotline_order_time", desc("received_at"), desc("id")),
        *(
            Index(
                f"ix_hotline_order_area{digits}",
                func.left(text("area"), text(str(digits))),
                desc("received_at"),
                desc("id"),
            )
            for digits in (6, 9, 12)
        ),
        Index("ix_hotline_order_state", "state", desc("received_at"), desc("id")),
        Index("ix_hotline_order_officer", "officer", desc("received_at"), desc("id")),
        Index("ix_hotline_order_caller", "caller_key", postgresql_where=text("ended_at IS NULL")),
        Index(
            "ix_hotline_order_contact", "contact_due_at", "id",
            postgresql_where=text("contact_recorded_at IS NULL AND ended_at IS NULL"),
        ),
        Index(
            "ix_hotline_order_reply", "reply_due_at", "id",
            postgresql_where=text("reply_due_at IS NOT NULL AND replied_at IS NULL AND ended_at IS NULL"),
        ),
        Index("ix_hotline_order_mark", "mark_at", postgresql_where=text("mark_at IS NOT NULL")),
        Index(
            "ix_hotline_order_running", "id",
            postgresql_where=text("state IN ('received', 'handling', 'return_asked')"),
        ),
    )  # fmt: skip
