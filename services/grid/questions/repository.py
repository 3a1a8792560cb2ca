"""Every statement on forms and answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.questions.models import CaseAnswers, CategoryForm


async def list_forms(session: AsyncSession, day: date, category: str | None = None) -> Sequence[CategoryForm]:
    """The forms in force on the day, of one category or of all."""
    form = CategoryForm
    ended = or_(form.effective_to.is_(None), form.effective_to >= day)
    query = select(form).where(form.effective_from <= day, ended).order_by(form.category)
    if category is not None:
        query = query.where(form.category == category)
    return (await session.scalars(query)).all()


async def list_versions(session: AsyncSession, category: str) -> Sequence[CategoryForm]:
    """Every version of a category's form, the last one last."""
    query = select(CategoryForm).where(CategoryForm.category == category).order_by(CategoryForm.version)
    return (await session.scalars(query)).all()


async def get_form(session: AsyncSession, category: str, version: int) -> CategoryForm | None:
    """One version of a form."""
    return await session.get(CategoryForm, (category, version))


async def list_answers(session: AsyncSession, case_id: UUID) -> Sequence[tuple[CaseAnswers, CategoryForm]]:
    """What was answered about the case with the form that asked, the first ones first."""
    same = and_(
        CategoryForm.category == CaseAnswers.category, CategoryForm.version == CaseAnswers.form_version
    )
    query = (
        select(CaseAnswers, CategoryForm)
        .join(CategoryForm, same)
        .where(CaseAnswers.case_id == case_id)
        .order_by(CaseAnswers.serial)
    )
    return [(answers, form) for answers, form in (await session.execute(query)).all()]


async def add(session: AsyncSession, row: CategoryForm | CaseAnswers) -> None:
    """Add a row."""
    session.add(row)
    await session.flush()


def content(questions: Sequence[Any]) -> dict[str, Any]:
    """The questions as they are stored."""
    return {"questions": [question.model_dump(mode="json") for question in questions]}
