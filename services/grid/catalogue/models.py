"""Tables of the catalogue."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base


class Category(Base):
    """A problem category (类别, 小类)."""

    __tablename__ = "category"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    group_code: Mapped[str]
    group_zh: Mapped[str]
    group_en: Mapped[str]
    named_in: Mapped[dict[str, Any]]
    squad: Mapped[bool]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Standard(Base):
    """One revision of a filing, handling and closing standard (立案处置结案标准). Never changed but ended."""

    __tablename__ = "standard"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    category_id: Mapped[UUID] = mapped_column(ForeignKey("category.id"))
    code: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer())
    condition_zh: Mapped[str]
    condition_en: Mapped[str]
    limit_amount: Mapped[int] = mapped_column(Integer())
    limit_unit: Mapped[str]
    closing_zh: Mapped[str]
    closing_en: Mapped[str]
    photos_before: Mapped[int] = mapped_column(Integer())
    photos_after: Mapped[int] = mapped_column(Integer())
    source: Mapped[str]
    assumption: Mapped[bool]
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]

    __table_args__ = (
        UniqueConstraint("category_id", "code", "revision"),
        Index("ix_standard_current", "category_id", "code", postgresql_where=text("effective_to IS NULL")),
    )
