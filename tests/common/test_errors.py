from __future__ import annotations

import re

import pytest

from libs.common.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Unavailable

CATEGORIES = [NotFound, Conflict, Forbidden, Invalid, Unavailable]


class CaseAlreadyClosed(Conflict):
    code = "case-already-closed"
    zh = "案件 {number} 已结案"
    en = "Case {number} is closed already"


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_speaks_for_itself(category: type[DomainError]) -> None:
    error = category()
    assert re.fullmatch("[a-z-]+", error.code)
    assert error.text("zh") != error.text("en") == str(error)
    assert error.pointer is None
    assert error.data == {}


def test_categories_have_codes_of_their_own() -> None:
    assert len({category.code for category in [DomainError, *CATEGORIES]}) == len(CATEGORIES) + 1


def test_a_fact_has_data_and_points_at_the_input() -> None:
    error = CaseAlreadyClosed(pointer="/case_id", number="G1")
    assert (error.pointer, error.data) == ("/case_id", {"number": "G1"})
    assert error.text("zh") == "案件 G1 已结案"
    assert error.text("fr") == str(error) == "Case G1 is closed already"


def test_braces_in_data_are_only_text() -> None:
    assert CaseAlreadyClosed(number="{0} %s {x}").text("en") == "Case {0} %s {x} is closed already"
