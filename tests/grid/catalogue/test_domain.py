"""The file of categories: what it must be, and that the 39 of it are whole."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from libs.common.clocks import Limit, LimitInvalid, TimeUnit
from libs.common.loading import data_folder
from services.grid.catalogue.domain import (
    ASSUMPTION,
    CategoryFile,
    GradeUnknown,
    LoopUnknown,
    StandardRow,
    check_known,
    day_before,
    in_force,
)
from services.grid.main import SERVICE
from services.grid.rules.domain import rules_of

FOLDER = data_folder(SERVICE)
TEXT = (data_folder(SERVICE) / "categories.yaml").read_text("utf-8")
FILE = CategoryFile.model_validate(yaml.safe_load(TEXT))


URBAN = CategoryFile.model_validate(yaml.safe_load((FOLDER / "urban.yaml").read_text("utf-8")))
RULES = rules_of(
    (row["key"], row["value"]) for row in yaml.safe_load((FOLDER / "rules.yaml").read_text("utf-8"))["rules"]
)


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


@pytest.mark.parametrize("file", [FILE, URBAN], ids=["plans", "urban"])
def test_classes_items_and_standards_name_only_what_there_is(file: CategoryFile) -> None:
    assert {group.attribute for group in file.groups} <= set(RULES.attributes)
    for category in file.categories:
        assert file.fields_of(category)["attribute"] in RULES.attributes
        assert all(item.fields["category"] == category.code for item in category.items)
        for standard in category.standards:
            check_known(standard, RULES)
            assert file.source_of(standard).source


def test_the_usual_classes_of_urban_management_are_there() -> None:
    names = [(group.attribute, group.zh) for group in URBAN.groups]
    assert names == [
        ("component", "公用设施"), ("component", "道路交通设施"), ("component", "市容环境设施"),
        ("component", "园林绿化设施"), ("component", "其他部件"),
        ("event", "市容环境"), ("event", "宣传广告"),
        ("event", "施工管理"), ("event", "街面秩序"), ("event", "突发事件"), ("event", "其他事件"),
    ]  # fmt: skip
    assert not {row.code for row in URBAN.categories} & {row.code for row in FILE.categories}
    assert {row.code[:2] for row in URBAN.categories} == {group.code for group in URBAN.groups}


def test_what_the_rules_do_not_know_is_refused() -> None:
    row = FILE.categories[0].standards[0]
    with pytest.raises(GradeUnknown, match="ordinary, serious, urgent"):
        check_known(row.model_copy(update={"severity": "huge"}), RULES)
    with pytest.raises(LoopUnknown) as refused:
        check_known(row.model_copy(update={"loops": ("self", "outer")}), RULES)
    assert refused.value.pointer == "/loops/1"


@pytest.mark.parametrize(
    ("found", "today", "taken"),
    [
        (date(2026, 1, 5), date(2026, 1, 5), True),
        (date(2025, 12, 30), date(2026, 1, 1), True),
        (date(2025, 12, 31), date(2025, 12, 31), False),
        (date(2026, 6, 30), date(2026, 7, 2), True),
        (date(2026, 7, 1), date(2026, 7, 2), False),
    ],
)
def test_a_category_takes_what_was_found_before_it_ended_once_it_has_begun(
    found: date, today: date, taken: bool
) -> None:
    assert in_force(date(2026, 1, 1), date(2026, 6, 30), found, today) is taken
    assert in_force(date(2026, 1, 1), None, found, today) is (today >= date(2026, 1, 1))


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
