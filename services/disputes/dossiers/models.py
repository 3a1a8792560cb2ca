"""Table of the readings of personal data."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from services.disputes.base import Base


class DisputeAccess(Base):
    """One reading of personal data in full, with its reason (完整信息查看记录)."""

    __tablename__ = "dispute_access"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    dispute_id: Mapped[UUID] = mapped_column(ForeignKey("dispute.id"))
    subject: Mapped[str]
    purpose: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_dispute_access_dispute", "dispute_id", "at"),)
