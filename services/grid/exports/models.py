"""The table of exports."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, desc, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base
from services.grid.exports.domain import ExportState

_STATES = ", ".join(f"'{state.value}'" for state in ExportState)


class Export(Base):
    """A list that leaves as a file (导出). `asked`: its filter; `viewer`: who asked and what they saw.

    `direct`: so small that it is written while it is fetched; else the file lies in the store under the id.
    Personal data, restricted: the text that was searched for, until it expires.
    """

    __tablename__ = "export"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    format: Mapped[str]
    asked: Mapped[dict[str, Any]]
    viewer: Mapped[dict[str, Any]]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    state: Mapped[str]
    direct: Mapped[bool]
    rows: Mapped[int] = mapped_column(Integer())
    done: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    tries: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    taken_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        Index("ix_export_mine", "asked_by", desc("asked_at"), desc("id")),
        Index("ix_export_open", "asked_at", postgresql_where=text("state IN ('queued', 'making')")),
        Index("ix_export_expires", "expires_at", postgresql_where=text("state = 'ready'")),
    )
