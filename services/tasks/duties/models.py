"""Tables of the duty list, and what is known of grid's categories."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from services.tasks.base import Base


class Duty(Base):
    """One row of the duty list: category x area -> units (职责条目)."""

    __tablename__ = "duty"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    category: Mapped[str]
    area: Mapped[str]
    relation: Mapped[str | None]
    """Holds only for places in this relation, such as `after_meter`; grid's rules name them (位置关系)."""
    police_support: Mapped[bool] = mapped_column(server_default=text("false"))
    lead_unit_ids: Mapped[list[UUID]]
    cooperating_unit_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"))
    named: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    origin: Mapped[str]
    demonstration: Mapped[bool] = mapped_column(server_default=text("false"))
    source: Mapped[str] = mapped_column(server_default=text("''"))
    file_digest: Mapped[bytes | None]
    """Digest of the file's row that was loaded last: a change over the API outlives the next load."""
    updated_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="dates"),
        Index("ix_duty_category_area", "category", "area", "id"),
        Index("ix_duty_area", "area", "category", "id"),
        Index("ix_duty_leads", "lead_unit_ids", postgresql_using="gin"),
    )


class KnownCategory(Base):
    """A category of grid, as heard (类别投影)."""

    __tablename__ = "known_category"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
