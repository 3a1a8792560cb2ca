"""Use cases of the forms: put a version, load, look up, check and keep answers. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.policy import Actor
from services.grid.questions import repository
from services.grid.questions.domain import (
    FormGiven,
    FormNotLater,
    FormVersionUnknown,
    Questions,
    check_answers,
    check_questions,
    labels,
)
from services.grid.questions.models import CaseAnswers as CaseAnswers
from services.grid.questions.models import CategoryForm as CategoryForm

_QUESTIONS: TypeAdapter[Questions] = TypeAdapter(Questions)


class FormFile(BaseModel):
    """`forms.yaml`: the demonstration forms (演示问卷) by category."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    effective_from: date
    source: str
    forms: dict[str, Questions]


@dataclass(frozen=True)
class Asked:
    """About what was asked: the category, when it was found (UTC), the photos that come along."""

    category: str
    found_at: datetime
    photos: Sequence[str]


def questions_of(form: CategoryForm) -> Questions:
    """What the form asks, in order."""
    return _QUESTIONS.validate_python(form.content["questions"])


async def forms_in_force(session: AsyncSession, day: date) -> dict[str, CategoryForm]:
    """The forms in force on the day by category."""
    return {form.category: form for form in await repository.list_forms(session, day)}


async def form_in_force(session: AsyncSession, category: str, day: date) -> CategoryForm | None:
    """The category's form in force on the day."""
    found = await repository.list_forms(session, day, category)
    return found[0] if found else None


versions = repository.list_versions
answers_of = repository.list_answers


async def put(
    session: AsyncSession, category: str, questions: Questions, source: str, effective_from: date
) -> CategoryForm:
    """The next version of the category's form. The category's row is locked by the caller.

    Raises `QuestionInvalid`, `FormNotLater`.
    """
    check_questions(questions)
    earlier = await repository.list_versions(session, category)
    if earlier:
        last = earlier[-1]
        if effective_from <= last.effective_from:
            raise FormNotLater(last=last.effective_from.isoformat(), pointer="/effective_from")
        last.effective_to = effective_from - timedelta(days=1)
    form = CategoryForm(
        category=category, version=len(earlier) + 1, content=repository.content(questions), source=source,
        effective_from=effective_from, effective_to=None,
    )  # fmt: skip
    await repository.add(session, form)
    return form


def read_file(folder: Path) -> FormFile | None:
    """The forms that come with the data; None where there are none."""
    path = folder / "forms.yaml"
    return FormFile.model_validate(yaml.safe_load(path.read_text("utf-8"))) if path.exists() else None


async def load(session: AsyncSession, category: str, file: FormFile | None) -> bool:
    """Put the file's form of the category, unless it has one: what the office wrote stays."""
    questions = file.forms.get(category) if file else None
    if file is None or not questions or await repository.list_versions(session, category):
        return False
    await put(session, category, questions, file.source, file.effective_from)
    return True


async def checked(session: AsyncSession, given: FormGiven, asked: Asked, now: datetime) -> str:
    """What the case is found by besides its text: the options that were chosen.

    A version that has ended since the finding still holds: the phone was offline.
    Raises `FormVersionUnknown` and what `check_answers` raises.
    """
    form = await repository.get_form(session, asked.category, given.form_version)
    if form is None or not _held(form, asked, now):
        raise FormVersionUnknown(
            category=asked.category, version=given.form_version, pointer="/form/form_version"
        )
    questions = questions_of(form)
    check_answers(questions, given.answers, asked.photos)
    return labels(questions, given.answers)


def _held(form: CategoryForm, asked: Asked, now: datetime) -> bool:
    found = local_date(asked.found_at)
    return form.effective_from <= local_date(now) and (
        form.effective_to is None or form.effective_to >= found
    )


async def keep(
    session: AsyncSession, case_id: UUID, category: str, given: FormGiven, *, actor: Actor, now: datetime
) -> None:
    """Keep checked answers with the case, whose row is new or locked; what was answered before stays."""
    before = await repository.list_answers(session, case_id)
    row = CaseAnswers(
        case_id=case_id, serial=len(before) + 1, category=category, form_version=given.form_version,
        answers=dict(given.answers), given_by=actor.subject, given_at=now,
    )  # fmt: skip
    await repository.add(session, row)


async def labels_of(session: AsyncSession, case_id: UUID, category: str) -> str:
    """The options that were last chosen about the case as one of this category."""
    rows = [row for row in await repository.list_answers(session, case_id) if row[0].category == category]
    return labels(questions_of(rows[-1][1]), rows[-1][0].answers) if rows else ""
