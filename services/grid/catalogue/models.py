"""Tables of the catalogue."""

from __future__ import annotations

from datetime import date, datetime
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
    attribute: Mapped[str] = mapped_column(server_default=text("'estate'"))
    """Component 部件, event 事件 or estate 住宅小区类: as the group's (案件属性)."""
    predecessor: Mapped[str | None]
    """The code that it took over from (前身)."""
    named_in: Mapped[dict[str, Any]]
    squad: Mapped[bool]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class CategoryGroup(Base):
    """A main class of categories (大类). Its code begins the codes of its categories."""

    __tablename__ = "category_group"

    code: Mapped[str] = mapped_column(primary_key=True)
    attribute: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    predecessor: Mapped[str | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class CategoryItem(Base):
    """An item of a category (子类): what exactly it is. Its code begins with the category's."""

    __tablename__ = "category_item"

    code: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(ForeignKey("category.code"))
    name_zh: Mapped[str]
    name_en: Mapped[str]
    predecessor: Mapped[str | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    __table_args__ = (Index("ix_category_item_category", "category", "code"),)


class CatalogueEdition(Base):
    """One replacement of the whole catalogue by a workbook (目录版本): who, when, from which day on."""

    __tablename__ = "catalogue_edition"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(Integer(), unique=True)
    effective_from: Mapped[date]
    digest: Mapped[bytes]
    """SHA-256 of the workbook."""
    counts: Mapped[dict[str, Any]]
    made_by: Mapped[str]
    made_at: Mapped[datetime]


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
    legal_item: Mapped[str | None]
    """The law or item of the enforcement list that it rests on (法律依据)."""
    severity: Mapped[str | None]
    """A grade of the rules (严重程度)."""
    loops: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """The loops in which it may be closed; none named: any (可结案循环)."""
    source: Mapped[str]
    assumption: Mapped[bool]
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]

    __table_args__ = (
        UniqueConstraint("category_id", "code", "revision"),
        Index("ix_standard_current", "category_id", "code", postgresql_where=text("effective_to IS NULL")),
    )
