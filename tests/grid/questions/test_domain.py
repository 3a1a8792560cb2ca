"""Forms and answers: what contradicts itself, what an answer must be, what is asked when."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.errors import DomainError
from services.grid.questions.domain import (
    AnswerInvalid,
    AnswerMissing,
    AnswerOutOfBounds,
    AnswerUnexpected,
    Question,
    QuestionInvalid,
    check_answers,
    check_questions,
    labels,
)

PHOTO = "a" * 64
NAMES = {"zh": "题", "en": "Question"}
YES_NO = [{"code": "yes", "zh": "是的", "en": "Yes"}, {"code": "no", "zh": "否", "en": "No"}]


def question(code: str, kind: str, **more: Any) -> Question:
    return Question.model_validate({"code": code, "kind": kind, **NAMES, **more})


FORM = (
    question("trapped", "choice", options=YES_NO, required=True),
    question("people", "number", minimum=1, maximum=50, required=True,
             when={"question": "trapped", "equals": "yes"}),
    question("faults", "multi", options=YES_NO, maximum=1),
    question("note", "text", minimum=2, maximum=5, when={"question": "faults", "equals": "yes"}),
    question("shots", "photo", maximum=1),
    question("since", "date"),
)  # fmt: skip


@pytest.mark.parametrize(
    "answers",
    [
        {"trapped": "no"},
        {"trapped": "yes", "people": 50},
        {"trapped": "no", "faults": ["yes"], "note": "门坏"},
        {"trapped": "no", "shots": [PHOTO], "since": "2026-11-22"},
    ],
)
def test_what_fits_is_taken(answers: dict[str, Any]) -> None:
    check_answers(FORM, answers, [PHOTO])


@pytest.mark.parametrize(
    "answers, error, pointer",
    [
        ({}, AnswerMissing, "trapped"),
        ({"trapped": "yes"}, AnswerMissing, "people"),
        ({"trapped": "maybe"}, AnswerInvalid, "trapped"),
        ({"trapped": ["yes"]}, AnswerInvalid, "trapped"),
        ({"trapped": "yes", "people": True}, AnswerInvalid, "people"),
        ({"trapped": "yes", "people": float("nan")}, AnswerInvalid, "people"),
        ({"trapped": "yes", "people": 51}, AnswerOutOfBounds, "people"),
        ({"trapped": "yes", "people": 0}, AnswerOutOfBounds, "people"),
        ({"trapped": "no", "people": 1}, AnswerUnexpected, "people"),
        ({"trapped": "no", "note": "门坏"}, AnswerUnexpected, "note"),
        ({"trapped": "no", "faults": ["yes", "yes"]}, AnswerInvalid, "faults"),
        ({"trapped": "no", "faults": ["yes", "no"]}, AnswerOutOfBounds, "faults"),
        ({"trapped": "no", "faults": ["yes"], "note": "门"}, AnswerOutOfBounds, "note"),
        ({"trapped": "no", "shots": ["b" * 64]}, AnswerInvalid, "shots"),
        ({"trapped": "no", "since": "22.11.2026"}, AnswerInvalid, "since"),
        ({"trapped": "no", "other": "x"}, AnswerUnexpected, "other"),
    ],
)
def test_what_does_not_fit_is_pointed_at(
    answers: dict[str, Any], error: type[DomainError], pointer: str
) -> None:
    with pytest.raises(error) as refused:
        check_answers(FORM, answers, [PHOTO])
    assert refused.value.pointer == f"/form/answers/{pointer}"
    assert all("{" not in refused.value.text(language) for language in ("zh", "en"))


@pytest.mark.parametrize(
    "form",
    [
        [FORM[0], FORM[0]],
        [FORM[1], FORM[0]],
        [question("a", "choice")],
        [question("a", "text", options=YES_NO)],
        [question("a", "choice", options=[YES_NO[0], YES_NO[0]])],
        [question("a", "number", minimum=2, maximum=1)],
        [question("a", "date", minimum=1)],
        [question("a", "text", unit="米")],
        [FORM[0], question("b", "text", when={"question": "trapped", "equals": "maybe"})],
        [question("a", "choice", options=YES_NO, when={"question": "a", "equals": "yes"})],
    ],
)
def test_a_form_that_contradicts_itself_is_refused(form: list[Question]) -> None:
    with pytest.raises(QuestionInvalid) as refused:
        check_questions(form)
    assert refused.value.pointer == f"/questions/{len(form) - 1}" or form[0] == FORM[1]


def test_the_search_holds_what_was_chosen_and_nothing_that_was_written() -> None:
    check_questions(FORM)
    assert labels(FORM, {"trapped": "no", "faults": ["yes"], "note": "张三"}) == "否 No 是的 Yes"
