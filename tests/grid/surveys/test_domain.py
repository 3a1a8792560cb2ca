"""Everything that is wrong with a file of unit grids is told at once, by the number of the feature."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from libs.common.coordinates import Crs, from_cgcs2000
from services.grid.surveys.domain import Finding, Kind, Standing, check
from services.grid.surveys.sources import read

HERE = "310101002001"
STANDING = Standing({HERE, "310101002002"}, {"310101": shapely.box(121.4, 31.2, 121.5, 31.3)})
SIDE = 0.001


def square(code: str, column: float, row: float, size: float = 1.0, **geometry: Any) -> dict[str, Any]:
    """A square cell in a lattice of a hundred metres."""
    west, south = 121.45 + column * SIDE, 31.25 + row * SIDE
    east, north = west + size * SIDE, south + size * SIDE
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    shape = {"type": "Polygon", "coordinates": [[[round(x, 6), round(y, 6)] for x, y in ring]], **geometry}
    return {"type": "Feature", "properties": {"code": code}, "geometry": shape}


def found(*features: dict[str, Any], crs: Crs = Crs.CGCS2000, standing: Standing = STANDING) -> list[Finding]:
    cells, wrong = read({"type": "FeatureCollection", "features": list(features)}, crs)
    return sorted([*wrong, *check(cells, standing)], key=lambda one: one.feature or 0)


def cell(number: int, column: float, row: float, **more: Any) -> dict[str, Any]:
    return square(f"{HERE}{number:03}", column, row, **more)


def test_nothing_is_wrong_with_cells_that_share_their_edges() -> None:
    assert found(cell(1, 0, 0), cell(2, 1, 0), cell(3, 0, 1), cell(4, 1, 1)) == []


@pytest.mark.parametrize(
    "feature, kind",
    [
        (square("31010100200100", 0, 0), Kind.CODE),
        (square(f"{HERE}000", 0, 0), Kind.CODE),
        (square("310101002003001", 0, 0), Kind.UNKNOWN_AREA),
        (square(f"{HERE}001", 500, 0), Kind.OUTSIDE),
        (cell(1, 0, 0, type="Point", coordinates=[121.45, 31.25]), Kind.NOT_A_POLYGON),
        (cell(1, 0, 0, coordinates=[]), Kind.NOT_A_POLYGON),
        (cell(1, 0, 0, coordinates=[[[31.25, 121.45], [31.26, 121.45], [31.26, 121.46]]]), Kind.COORDINATE),
        (cell(1, 0, 0, coordinates=[[["a", "b"]]]), Kind.COORDINATE),
        (cell(1, 0, 0, coordinates=[[{"lon": 1}, [10**400, 1]]]), Kind.COORDINATE),
        ({"type": "Feature", "properties": ["code"], "geometry": "Polygon"}, Kind.NOT_A_POLYGON),
        (cell(1, 0, 0, coordinates=[[[121.45, 31.25], [121.46, 31.25]]]), Kind.GEOMETRY),
        (
            cell(1, 0, 0, coordinates=[[[121.45, 31.25], [121.46, 31.26], [121.46, 31.25], [121.45, 31.26]]]),
            Kind.GEOMETRY,
        ),
    ],
)
def test_what_is_wrong_with_one(feature: dict[str, Any], kind: Kind) -> None:
    (one,) = found(feature)
    assert (one.feature, one.kind, one.warning) == (1, kind, False)


def test_codes_that_come_twice_have_ended_or_belong_to_a_later_edition() -> None:
    (twice,) = found(cell(1, 0, 0), cell(1, 1, 0))
    assert (twice.kind, twice.feature, twice.other) == (Kind.DUPLICATE, 2, 1)
    ended = Standing(STANDING.neighbourhoods, {}, retired={f"{HERE}001"})
    assert [one.kind for one in found(cell(1, 0, 0), standing=ended)] == [Kind.RETIRED]
    later = Standing(STANDING.neighbourhoods, {}, later={HERE})
    assert [one.kind for one in found(cell(1, 0, 0), standing=later)] == [Kind.LATER]


def test_an_overlap_names_both_and_how_much() -> None:
    (one,) = found(cell(1, 0, 0), cell(2, 0.9, 0))
    assert (one.kind, one.feature, one.other, one.warning) == (Kind.OVERLAP, 1, 2, False)
    assert one.square_metres == pytest.approx(1_060, rel=0.05)


def test_an_overlap_with_a_neighbour_that_is_made_up_is_but_told() -> None:
    cells, _ = read({"features": [cell(9, 0.9, 0)]}, Crs.CGCS2000)
    for made_up in (True, False):
        beside = [(f"{HERE[:-1]}2001", cells[0].ring, made_up)]
        (one,) = found(cell(1, 0, 0), standing=Standing(STANDING.neighbourhoods, {}, beside=beside))
        assert (one.kind, one.other, one.other_code, one.warning) == (
            Kind.OVERLAP, None, beside[0][0], made_up,
        )  # fmt: skip


def test_a_gap_inside_a_neighbourhood() -> None:
    around = [(c, r) for c in range(3) for r in range(3) if (c, r) != (1, 1)]
    (one,) = found(*(cell(number, *at) for number, at in enumerate(around, start=1)))
    assert (one.kind, one.warning) == (Kind.GAP, False)
    assert (one.lon, one.lat) == pytest.approx((121.4515, 31.2515), abs=1e-5)


def test_parts_that_lie_apart_and_edges_that_differ_are_but_told() -> None:
    (apart,) = found(cell(1, 0, 0), cell(2, 5, 0))
    assert (apart.kind, apart.warning) == (Kind.APART, True)
    kinds = {(one.kind, one.warning) for one in found(cell(1, 0, 0), cell(2, 1, 0, size=0.5))}
    assert kinds == {(Kind.EDGES, True)}


def test_everything_is_told_at_once() -> None:
    told = found(square("1", 0, 0), cell(2, 1, 0), cell(2, 2, 0), cell(3, 2.5, 0), cell(4, 9, 9, type="Line"))
    assert {one.kind for one in told} >= {Kind.CODE, Kind.DUPLICATE, Kind.OVERLAP, Kind.NOT_A_POLYGON}
    assert [one.feature for one in told if one.kind is Kind.NOT_A_POLYGON] == [5]


@pytest.mark.parametrize("crs", [Crs.GCJ02, Crs.BD09])
def test_other_systems_are_turned_so_that_corners_stay_shared(crs: Crs) -> None:
    features = [cell(1, 0, 0), cell(2, 1, 0)]
    for feature in features:
        ring = feature["geometry"]["coordinates"][0]
        feature["geometry"]["coordinates"] = [[list(from_cgcs2000(lon, lat, crs)) for lon, lat in ring]]
    assert found(*features, crs=crs) == []
    cells, _ = read({"features": features}, crs)
    assert cells[0].ring[:2] == pytest.approx((121_450_000, 31_250_000), abs=2)
