"""Tables of units. Members are people: they are never published."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from services.tasks.base import Base


class Unit(Base):
    """A unit that can be given work, or could be (单位)."""

    __tablename__ = "unit"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    kind: Mapped[str]
    area: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    is_group: Mapped[bool] = mapped_column(server_default=text("false"))
    member_units: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"))
    parent_id: Mapped[UUID | None]
    hosted_by_id: Mapped[UUID | None]
    successor_id: Mapped[UUID | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    origin: Mapped[str]
    demonstration: Mapped[bool] = mapped_column(server_default=text("false"))
    source: Mapped[str] = mapped_column(server_default=text("''"))
    settings: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    file_digest: Mapped[bytes | None]
    """Digest of the file's row that was loaded last: a change over the API outlives the next load."""
    words: Mapped[str] = mapped_column(TSVECTOR(), deferred=True)
    updated_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="dates"),
        Index("ix_unit_area_kind", "area", "kind", "code"),
        Index("ix_unit_words", "words", postgresql_using="gin"),
    )


class UnitMember(Base):
    """A person in a unit: internal, never published (成员)."""

    __tablename__ = "unit_member"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    subject: Mapped[str]
    """The person at the identity provider."""
    name: Mapped[str]
    role: Mapped[str]
    section: Mapped[str | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    __table_args__ = (
        CheckConstraint("role IN ('clerk', 'handler', 'leader', 'deputy')", name="role"),
        Index(
            "uq_unit_member_present",
            "unit_id",
            "subject",
            "role",
            unique=True,
            postgresql_where=text("valid_to IS NULL"),
        ),
        Index("ix_unit_member_unit", "unit_id", "valid_from", "id"),
    )
