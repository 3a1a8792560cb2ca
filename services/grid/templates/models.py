"""The table of templates."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base


class Template(Base):
    """What is said on an occasion to an audience by a channel (通知模板). Former words are in its history."""

    __tablename__ = "notice_template"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    occasion: Mapped[str]
    audience: Mapped[str]
    channel: Mapped[str]
    subject: Mapped[str | None]
    body: Mapped[str]
    enabled: Mapped[bool]
    urgent: Mapped[bool]
    """Told in quiet hours too, and never put together with others (紧急)."""
    source: Mapped[str]

    __table_args__ = (Index("uq_notice_template_for", "occasion", "audience", "channel", unique=True),)
