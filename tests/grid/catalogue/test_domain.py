"""The file of categories: what it must be, and that the 39 of it are whole."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from libs.common.clocks import Limit, LimitInvalid, TimeUnit
from libs.common.loading import data_folder
from services.grid.catalogue.domain import ASSUMPTION, CategoryFile, StandardRow, day_before
from services.grid.main import SERVICE

TEXT = (data_folder(SERVICE) / "categories.yaml").read_text("utf-8")
FILE = CategoryFile.model_validate(yaml.safe_load(TEXT))


def raw(**changed: Any) -> dict[str, Any]:
    """The file with the first category changed."""
    file: dict[str, Any] = yaml.safe_load(TEXT)
    file["categories"][0] |= changed
    return file


def test_39_categories_each_with_a_clause_a_group_and_a_standard() -> None:
    assert len(FILE.categories) == 39
    assert len({category.code for category in FILE.categories}) == 39
    assert len({category.zh for category in FILE.categories}) == 39
    for category in FILE.categories:
        assert FILE.group_of(category).code == category.code[:2]
        clauses = FILE.clauses_of(category)
        assert clauses, category.zh
        assert set(clauses) <= set(FILE.documents.values()), "documents stand by their public names"
        codes = [standard.code for standard in category.standards]
        assert len(codes) == len(set(codes)) > 0


def test_every_limit_has_a_source_and_an_assumption_is_called_one() -> None:
    for category in FILE.categories:
        for standard in category.standards:
            assert FILE.is_assumption(standard) == (standard.source == ASSUMPTION)
            assert FILE.source_of(standard).source == FILE.rules[standard.source]
            amount, unit = standard.limit
            assert Limit(amount, unit).amount == amount


def test_terms_are_what_makes_two_revisions_the_same() -> None:
    row = FILE.categories[0].standards[0]
    assert row.terms == row.model_copy().terms
    assert row.terms["limit_unit"] == row.limit[1].value
    other = row.model_copy(update={"limit": (row.limit[0] + 1, row.limit[1])})
    assert row.terms != other.terms
    assert set(row.terms) >= {"condition_zh", "closing_zh", "photos_before", "photos_after", "source"}


@pytest.mark.parametrize("amount", [0, -1, 10_001])
def test_a_limit_of_nothing_is_none(amount: int) -> None:
    row = StandardRow(
        code="found", zh="现场存在", en="Present", limit=(amount, TimeUnit.WORKING_DAYS), closing_zh="清理",
        closing_en="Cleared", source="-",
    )  # fmt: skip
    with pytest.raises(LimitInvalid):
        row.terms  # noqa: B018 - reading it is the test


@pytest.mark.parametrize(
    "changed",
    [
        {"code": "101"},
        {"code": 101},
        {"zh": None},
        {"standards": []},
        {"colour": "red"},
        {"squad": "sometimes"},
        {"standards": [{"code": "x", "zh": "y"}]},
    ],
)
def test_a_file_of_another_shape_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CategoryFile.model_validate(raw(**changed))


def test_what_a_revision_replaces_ends_the_day_before() -> None:
    assert day_before(date(2026, 3, 1)) == date(2026, 2, 28)
