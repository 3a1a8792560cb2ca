"""Property: whatever a catalogue holds, its workbook says the same."""

from __future__ import annotations

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.clocks import TimeUnit
from libs.common.loading import data_folder
from libs.common.tables import read_workbook, write_workbook
from services.grid.editions.domain import CategoryGiven, Draft, GroupGiven, ItemGiven, StandardGiven, compare
from services.grid.editions.schemas import draft_of, rows_of, sheets
from services.grid.main import SERVICE
from services.grid.rules.domain import Rules, rules_of
from tests.grid.editions.test_domain import DAY, standing

LINES = st.text("甲乙=+-@|,;、'\"_x0041 \U0001f600a1", min_size=1, max_size=12).map(str.strip).filter(bool)
CLAUSES = st.builds(
    "{}|{}".format, LINES.filter(lambda s: "|" not in s), LINES.filter(lambda s: "|" not in s)
)


def known() -> Rules:
    """The rules of the file."""
    file = yaml.safe_load((data_folder(SERVICE) / "rules.yaml").read_text("utf-8"))
    return rules_of((row["key"], row["value"]) for row in file["rules"])


RULES = known()
STANDARDS = st.builds(
    StandardGiven,
    category=st.just("0202"), code=st.sampled_from(["found", "gone"]), condition_zh=LINES, condition_en=LINES,
    limit_amount=st.integers(1, 10_000), limit_unit=st.sampled_from(TimeUnit), closing_zh=LINES,
    closing_en=LINES, photos_before=st.integers(0, 9), photos_after=st.integers(0, 9),
    legal_item=st.none() | LINES, severity=st.none() | st.sampled_from(sorted(RULES.grades)),
    loops=st.sets(st.sampled_from(["self", "micro", "small", "big"])).map(tuple), source=LINES,
)  # fmt: skip
DRAFTS = st.builds(
    Draft,
    groups=st.builds(
        GroupGiven, attribute=st.sampled_from(sorted(RULES.attributes)), code=st.just("02"), name_zh=LINES,
        name_en=LINES, predecessor=st.none() | st.just("02"),
    ).map(lambda row: [row]),
    categories=st.builds(
        CategoryGiven, code=st.just("0202"), name_zh=LINES, name_en=LINES, squad=st.booleans(),
        predecessor=st.none() | st.just("0202"),
        named_in=st.lists(CLAUSES, max_size=3, unique_by=lambda s: s.partition("|")[0].strip()).map(tuple),
    ).map(lambda row: [row]),
    items=st.lists(
        st.builds(ItemGiven, code=st.sampled_from(["020201", "020202"]), name_zh=LINES, name_en=LINES),
        max_size=2, unique_by=lambda row: row.code,
    ),
    standards=st.lists(STANDARDS, min_size=1, max_size=2, unique_by=lambda row: row.code),
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(DRAFTS)
def test_export_then_import_says_no_changes(draft: Draft) -> None:
    present = standing(draft)
    layout, rows = sheets(RULES), rows_of(present)
    content = write_workbook([(sheet, rows[noun]) for noun, sheet in layout.items()])
    book = read_workbook(content, list(layout.values()))
    read, _ = draft_of(book, layout)
    assert book.errors == []
    found = compare(read, present, DAY)
    assert (found.rows, found.wrongs) == ([], [])
