"""The table of links."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base


class CaseLink(Base):
    """A link to a round of a case that was sent to its reporter (反映人链接), by the digest of its token."""

    __tablename__ = "case_link"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"))
    round: Mapped[int] = mapped_column(Integer())
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    __table_args__ = (Index("ix_case_link_expires", "expires_at"),)
