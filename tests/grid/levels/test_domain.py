"""Which level is the next, who may close, and what sets the level's clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import yaml

from libs.common.clocks import Limit, TimeUnit
from libs.common.loading import data_folder
from services.grid.levels.domain import (
    Clock,
    LevelTooLow,
    LoopNotAllowed,
    above,
    capable,
    check_capable,
    check_loop,
    higher,
    lowest_of,
    moved,
    next_call,
    time_at,
)
from services.grid.main import SERVICE
from services.grid.rules.domain import Rules, rules_of
from services.grid.rules.refusals import LevelUnknown
from tests.grid.factories import MONDAY

POINT, STATION, SUBDISTRICT, DISTRICT = "information_point", "workstation", "subdistrict", "district"
LATER = MONDAY + timedelta(hours=3)


def rules(**more: Any) -> Rules:
    """The rules of the file, with some more."""
    file = yaml.safe_load((data_folder(SERVICE) / "rules.yaml").read_text("utf-8"))
    return rules_of([*((row["key"], row["value"]) for row in file["rules"]), *more.items()])


@pytest.mark.parametrize(
    ("level", "there", "next_one"),
    [
        (POINT, (), STATION),
        (STATION, (), SUBDISTRICT),
        (SUBDISTRICT, (), DISTRICT),
        (DISTRICT, (), None),
        (DISTRICT, {POINT, DISTRICT}, None),
        (POINT, {POINT, SUBDISTRICT, DISTRICT}, SUBDISTRICT),
        (POINT, {DISTRICT}, DISTRICT),
        (STATION, {POINT}, SUBDISTRICT),
    ],
)
def test_the_next_level_is_the_lowest_that_somebody_stands_for(
    level: str, there: Any, next_one: str | None
) -> None:
    assert above(rules(), level, there) == next_one


def test_an_unknown_level_has_none_above() -> None:
    with pytest.raises(LevelUnknown):
        above(rules(), "village")


def test_what_needs_enforcement_is_closed_by_the_subdistrict_or_above() -> None:
    found = rules()
    assert (capable(found, "0202"), capable(found, "0101")) == (POINT, SUBDISTRICT)
    assert higher(found, None, SUBDISTRICT, POINT) == SUBDISTRICT
    with pytest.raises(LevelTooLow):
        check_capable(found, STATION, SUBDISTRICT)
    for level, needed in ((SUBDISTRICT, SUBDISTRICT), (DISTRICT, SUBDISTRICT), (POINT, None)):
        check_capable(found, level, needed)


@pytest.mark.parametrize(
    ("loops", "lowest", "refused"),
    [
        ((), None, ()),
        (("self", "micro", "small", "big"), POINT, ()),
        (("micro",), STATION, (POINT,)),
        (("self",), POINT, ()),
        (("self", "small"), POINT, (STATION,)),
        (("big", "small"), SUBDISTRICT, (POINT, STATION)),
    ],
)
def test_a_standard_names_the_loops_in_which_it_is_closed(
    loops: tuple[str, ...], lowest: str | None, refused: tuple[str, ...]
) -> None:
    found = rules()
    assert lowest_of(found, loops) == lowest
    for level in (POINT, STATION, SUBDISTRICT, DISTRICT):
        if level in refused:
            with pytest.raises(LoopNotAllowed):
                check_loop(found, level, loops)
        else:
            check_loop(found, level, loops)


def test_above_the_highest_level_nobody_is_called_whatever_the_rules_say() -> None:
    found = rules(**{"escalation.district": {"amount": 1, "unit": "natural_hours"}})
    assert time_at(found, DISTRICT) is None
    assert time_at(found, STATION) == Limit(2, TimeUnit.WORKING_DAYS)


@pytest.mark.parametrize(
    ("before", "after", "sets"),
    [
        (Clock(POINT, None, MONDAY), Clock(POINT, None, MONDAY), False),
        (Clock(POINT, None, MONDAY), Clock(STATION, None, MONDAY), True),
        (Clock(POINT, None, MONDAY), Clock(POINT, LATER, MONDAY), True),
        (Clock(POINT, MONDAY, MONDAY), Clock(POINT, LATER, MONDAY), True),
        (Clock(STATION, MONDAY, LATER), Clock(STATION, LATER, LATER), False),
        (Clock(STATION, MONDAY, LATER), Clock(STATION, None, LATER), True),
    ],
)
def test_only_another_level_or_a_deadline_that_is_followed_sets_the_clock(
    before: Clock, after: Clock, sets: bool
) -> None:
    assert moved(before, after) is sets


def test_the_handling_deadline_is_waited_for_unless_it_has_passed() -> None:
    assert next_call(LATER, MONDAY, MONDAY) == LATER
    assert next_call(MONDAY, LATER, MONDAY) == LATER
    assert next_call(None, LATER, MONDAY) == LATER
