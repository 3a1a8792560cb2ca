"""Forms and answers as values: what a form may ask, what an answer must be. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isfinite
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from libs.common.errors import Conflict, Invalid
from libs.common.text import Line

MOST_QUESTIONS = 50

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$", examples=["trapped"])]
"""Names a question or an option for ever (题目、选项代码)."""


class FormNotLater(Conflict):
    """A version takes effect after the one before it (生效日期须晚于上一版)."""

    code = "form-date-not-later"
    zh = "问卷生效日期须晚于上一版的 {last}"
    en = "The form's effective date must be later than that of the last version, {last}"


class QuestionInvalid(Invalid):
    """The form contradicts itself (问卷设置有误)."""

    code = "question-invalid"
    zh = "题目 {question} 设置有误：代码重复、选项或上下限与题型不符，或显示条件未指向其前的选择题"
    en = (
        "The question '{question}' contradicts itself: a repeated code, options or bounds that its kind has "
        "not, or a condition on no earlier choice"
    )


class FormVersionUnknown(Invalid):
    """The category has no such version that was in force since the finding (问卷版本不适用)."""

    code = "form-version-unknown"
    zh = "类别 {category} 在发现时间之后没有有效的第 {version} 版问卷"
    en = "Category '{category}' has no version {version} of its form in force since the time of finding"


class AnswerUnexpected(Invalid):
    """Nobody asked, or its condition is not met (多余的答案)."""

    code = "answer-unexpected"
    zh = "问卷没有题目 {question}，或其显示条件未满足"
    en = "The form has no question '{question}', or its condition is not met"


class AnswerMissing(Invalid):
    """The question must be answered (必答题未答)."""

    code = "answer-missing"
    zh = "“{label_zh}”为必答题"
    en = "'{label_en}' must be answered"


class AnswerInvalid(Invalid):
    """Another kind than was asked for, or no option of the question (答案类型不符)."""

    code = "answer-invalid"
    zh = "“{label_zh}”的答案不符合题型“{kind}”"
    en = "The answer to '{label_en}' is no {kind} that was asked for"


class AnswerOutOfBounds(Invalid):
    """Too short, long, small or large (答案超出范围)."""

    code = "answer-out-of-bounds"
    zh = "“{label_zh}”的答案超出范围：{minimum} 至 {maximum}"
    en = "The answer to '{label_en}' is out of bounds: from {minimum} to {maximum}"


class Kind(StrEnum):
    """What an answer is (题型)."""

    TEXT = "text"  # 文字
    NUMBER = "number"  # 数字
    CHOICE = "choice"  # 单选
    MULTI = "multi"  # 多选
    PHOTO = "photo"  # 照片
    DATE = "date"  # 日期


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Option(_Shape):
    """What can be chosen (选项)."""

    code: Code
    zh: Line = Field(examples=["有人被困"])
    en: Line = Field(examples=["People are trapped"])


class Condition(_Shape):
    """The question is asked when an earlier choice was answered so (显示条件)."""

    question: Code
    equals: Code


class Question(_Shape):
    """One question (题目). Bounds: of a number, of the length of a text, of how many options or photos."""

    code: Code
    kind: Kind
    zh: Line = Field(examples=["轿厢内是否有人被困"])
    en: Line = Field(examples=["Is anyone trapped in the car"])
    required: bool = Field(default=False, strict=True, description="必答")
    minimum: float | None = Field(default=None, ge=-1e12, le=1e12, description="下限")
    maximum: float | None = Field(default=None, ge=-1e12, le=1e12, description="上限")
    unit: Line | None = Field(default=None, description="数字的单位", examples=["米"])
    options: tuple[Option, ...] = Field(default=(), max_length=100)
    when: Condition | None = Field(default=None, description="显示条件")

    @property
    def labels(self) -> dict[str, str]:
        """What a refusal calls it."""
        return {"label_zh": self.zh, "label_en": self.en}

    @property
    def chosen(self) -> bool:
        """Whether it is answered by options."""
        return self.kind in (Kind.CHOICE, Kind.MULTI)


Questions = tuple[Question, ...]
Answers = Mapping[str, Any]


@dataclass(frozen=True)
class FormGiven:
    """Answers on their way in, with the version that asked (答卷)."""

    form_version: int
    answers: Answers


def check_questions(questions: Sequence[Question]) -> None:
    """Raise `QuestionInvalid`. A condition names an earlier choice only, so that none runs in a circle."""
    earlier: dict[str, Question] = {}
    for place, question in enumerate(questions):
        if question.code in earlier or not (_sound(question) and _asked_of(question.when, earlier)):
            raise QuestionInvalid(question=question.code, pointer=f"/questions/{place}")
        earlier[question.code] = question


def _sound(question: Question) -> bool:
    codes = [option.code for option in question.options]
    bounded = question.minimum is not None or question.maximum is not None
    ordered = question.minimum is None or question.maximum is None or question.minimum <= question.maximum
    unbounded = question.kind in (Kind.CHOICE, Kind.DATE)
    options = len(codes) == len(set(codes)) and question.chosen == bool(codes)
    unit = question.unit is None or question.kind is Kind.NUMBER
    return options and ordered and unit and not (bounded and unbounded)


def _asked_of(when: Condition | None, earlier: Mapping[str, Question]) -> bool:
    options = earlier[when.question].options if when and when.question in earlier else ()
    return when is None or when.equals in {option.code for option in options}


def is_asked(question: Question, answers: Answers) -> bool:
    """Whether the question is shown to who has answered so far like this."""
    if question.when is None:
        return True
    given = answers.get(question.when.question, [])
    return question.when.equals in ([given] if isinstance(given, str) else given)


def check_answers(questions: Sequence[Question], answers: Answers, photos: Sequence[str]) -> None:
    """Raise what is wrong with the first answer at fault; photos are those that come with the report.

    Raises `AnswerUnexpected`, `AnswerMissing`, `AnswerInvalid`, `AnswerOutOfBounds`.
    """
    asked: dict[str, Any] = {}
    for question in questions:
        if question.code in answers and is_asked(question, asked):
            asked[question.code] = answers[question.code]
            _check(question, answers[question.code], photos)
        elif question.required and is_asked(question, asked):
            raise AnswerMissing(pointer=_pointer(question.code), **question.labels)
    for code in answers:
        if code not in asked:
            raise AnswerUnexpected(question=code, pointer=_pointer(code))


def _pointer(code: str) -> str:
    return f"/form/answers/{code.replace('~', '~0').replace('/', '~1')}"


def _check(question: Question, answer: Any, photos: Sequence[str]) -> None:
    if not _fits(question, answer, photos):
        raise AnswerInvalid(kind=question.kind.value, pointer=_pointer(question.code), **question.labels)
    size = answer if question.kind is Kind.NUMBER else len(answer)
    low, high = question.minimum, question.maximum
    if (low is not None and size < low) or (high is not None and size > high):
        told = {
            "minimum": "-" if low is None else f"{low:g}",
            "maximum": "-" if high is None else f"{high:g}",
        }
        raise AnswerOutOfBounds(pointer=_pointer(question.code), **told, **question.labels)


def _fits(question: Question, answer: Any, photos: Sequence[str]) -> bool:
    codes = {option.code for option in question.options}
    match question.kind:
        case Kind.NUMBER:
            return isinstance(answer, int | float) and not isinstance(answer, bool) and isfinite(answer)
        case Kind.MULTI:
            return _set_of(answer) and set(answer) <= codes
        case Kind.PHOTO:
            return _set_of(answer) and set(answer) <= set(photos)
        case Kind.CHOICE:
            return isinstance(answer, str) and answer in codes
        case Kind.DATE:
            return isinstance(answer, str) and _is_day(answer)
        case Kind.TEXT:
            return isinstance(answer, str)


def _set_of(answer: Any) -> bool:
    return isinstance(answer, list) and bool(answer) and len(set(answer)) == len(answer)


def _is_day(answer: str) -> bool:
    try:
        return date.fromisoformat(answer).isoformat() == answer
    except ValueError:
        return False


def labels(questions: Sequence[Question], answers: Answers) -> str:
    """What was chosen, in both languages, for the search (供检索). What people wrote is left out."""
    found = []
    for question in questions:
        given = answers.get(question.code, ())
        chosen = [given] if isinstance(given, str) else given
        found += [f"{one.zh} {one.en}" for one in question.options if one.code in chosen]
    return " ".join(found)
