"""Tables of the forms and of what was answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Integer
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base


class CategoryForm(Base):
    """One version of a category's form (分类问卷). Never changed but ended."""

    __tablename__ = "category_form"

    category: Mapped[str] = mapped_column(ForeignKey("category.code"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer(), primary_key=True)
    content: Mapped[dict[str, Any]]
    """`questions`, in the order in which they are asked."""
    source: Mapped[str]
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]


class CaseAnswers(Base):
    """What was answered about a case, once or again (答卷): earlier ones stay. Personal data: `answers`."""

    __tablename__ = "case_answers"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"), primary_key=True)
    serial: Mapped[int] = mapped_column(Integer(), primary_key=True)
    category: Mapped[str]
    form_version: Mapped[int] = mapped_column(Integer())
    answers: Mapped[dict[str, Any]]
    given_by: Mapped[str]
    given_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(
            ["category", "form_version"], ["category_form.category", "category_form.version"]
        ),
    )
