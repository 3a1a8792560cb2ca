"""What a workbook would change: tables of cases, no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from libs.common.clocks import TimeUnit
from services.grid.editions.domain import (
    CategoryGiven,
    CategoryNeeded,
    Change,
    Draft,
    GroupGiven,
    Held,
    ItemGiven,
    Noun,
    Present,
    StandardGiven,
    What,
    check_needed,
    compare,
)

DAY = date(2026, 12, 1)
GROUP = GroupGiven(attribute="estate", code="02", name_zh="消防与公共安全", name_en="Fire and safety")
CATEGORY = CategoryGiven(
    code="0202", name_zh="楼道堆物", name_en="Corridor clutter", named_in=("办法|第七条", "通知")
)
ITEM = ItemGiven(code="020201", name_zh="纸箱", name_en="Cartons")
STANDARD = StandardGiven(
    category="0202", code="found", condition_zh="现场存在", condition_en="Present", limit_amount=1,
    limit_unit=TimeUnit.WORKING_DAYS, closing_zh="清理", closing_en="Cleared", loops=("self", "micro"),
    source="通知",
)  # fmt: skip
DRAFT = Draft([GROUP], [CATEGORY], [ITEM], [STANDARD])


def standing(draft: Draft = DRAFT, since: date = date(2026, 1, 1), *, ended: bool = False) -> Present:
    """The draft as the catalogue that stands."""
    return {
        noun: {key: Held(fields, since, ended) for key, fields in rows.items()}
        for noun, rows in draft.fields().items()
    }


def changed(row: Any, **fields: Any) -> Any:
    return row.model_copy(update=fields)


def test_what_stands_changes_nothing() -> None:
    found = compare(DRAFT, standing(), DAY)
    assert (found.rows, found.wrongs, found.touched(), found.counts()) == ([], [], set(), {})


def test_a_category_carries_its_class_and_its_clauses() -> None:
    fields = DRAFT.fields()[Noun.CATEGORY]["0202"]
    assert (fields["group_zh"], fields["attribute"]) == ("消防与公共安全", "estate")
    assert fields["named_in"] == {"办法": "第七条", "通知": "通知"}


def test_the_first_catalogue_is_all_new() -> None:
    nothing: Present = {noun: {} for noun in Noun}
    found = compare(DRAFT, nothing, DAY)
    assert [(change.noun, change.what) for change in found.rows] == [(noun, What.ADDED) for noun in Noun]
    assert found.touched() == {"0202"}
    assert found.counts()["standard-added"] == 1


@pytest.mark.parametrize(
    ("draft", "changes"),
    [
        (
            replace(DRAFT, standards=[changed(STANDARD, limit_amount=2)]),
            [Change(Noun.STANDARD, "0202/found", What.CHANGED, ("limit_amount",))],
        ),
        (
            replace(DRAFT, standards=[changed(STANDARD, loops=())]),
            [Change(Noun.STANDARD, "0202/found", What.CHANGED, ("loops",))],
        ),
        (replace(DRAFT, items=[]), [Change(Noun.ITEM, "020201", What.RETIRED)]),
        (
            replace(DRAFT, groups=[changed(GROUP, name_zh="公共安全")]),
            [
                Change(Noun.GROUP, "02", What.CHANGED, ("name_zh",)),
                Change(Noun.CATEGORY, "0202", What.CHANGED, ("group_zh",)),
            ],
        ),
        (
            replace(DRAFT, standards=[changed(STANDARD, code="present")]),
            [
                Change(Noun.STANDARD, "0202/present", What.ADDED),
                Change(Noun.STANDARD, "0202/found", What.RETIRED),
            ],
        ),
        (
            replace(
                DRAFT, categories=[changed(CATEGORY, code="0209", predecessor="0202")], items=[],
                standards=[changed(STANDARD, category="0209")],
            ),
            [
                Change(Noun.CATEGORY, "0209", What.ADDED),
                Change(Noun.CATEGORY, "0202", What.RETIRED),
                Change(Noun.ITEM, "020201", What.RETIRED),
                Change(Noun.STANDARD, "0209/found", What.ADDED),
                Change(Noun.STANDARD, "0202/found", What.RETIRED),
            ],
        ),
    ],
)  # fmt: skip
def test_what_differs_is_told(draft: Draft, changes: list[Change]) -> None:
    found = compare(draft, standing(), DAY)
    assert (found.rows, found.wrongs) == (changes, [])


def test_what_has_ended_comes_back_and_is_not_retired_twice() -> None:
    assert {change.what for change in compare(DRAFT, standing(ended=True), DAY).rows} == {What.ADDED}
    empty = compare(Draft(), standing(ended=True), DAY)
    assert empty.rows == []


@pytest.mark.parametrize(
    ("draft", "noun", "place", "code"),
    [
        (replace(DRAFT, groups=[GROUP, GROUP]), Noun.GROUP, 1, "code-twice"),
        (replace(DRAFT, categories=[CATEGORY, CATEGORY]), Noun.CATEGORY, 1, "code-twice"),
        (replace(DRAFT, items=[ITEM, ITEM]), Noun.ITEM, 1, "code-twice"),
        (replace(DRAFT, standards=[STANDARD, STANDARD]), Noun.STANDARD, 1, "code-twice"),
        (replace(DRAFT, groups=[]), Noun.CATEGORY, 0, "parent-unknown"),
        (replace(DRAFT, items=[changed(ITEM, code="010101")]), Noun.ITEM, 0, "parent-unknown"),
        (
            replace(DRAFT, standards=[STANDARD, changed(STANDARD, category="0101")]),
            Noun.STANDARD, 1, "parent-unknown",
        ),
        (replace(DRAFT, standards=[]), Noun.CATEGORY, 0, "standard-missing"),
        (
            replace(DRAFT, categories=[changed(CATEGORY, predecessor="0999")]),
            Noun.CATEGORY, 0, "predecessor-unknown",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_by_row(draft: Draft, noun: Noun, place: int, code: str) -> None:
    found = [(wrong.noun, wrong.place, wrong.code) for wrong in compare(draft, standing(), DAY).wrongs]
    assert found == [(noun, place, code)]


def test_a_category_that_a_rule_needs_does_not_retire() -> None:
    gone = compare(Draft(), standing(), DAY)
    check_needed(gone, {"0602": "hotline"})
    check_needed(compare(DRAFT, standing(), DAY), {"0202": "hotline"})
    with pytest.raises(CategoryNeeded, match=r"hotline.*0202"):
        check_needed(gone, {"0202": "hotline"})


@pytest.mark.parametrize(("since", "wrong"), [(DAY, True), (date(2026, 11, 30), False)])
def test_a_revision_is_later_than_the_last(since: date, wrong: bool) -> None:
    draft = replace(DRAFT, standards=[changed(STANDARD, limit_amount=2)])
    codes = [one.code for one in compare(draft, standing(since=since), DAY).wrongs]
    assert codes == (["effective-date-not-later"] if wrong else [])
