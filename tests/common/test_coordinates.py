from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.coordinates import (
    CoordinateInvalid,
    CoordinateSwapped,
    Crs,
    check_place,
    distance_m,
    from_cgcs2000,
    gcj02_to_bd09,
    to_cgcs2000,
    wgs84_to_gcj02,
)

PEOPLES_SQUARE = (121.4737, 31.2304)
LON = st.floats(120.8, 122.3)
LAT = st.floats(30.6, 31.9)
CRS = st.sampled_from(Crs)


def test_the_published_values_of_beijing() -> None:
    assert wgs84_to_gcj02(116.404, 39.915) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-9)
    assert gcj02_to_bd09(116.404, 39.915) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-9)


@pytest.mark.parametrize(
    ("crs", "metres"), [(Crs.CGCS2000, 0), (Crs.WGS84, 0), (Crs.GCJ02, 481), (Crs.BD09, 1140)]
)
def test_how_far_off_peoples_square_a_wrong_system_is(crs: Crs, metres: float) -> None:
    assert distance_m(PEOPLES_SQUARE, from_cgcs2000(*PEOPLES_SQUARE, crs)) == pytest.approx(metres, abs=1)
    assert distance_m(PEOPLES_SQUARE, to_cgcs2000(*PEOPLES_SQUARE, crs)) == pytest.approx(metres, abs=10)


@given(LON, LAT, CRS)
def test_there_and_back_is_the_same_place_within_a_centimetre(lon: float, lat: float, crs: Crs) -> None:
    assert distance_m((lon, lat), to_cgcs2000(*from_cgcs2000(lon, lat, crs), crs)) < 0.01
    assert distance_m((lon, lat), from_cgcs2000(*to_cgcs2000(lon, lat, crs), crs)) < 0.01


@pytest.mark.parametrize("place", [(2.35, 48.86), (-74.0, 40.7), (139.7, 35.7), (103.8, 0.5), (100.0, 60.0)])
def test_outside_china_nothing_is_shifted(place: tuple[float, float]) -> None:
    assert wgs84_to_gcj02(*place) == place
    assert to_cgcs2000(*place, Crs.GCJ02) == place


@pytest.mark.parametrize(
    "place", [(nan, 31.2), (121.4, inf), (-inf, 31.2), (181, 31.2), (121.4, -181), (200, 200), (100, 95)]
)
def test_what_is_no_place(place: tuple[float, float]) -> None:
    with pytest.raises(CoordinateInvalid) as caught:
        to_cgcs2000(*place, Crs.WGS84)
    assert type(caught.value) is CoordinateInvalid
    with pytest.raises(CoordinateInvalid):
        from_cgcs2000(*place, Crs.WGS84)


def test_exchanged_coordinates_are_told_apart() -> None:
    with pytest.raises(CoordinateSwapped):
        check_place(31.2304, 121.4737)
    assert check_place(180, -90) == (180, -90)


@given(LON, LAT)
def test_distances_agree_with_the_degrees(lon: float, lat: float) -> None:
    assert distance_m((lon, lat), (lon, lat)) == 0
    assert distance_m((lon, lat), (lon, lat + 0.01)) == pytest.approx(1111.95, abs=0.01)
    east = distance_m((lon, lat), (lon + 0.01, lat))
    assert 940 < east < 960
    assert east == distance_m((lon + 0.01, lat), (lon, lat))
