"""Tables of the notices: what is told, where people can be told, how far the log has been told."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, SmallInteger, desc, func, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base
from services.grid.notices.domain import NoticeState

_STATES = ", ".join(f"'{state.value}'" for state in NoticeState)


class Notice(Base):
    """One thing told to one person by one channel (通知). It holds no telephone, address or name.

    `recipient`: the person's subject; `case:<id>` for who reported it, whose telephone stays with the case;
    empty where nobody was found. `body` keeps `{link}` open: the link is made when it goes out.
    """

    __tablename__ = "notice"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    event_id: Mapped[UUID]
    """The fact that is told; the patrol's item where one is due."""
    occasion: Mapped[str]
    audience: Mapped[str]
    channel: Mapped[str]
    recipient: Mapped[str]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("grid_case.id"))
    patrol_id: Mapped[UUID | None] = mapped_column(ForeignKey("patrol_item.id"))
    area: Mapped[str]
    template_id: Mapped[UUID] = mapped_column(ForeignKey("notice_template.id"))
    template_version: Mapped[int] = mapped_column(Integer())
    subject: Mapped[str | None]
    body: Mapped[str]
    urgent: Mapped[bool]
    gathered: Mapped[bool]
    state: Mapped[str]
    why: Mapped[str | None]
    """Why it did not go out, or not yet."""
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    message_id: Mapped[UUID | None]
    """The message that it went out with, alone or with others."""
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        Index("uq_notice_once", "event_id", "audience", "recipient", "channel", unique=True),
        Index("ix_notice_due", "due_at", "id", postgresql_where=text("state = 'queued'")),
        Index("ix_notice_lately", "recipient", "channel", "created_at"),
        Index("ix_notice_message", "message_id", postgresql_where=text("state = 'queued'")),
        Index(
            "ix_notice_mine", "recipient", desc("created_at"), desc("id"),
            postgresql_where=text("channel = 'in_app'"),
        ),
        Index(
            "ix_notice_unread", "recipient", desc("created_at"), desc("id"),
            postgresql_where=text("channel = 'in_app' AND read_at IS NULL"),
        ),
        Index("ix_notice_case", "case_id", desc("created_at"), desc("id")),
        Index("ix_notice_created", "created_at"),
        *(
            Index(
                f"ix_notice_area{digits}",
                func.left(text("area"), text(str(digits))),
                desc("created_at"),
                desc("id"),
            )
            for digits in (6, 9, 12)
        ),
        Index(
            "ix_notice_failed", func.left(text("area"), text("6")), desc("created_at"), desc("id"),
            postgresql_where=text("state = 'failed'"),
        ),
    )  # fmt: skip


class NoticeContact(Base):
    """Where one of the staff wants to be told (通知联系方式). Personal data, restricted: all but `person`."""

    __tablename__ = "notice_contact"

    person: Mapped[str] = mapped_column(primary_key=True)
    phone: Mapped[str | None]
    email: Mapped[str | None]
    changed_at: Mapped[datetime]


class NoticeCursor(Base):
    """How far the log has been told of, in one row (通知进度)."""

    __tablename__ = "notice_cursor"

    id: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    position: Mapped[int]

    __table_args__ = (CheckConstraint("id = 1", name="one"),)
