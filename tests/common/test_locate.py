"""The locator against shapely, on meshes whose cells share their corners to the digit."""

from __future__ import annotations

import random
from itertools import pairwise
from math import inf, nan, nextafter
from time import thread_time

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from libs.common.coordinates import distance_m
from libs.common.locate import Cell, CellInvalid, Located, Locator

Point = tuple[float, float]
SIDE = 0.002  # degrees: about 200 m


def ring(*points: Point) -> list[float]:
    return [number for point in points for number in point]


def square(code: str, west: float, south: float, side: float = 1.0) -> Cell:
    east, north = west + side, south + side
    return Cell(code, [ring((west, south), (east, south), (east, north), (west, north))])


def mesh(across: int, corners: int, seed: int = 7) -> list[Cell]:
    """across × across crooked cells with that many corners, without gaps."""
    chance = random.Random(seed)

    def near(lon: float, lat: float, reach: float) -> Point:
        return lon + chance.uniform(-reach, reach) * SIDE, lat + chance.uniform(-reach, reach) * SIDE

    def line(one: Point, other: Point) -> list[Point]:
        parts = [step / (corners // 4) for step in range(1, corners // 4)]
        between = [(one[0] + (other[0] - one[0]) * f, one[1] + (other[1] - one[1]) * f) for f in parts]
        return [one, *(near(*point, 0.05) for point in between), other]

    ends = range(across + 1)
    posts = {(i, j): near(121 + i * SIDE, 31 + j * SIDE, 0.2) for i in ends for j in ends}
    rows = {(i, j): line(posts[i, j], posts[i + 1, j]) for i in range(across) for j in ends}
    columns = {(i, j): line(posts[i, j], posts[i, j + 1]) for i in ends for j in range(across)}
    return [
        Cell(
            f"{i:03}{j:03}",
            [ring(*rows[i, j], *columns[i + 1, j], *rows[i, j + 1][::-1], *columns[i, j][::-1])],
        )
        for i in range(across)
        for j in range(across)
    ]


def polygons(cells: list[Cell]) -> list[shapely.Polygon]:
    return [shapely.Polygon(list(zip(*[iter(cell.rings[0])] * 2, strict=True))) for cell in cells]


def some_points(count: int, across: int, margin: float = 1.0) -> list[Point]:
    chance = random.Random(11)
    low, high = -margin * SIDE, (across + margin) * SIDE
    return [(121 + chance.uniform(low, high), 31 + chance.uniform(low, high)) for _ in range(count)]


@pytest.mark.parametrize("corners", [4, 12, 40])
def test_thousands_of_points_lie_where_shapely_says(corners: int) -> None:
    cells = mesh(12, corners)
    locator, tree = Locator(cells, tolerance_m=100), shapely.STRtree(polygons(cells))
    for place in some_points(4000, 12):
        point, found = shapely.Point(place), locator.locate(*place)
        inside = sorted(cells[hit].code for hit in tree.query(point, predicate="intersects"))
        if inside:
            assert found == Located(inside[0])
        else:
            geometry = tree.geometries[tree.nearest(point)]
            on_edge = shapely.get_coordinates(shapely.shortest_line(geometry, point))[0]
            metres = distance_m(place, (on_edge[0], on_edge[1]))
            # Degrees are not square, so that shapely's nearest point may be a little farther than ours.
            if found is None:
                assert metres > 100
            else:
                assert not found.exact
                assert 0.8 * metres <= found.distance_m <= metres * 1.001


def test_every_corner_belongs_to_the_lowest_code_that_has_it() -> None:
    cells = mesh(8, 12)
    locator = Locator(reversed(cells))
    owner: dict[Point, str] = {}
    for cell in cells:
        for corner in zip(*[iter(cell.rings[0])] * 2, strict=True):
            owner.setdefault(corner, cell.code)
    for corner, code in owner.items():
        assert locator.locate(*corner) == Located(code)


def test_points_on_straight_edges_belong_to_the_lowest_code() -> None:
    # Corners on binary fractions: the points of the edges are exact numbers.
    cells = [square(f"{i}{j}", 121 + i / 64, 31 + j / 64, 1 / 64) for i in range(4) for j in range(4)]
    locator = Locator(cells)
    for i in range(257):
        for j in range(257):
            column, row = (max(-(-step // 64) - 1, 0) for step in (i, j))
            if i % 64 == 0 or j % 64 == 0:
                assert locator.locate(121 + i / 4096, 31 + j / 4096) == Located(f"{column}{row}")


def test_slanting_edges_too() -> None:
    west = Cell("1", [ring((121, 31), (121.5, 31), (121.25, 31.5), (121, 31.5))])
    east = Cell("2", [ring((121.5, 31), (122, 31), (122, 31.5), (121.25, 31.5))])
    locator = Locator([east, west])
    for step in range(65):
        assert locator.locate(121.5 - step / 256, 31 + step / 128) == Located("1")


def test_holes_and_parts_count_by_even_and_odd() -> None:
    outer, hole, island = square("1", 121, 31, 1), square("1", 121.25, 31.25, 0.5), square("1", 123, 31, 1)
    filling = square("2", 121.25, 31.25, 0.5)
    cells = [Cell("1", [*outer.rings, *hole.rings, *island.rings]), filling]
    locator = Locator(cells)
    for place, code in [
        ((121.1, 31.1), "1"),
        ((121.5, 31.5), "2"),
        ((123.5, 31.5), "1"),
        ((121.25, 31.5), "1"),
    ]:
        assert locator.locate(*place) == Located(code)
    assert locator.locate(122.5, 31.5) is None
    assert Locator(cells[:1]).locate(121.5, 31.5) is None


def test_where_cells_overlap_the_lowest_code_answers() -> None:
    shifted = [square("3", 121.3, 31.3, 1), square("2", 121, 31, 1), square("1", 121.1, 31.1, 1)]
    locator = Locator(shifted)
    for place in [(121.05, 31.05), (121.5, 31.5), (121.15, 31.15), (122.05, 31.95), (122.2, 32.2)]:
        inside = [cell.code for cell, shape in zip(shifted, polygons(shifted), strict=True)
                  if shape.intersects(shapely.Point(place))]  # fmt: skip
        assert locator.locate(*place) == Located(min(inside))


def test_a_ring_may_repeat_its_first_point_and_turn_either_way() -> None:
    corners = ring((121, 31), (122, 31), (122, 32), (121, 32))
    closed, turned = [*corners, 121, 31], ring((121, 32), (122, 32), (122, 31), (121, 31))
    for outline in (corners, closed, turned):
        locator = Locator([Cell("1", [outline])])
        assert locator.locate(121.5, 31.5) == locator.locate(122, 32) == Located("1")
        assert locator.locate(120.9, 31.5) is None


@pytest.mark.parametrize(
    ("lon", "lat", "metres"),
    [(121.5, 32.0002, 22.24), (120.9998, 31.0, 19.06), (122.0002, 32.0002, 29.15), (121.5, 32.0005, None)],
)
def test_the_nearest_cell_within_the_tolerance_is_flagged(
    lon: float, lat: float, metres: float | None
) -> None:
    found = Locator([square("1", 121, 31)], tolerance_m=50).locate(lon, lat)
    if metres is None:
        assert found is None
    else:
        assert found is not None
        assert (found.code, found.exact) == ("1", False)
        assert found.distance_m == pytest.approx(metres, abs=0.01)


def test_of_two_equally_near_cells_the_lowest_code_is_taken() -> None:
    apart = [square("2", 121, 31, 0.25), square("1", 121.5, 31, 0.25)]
    found = Locator(apart, tolerance_m=20_000).locate(121.375, 31.125)
    assert found is not None
    assert (found.code, found.exact) == ("1", False)


@pytest.mark.parametrize(
    "place", [(nan, 31.5), (121.5, nan), (inf, 31.5), (-inf, -inf), (0.0, 0.0), (31.5, 121.5)]
)
def test_far_away_and_no_numbers_are_nowhere(place: Point) -> None:
    assert Locator([square("1", 121, 31)]).locate(*place) is None


def test_no_cells_hold_nothing() -> None:
    assert Locator([]).locate(121.5, 31.5) is None


@pytest.mark.parametrize(
    "rings",
    [
        [],
        [[]],
        [[121, 31, 122, 31]],
        [[121, 31, 122, 31, 122]],
        [[121, 31, 122, 31, 122, 32, 121]],
        [[121, 31, 122, 31, nan, 32]],
        [[121, 31, 122, 31, inf, 32]],
        [[121, 31, 122, 31, 123, 31]],
        [[121, 31, 121, 32, 121, 33]],
    ],
)
def test_what_is_no_cell(rings: list[list[float]]) -> None:
    with pytest.raises(CellInvalid) as caught:
        Locator([Cell("7", rings)])
    assert caught.value.data == {"cell": "7"}


@given(st.sampled_from([4, 8, 20]), st.integers(0, 10**6), st.floats(0, 1))
def test_no_point_falls_between_cells(corners: int, seed: int, part: float) -> None:
    cells = mesh(4, corners, seed)
    locator = Locator(cells)
    for cell in cells:
        points = list(zip(*[iter(cell.rings[0])] * 2, strict=True))
        for one, other in pairwise(points):
            lon, lat = one[0] + (other[0] - one[0]) * part, one[1] + (other[1] - one[1]) * part
            if max(abs(lon - 121 - 2 * SIDE), abs(lat - 31 - 2 * SIDE)) < 1.5 * SIDE:
                for place in [(lon, lat), (nextafter(lon, 0), lat), (lon, nextafter(lat, 99))]:
                    found = locator.locate(*place)
                    assert found is not None
                    assert found.exact


def test_a_lookup_costs_at_most_six_tenths_of_shapelys() -> None:
    cells = mesh(100, 40)
    locator, tree = Locator(cells), shapely.STRtree(polygons(cells))
    places = some_points(3000, 100, margin=0)

    def seconds_of(shapely_asked: bool) -> float:
        began = thread_time()
        for place in places:
            if shapely_asked:
                tree.query(shapely.Point(place), predicate="intersects")
            else:
                locator.locate(*place)
        return thread_time() - began

    assert min(seconds_of(False) / seconds_of(True) for _ in range(3)) <= 0.6
