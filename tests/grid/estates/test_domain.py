"""Estates as values: who may manage one since when, and what is a wall."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from libs.common.coordinates import Crs
from libs.common.errors import DomainError
from libs.common.ids import new_id
from services.grid.estates.domain import (
    EstateCoverTooWide,
    EstateDatesInverted,
    EstateFields,
    ManagementIncomplete,
    ManagementInFuture,
    ManagementNotLater,
    WallInvalid,
    areas_of,
    check_estate,
    check_period,
    wall_of,
)
from services.grid.places.domain import Management, ManagementMode, Period, management_of

TODAY = date(2026, 11, 23)
LAST = Period(date(2020, 1, 1), None, ManagementMode.FIRM, firm_name="福安物业")


@pytest.mark.parametrize("mode", ManagementMode)
def test_every_mode_has_a_state(mode: ManagementMode) -> None:
    wanted = {"unmanaged": Management.UNMANAGED, "abandoned": Management.ABANDONED}
    assert management_of(mode) is wanted.get(mode, Management.MANAGED)


@pytest.mark.parametrize(
    "mode, more, since, error",
    [
        ("firm", {"firm_name": "新物业"}, TODAY, None),
        ("firm", {}, TODAY, ManagementIncomplete),
        ("self_service", {}, TODAY, None),
        ("abandoned", {"reason": "撤离", "fallback_unit_id": new_id()}, TODAY, None),
        ("abandoned", {"reason": "撤离"}, TODAY, ManagementIncomplete),
        ("unmanaged", {"fallback_unit_id": new_id()}, TODAY, ManagementIncomplete),
        ("self_service", {}, date(2026, 11, 24), ManagementInFuture),
        ("self_service", {}, date(2020, 1, 1), ManagementNotLater),
    ],
)
def test_a_state_is_complete_and_follows_the_last_one(
    mode: str, more: dict[str, Any], since: date, error: type[DomainError] | None
) -> None:
    period = Period(since, None, ManagementMode(mode), **more)
    if error is None:
        check_period(period, LAST, TODAY)
    else:
        with pytest.raises(error):
            check_period(period, LAST, TODAY)


def test_a_period_holds_on_its_first_and_last_day() -> None:
    period = Period(date(2026, 1, 1), date(2026, 1, 31), ManagementMode.FIRM)
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1)]
    assert [period.holds(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    "covers, last, error",
    [
        (("310101002001", "310101002002001"), None, None),
        (("310101002",), None, EstateCoverTooWide),
        (("310101002001", "310107005001"), None, EstateCoverTooWide),
        (("310101002001",), date(2019, 1, 1), EstateDatesInverted),
    ],
)
def test_what_an_estate_may_cover(
    covers: tuple[str, ...], last: date | None, error: type[DomainError] | None
) -> None:
    fields = EstateFields("新苑", (), covers, date(2020, 1, 1), last, "名录")
    if error is None:
        check_estate(fields)
        assert areas_of(covers) == ["310101002001", "310101002002"]
    else:
        with pytest.raises(error):
            check_estate(fields)


@pytest.mark.parametrize(
    "ring", [[(121.0, 31.0), (121.1, 31.0)], [(121.0, 31.0), (121.1, 31.1), (121.1, 31.0), (121.0, 31.1)]]
)
def test_what_is_no_wall(ring: list[tuple[float, float]]) -> None:
    with pytest.raises(WallInvalid):
        wall_of(ring, Crs.WGS84)
