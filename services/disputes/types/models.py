"""Tables of the dispute types."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.disputes.base import Base


class DisputeType(Base):
    """A dispute type (纠纷类型): the head of its versions."""

    __tablename__ = "dispute_type"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    code: Mapped[str] = mapped_column(unique=True)


class TypeVersion(Base):
    """One version of a type (类型版本): never changed but ended. A dispute keeps its id."""

    __tablename__ = "dispute_type_version"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    type_id: Mapped[UUID] = mapped_column(ForeignKey("dispute_type.id"))
    code: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer())
    name_zh: Mapped[str]
    name_en: Mapped[str]
    group_code: Mapped[str]
    statistic: Mapped[str]
    basis: Mapped[str]
    source: Mapped[str]
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]

    __table_args__ = (UniqueConstraint("code", "revision"), UniqueConstraint("type_id", "revision"))
