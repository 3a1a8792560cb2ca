"""Addresses in one spelling, and how sure a place is."""

from __future__ import annotations

from uuid import UUID

import pytest

from libs.common.ids import stable_id
from services.grid.addresses.domain import (
    HOUSE,
    LANE,
    LONGEST_KEY,
    NAME,
    Candidate,
    Named,
    best_names,
    certainty,
    house_after,
    keys_in,
    normal,
    normal_number,
    ranked,
)

ONE, TWO, THREE = (stable_id("estate", name) for name in "abc")


@pytest.mark.parametrize(
    "said, one_spelling",
    [
        ("兰溪路100弄3号", "兰溪路100弄3号"),
        ("蘭溪路１００弄３號樓", "兰溪路100弄3号"),
        ("兰溪路 100 弄，3幢", "兰溪路100弄3号"),
        ("兰溪路一百弄三号", "兰溪路100弄3号"),
        ("曹杨一村二十一号", "曹杨一村21号"),
        ("曹杨一村12A座501室", "曹杨一村12a号501室"),
        ("曹杨一村3#", "曹杨一村3号"),
        ("小花园二村(演示)", "小花园二村"),
        ("武宁路二〇五弄5支弄8号", "武宁路205弄5支弄8号"),
    ],
)
def test_many_spellings_are_one(said: str, one_spelling: str) -> None:
    assert normal(said) == one_spelling


@pytest.mark.parametrize(
    "number, one_spelling", [("3", "3"), ("3号楼", "3"), ("三", "3"), ("１２Ａ幢", "12a"), ("甲3", "甲3")]
)
def test_a_buildings_number(number: str, one_spelling: str) -> None:
    assert normal_number(number) == one_spelling


def test_whatever_is_known_is_among_the_parts_of_a_text() -> None:
    keys = keys_in("普陀区兰溪路100弄3号502室")
    assert {"兰溪路100弄", "兰溪路100弄3号"} <= set(keys)
    assert len(keys) == len(set(keys))
    assert max(map(len, keys_in("长" * 200))) == LONGEST_KEY


@pytest.mark.parametrize(
    "text, key, number",
    [
        ("小花园二村3号502室", "小花园二村", "3"),
        ("小花园二村第3号", "小花园二村", "3"),
        ("小花园二村门口", "小花园二村", None),
        ("小花园二村502室", "小花园二村", None),
    ],
)
def test_the_number_right_behind_a_name(text: str, key: str, number: str | None) -> None:
    assert house_after(text, key) == number


def test_a_name_that_is_but_a_part_of_anothers_is_not_meant() -> None:
    whole, part = Named("小花园二村", ONE, ONE), Named("花园二村", TWO, TWO)
    assert best_names([part, whole]) == [whole]
    both = [Named("花园二村", ONE, ONE), Named("花园二村", TWO, TWO)]
    assert sorted(one.estate_id for one in best_names(both)) == sorted([ONE, TWO])
    house = Named("兰溪路3号", THREE, ONE, "3")
    assert best_names([Named("兰溪路100弄小区", ONE, ONE), house]) == [house]


def test_how_sure_a_name_makes() -> None:
    house = Named("兰溪路100弄3号", TWO, ONE, "3")
    lane, name = Named("兰溪路100弄", ONE, ONE), Named("小花园二村", ONE, ONE)
    assert [certainty(one) for one in (house, lane, name)] == [HOUSE, LANE, NAME]


def _one(estate: UUID, confidence: int = NAME) -> Candidate:
    return Candidate(estate, "花园", "310101002001", confidence)


def test_of_several_each_is_less_sure_and_the_area_that_is_named_decides() -> None:
    assert [one.confidence for one in ranked([_one(ONE), _one(TWO)], [])] == [NAME // 2] * 2
    assert ranked([_one(ONE), _one(TWO)], [TWO]) == [_one(TWO)]
    assert [one.estate_id for one in ranked([_one(ONE), _one(TWO, HOUSE)], [])] == [TWO, ONE]
    assert ranked([], []) == []
