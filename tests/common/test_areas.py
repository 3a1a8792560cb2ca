from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.areas import (
    AreaCodeInvalid,
    AreaLevel,
    CommitteeKind,
    TownshipKind,
    ancestors_of,
    check_code,
    committee_kind,
    contains,
    covers_any,
    level_of,
    normal_scopes,
    parent_of,
    prefix_at,
    township_kind,
    unit_grid_code,
    unpadded,
)

GRID = "310115136001007"
LADDER = ["31", "3101", "310115", "310115136", "310115136001", GRID]
CODES = st.tuples(
    st.sampled_from(["31", "3101", "310101", "310115"]) | st.just(GRID), st.sampled_from([2, 4, 6, 9, 12, 15])
).map(lambda pick: pick[0][: pick[1]])


@pytest.mark.parametrize(("code", "level"), list(zip(LADDER, AreaLevel, strict=True)))
def test_the_ladder_of_levels(code: str, level: AreaLevel) -> None:
    above = LADDER[: LADDER.index(code)]
    assert check_code(code) == code
    assert level_of(code) is level
    assert ancestors_of(code) == tuple(above)
    assert parent_of(code) == (above[-1] if above else None)
    assert prefix_at(GRID, level) == code


@pytest.mark.parametrize(
    "code",
    [
        "", "3", "310", "31011", "3101151", "31011513600", "3101151360010070",  # lengths
        "01", "91", "3100", "310100", "310115000", "310115136000", "310115136001000",  # zeros
        "3a", "３１", "31 ", "31\n", "310115136\n", "-1", "三一",
    ],
)  # fmt: skip
def test_what_is_no_code(code: str) -> None:
    with pytest.raises(AreaCodeInvalid) as caught:
        check_code(code)
    assert caught.value.data == {"area": code}


def test_questions_that_a_code_cannot_answer() -> None:
    with pytest.raises(AreaCodeInvalid):
        level_of("31011")
    with pytest.raises(AreaCodeInvalid):
        ancestors_of("31011")
    with pytest.raises(AreaCodeInvalid):
        prefix_at("310115", AreaLevel.TOWNSHIP)
    with pytest.raises(AreaCodeInvalid):
        township_kind("310115")
    with pytest.raises(AreaCodeInvalid):
        committee_kind("310115136")


@pytest.mark.parametrize(
    ("padded", "code"),
    [
        ("310000000000", "31"),
        ("310100000000", "3101"),
        ("310110000000", "310110"),
        ("310115136000", "310115136"),
        ("310115100000", "310115100"),
        ("310115136200", "310115136200"),
        (GRID, GRID),
    ],
)
def test_statistical_padding_is_taken_off(padded: str, code: str) -> None:
    assert unpadded(padded) == code


@pytest.mark.parametrize("padded", ["0", "310115136001007001", "31011513600x", "00"])
def test_padding_of_nothing(padded: str) -> None:
    with pytest.raises(AreaCodeInvalid):
        unpadded(padded)


@pytest.mark.parametrize(
    ("area", "code", "inside"),
    [
        ("31", GRID, True),
        ("310115", "310115", True),
        ("310115", "310115136", True),
        ("310115136", "310115", False),
        ("310115", "310114136", False),
    ],
)
def test_containment(area: str, code: str, inside: bool) -> None:
    assert contains(area, code) is inside
    assert covers_any(iter(["320101", area]), code) is inside


def test_no_scope_covers_nothing() -> None:
    assert not covers_any([], "31")
    assert normal_scopes([]) == ()


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("001", TownshipKind.SUBDISTRICT),
        ("099", TownshipKind.SUBDISTRICT),
        ("100", TownshipKind.TOWN),
        ("199", TownshipKind.TOWN),
        ("200", TownshipKind.TOWNSHIP),
        ("399", TownshipKind.TOWNSHIP),
        ("400", TownshipKind.QUASI),
        ("599", TownshipKind.QUASI),
    ],
)
def test_kinds_of_township(number: str, kind: TownshipKind) -> None:
    assert township_kind(f"310115{number}001") is kind


@pytest.mark.parametrize("number", ["000", "600", "999"])
def test_numbers_that_no_township_has(number: str) -> None:
    with pytest.raises(AreaCodeInvalid):
        township_kind(f"310115{number}")


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("001", CommitteeKind.RESIDENTS),
        ("199", CommitteeKind.RESIDENTS),
        ("200", CommitteeKind.VILLAGERS),
        ("399", CommitteeKind.VILLAGERS),
        ("401", CommitteeKind.OTHER),
        ("000", CommitteeKind.OTHER),
    ],
)
def test_kinds_of_committee(number: str, kind: CommitteeKind) -> None:
    assert committee_kind(f"310115136{number}") is kind


def test_unit_grids_are_numbered_within_their_neighbourhood() -> None:
    assert unit_grid_code("310115136001", 7) == GRID


@pytest.mark.parametrize(
    ("area", "sequence"), [("310115136", 1), ("310115136001", 0), ("310115136001", 1000)]
)
def test_unit_grids_run_out(area: str, sequence: int) -> None:
    with pytest.raises(AreaCodeInvalid):
        unit_grid_code(area, sequence)


@given(st.lists(CODES), CODES)
def test_normal_scopes_cover_the_same_and_not_twice(scopes: list[str], code: str) -> None:
    normal = normal_scopes(scopes)
    assert covers_any(normal, code) == covers_any(scopes, code)
    assert all(not contains(a, b) for a in normal for b in normal if a != b)
    assert normal_scopes(reversed(normal)) == normal
