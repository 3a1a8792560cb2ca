from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from libs.common.areas import AreaCodeInvalid
from libs.common.ids import stable_id
from libs.common.tree import repository_root
from services.cli import DEMO_UNIT
from services.tasks.units import sources
from services.tasks.units.domain import (
    DatesInverted,
    Origin,
    OwnSuccessor,
    check_fields,
    in_force,
    overlaps,
)
from tests.tasks.factories import unit_fields

JAN, JUN, DEC = date(2026, 1, 1), date(2026, 6, 1), date(2026, 12, 1)
DATA = repository_root() / "services/tasks/data"


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "expected"),
    [(None, None, True), (JUN, None, True), (None, JUN, True), (DEC, None, False), (None, JAN, False)],
)
def test_a_unit_is_in_force_between_its_days_both_included(
    valid_from: date | None, valid_to: date | None, expected: bool
) -> None:
    assert in_force(valid_from, valid_to, JUN) is expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((None, None), (JAN, JUN), True),
        ((JAN, JUN), (JUN, DEC), True),
        ((JAN, JAN), (JUN, DEC), False),
        ((JUN, None), (None, JAN), False),
    ],
)
def test_spans_overlap_when_they_share_a_day(
    a: tuple[date | None, date | None], b: tuple[date | None, date | None], expected: bool
) -> None:
    assert overlaps(a, b) is expected
    assert overlaps(b, a) is expected


def test_fields_are_refused_when_they_contradict_themselves() -> None:
    own = stable_id("unit", "x")
    good = unit_fields()
    check_fields(own, good)
    with pytest.raises(DatesInverted):
        check_fields(own, replace(good, valid_from=JUN, valid_to=JAN))
    with pytest.raises(OwnSuccessor):
        check_fields(own, replace(good, successor_id=own))
    with pytest.raises(AreaCodeInvalid):
        check_fields(own, replace(good, area="3101010"))


def test_the_files_hold_the_documents_units_and_a_present_day_list_for_every_area() -> None:
    files = sources.read(Path(DATA))
    units = sources.units(files)
    documents = [fields for fields in units.values() if fields.origin is Origin.DOCUMENT]
    assert len(documents) == 118
    assert len({fields.code for fields in units.values()}) == len(units)
    districts = [area for area in files.areas.values() if area.level == "district"]
    townships = [area for area in files.areas.values() if area.level == "township"]
    assert (len(districts), len(townships)) == (16, 234)
    kinds = {level: {row["kind"] for row in files.live["kinds"][level]} for level in sources.LEVELS}
    serving = sources.serving(units, files.areas)
    for area in districts:
        assert kinds["district"] <= serving[area.code].keys()
    for area in townships:
        assert kinds["township"] | kinds["district"] <= serving[area.code].keys()


def test_offices_that_no_longer_exist_are_ended_with_a_note_and_a_successor_that_exists() -> None:
    units = sources.units(sources.read(Path(DATA)))
    by_code = {fields.code: fields for fields in units.values()}
    for code in ("pt-fire", "bs-zongzhi", "bs-housing", "pt-legal", "bs-legal"):
        gone = by_code[code]
        assert gone.valid_to is not None
        assert "；" in gone.source
        assert gone.successor_id is not None
        assert units[gone.successor_id].valid_to is None


def test_a_document_unit_that_still_exists_is_the_present_day_unit() -> None:
    files = sources.read(Path(DATA))
    units = sources.units(files)
    bureau = units[sources.serving(units, files.areas)["310107"]["housing-bureau"]]
    assert (bureau.code, bureau.name_zh, bureau.origin) == ("pt-housing", "普陀区房屋管理局", Origin.DOCUMENT)
    assert "区房管局" in bureau.aliases


def test_the_development_tokens_speak_for_a_unit_that_exists() -> None:
    assert sources.units(sources.read(Path(DATA)))[DEMO_UNIT].area == "310107005"
