from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from libs.common.areas import AreaCodeInvalid
from libs.common.tree import repository_root
from services.tasks.duties import sources
from services.tasks.duties.domain import (
    CategoryUnknown,
    DutyFields,
    DutyOverlaps,
    LeadMissing,
    UnitTwice,
    check_category,
    check_duty,
    check_no_overlap,
)
from services.tasks.units import sources as unit_sources
from services.tasks.units.domain import DatesInverted, Origin, in_force

DATA = Path(repository_root() / "services/tasks/data")
A, B = UUID(int=1), UUID(int=2)
DUTY = DutyFields("0202", "310101002", (A,), (B,))
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"area": "31010"}, AreaCodeInvalid),
        ({"valid_from": TODAY, "valid_to": date(2020, 1, 1)}, DatesInverted),
        ({"lead_unit_ids": ()}, LeadMissing),
        ({"cooperating_unit_ids": (A,)}, UnitTwice),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(changes: dict[str, Any], error: type[Exception]) -> None:
    check_duty(DUTY)
    with pytest.raises(error):
        check_duty(DutyFields(**(vars(DUTY) | changes)))


def test_two_live_rows_of_a_place_may_follow_but_not_overlap() -> None:
    ended = replace(DUTY, valid_to=date(2026, 6, 30))
    check_no_overlap(replace(DUTY, valid_from=date(2026, 7, 1)), [ended])
    with pytest.raises(DutyOverlaps):
        check_no_overlap(replace(DUTY, valid_from=date(2026, 6, 30)), [ended])


def test_rows_of_two_relations_stand_beside_each_other() -> None:
    before, after = replace(DUTY, relation="before_meter"), replace(DUTY, relation="after_meter")
    check_no_overlap(before, [DUTY, after])
    with pytest.raises(DutyOverlaps):
        check_no_overlap(before, [replace(before, police_support=True)])
    assert len({each.digest for each in (DUTY, before, after, replace(DUTY, police_support=True))}) == 4


def test_an_unknown_category_is_refused_once_grid_has_told_any() -> None:
    check_category("9999", known=False, any_known=False)
    check_category("0202", known=True, any_known=True)
    with pytest.raises(CategoryUnknown):
        check_category("9999", known=False, any_known=True)


def test_every_category_has_a_live_lead_in_force_everywhere() -> None:
    duties = sources.duties(DATA)
    files = unit_sources.read(DATA)
    units = unit_sources.units(files)
    live = [duty for duty in duties.values() if duty.origin is Origin.LIVE]
    categories = {row["category"] for row in sources.read(DATA)["live"]["rows"]}
    assert len(categories) == 39
    covered = {(duty.category, duty.area) for duty in live}
    townships = [code for code, area in files.areas.items() if area.level == "township"]
    assert all((c, t) in covered or (c, t[:6]) in covered for c in categories for t in townships)
    assert all(duty.demonstration and "演示" in duty.source for duty in live)
    for duty in live:
        assert all(in_force(units[u].valid_from, units[u].valid_to, TODAY) for u in duty.units)


def test_the_handlers_of_the_documents_are_ended_rows_that_keep_the_printed_words() -> None:
    documents = [duty for duty in sources.duties(DATA).values() if duty.origin is Origin.DOCUMENT]
    units = unit_sources.units(unit_sources.read(DATA))
    assert documents
    for duty in documents:
        assert duty.valid_to is not None
        assert duty.valid_to < TODAY
        assert duty.named
        assert set(duty.units) <= units.keys()
