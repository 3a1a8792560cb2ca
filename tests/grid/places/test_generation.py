"""The demonstration geography: one valid coverage, the same for the same seed, codes in reading order."""

from __future__ import annotations

import csv
import fcntl
import json
import pickle
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from services.grid.places import generation
from services.grid.places.domain import MICRO, ManagementMode, bounds_of
from services.grid.places.generation import (
    GeneratedCell,
    SequenceOverflow,
    generate_cells,
    generate_estates,
    outline_of,
    polygon_of,
    reading_order,
)
from services.grid.places.tessellation import square_metres
from tests.support.servers import Run

DATA = Path(generation.__file__).parent.parent / "data"

Outlines = Mapping[str, BaseGeometry]


@pytest.fixture(scope="module")
def outlines() -> Outlines:
    features = json.loads((DATA / "districts.geojson").read_text("utf-8"))["features"]
    return {feature["properties"]["code"]: shape(feature["geometry"]) for feature in features}


@pytest.fixture(scope="module")
def names() -> dict[str, str]:
    with (DATA / "areas.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file) if row["level"] == "neighbourhood"}


@pytest.fixture(scope="module")
def city(run: Run, outlines: Outlines, names: dict[str, str]) -> list[GeneratedCell]:
    """Made once per run: it takes some ten seconds, and every worker needs it."""
    with (run.folder / "city.pickle").open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        kept = file.read()
        if kept:
            made: list[GeneratedCell] = pickle.loads(kept)
            return made
        made = generate_cells(outlines, names)
        pickle.dump(made, file)
        return made


def test_the_city_is_one_coverage_without_gap_or_overlap(
    city: list[GeneratedCell], outlines: Outlines
) -> None:
    polygons = [polygon_of(cell.ring) for cell in city]
    whole = shapely.union_all(list(outlines.values()))

    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)
    covered = shapely.coverage_union_all(polygons)
    # Borders bend by less than the rounding of a corner: a gap would be far larger.
    assert covered.symmetric_difference(whole).area < whole.length / MICRO
    assert sum(polygon.area for polygon in polygons) == pytest.approx(covered.area, rel=1e-12)


def test_shared_edges_are_the_same_two_points_on_both_sides(city: list[GeneratedCell]) -> None:
    edges: Counter[tuple[tuple[int, int], tuple[int, int]]] = Counter()
    for cell in city:
        points = list(zip(cell.ring[::2], cell.ring[1::2], strict=True))
        edges.update(zip(points, points[1:] + points[:1], strict=True))
    alone = [edge for edge in edges if (edge[1], edge[0]) not in edges]

    assert max(edges.values()) == 1
    rim = sum(shapely.LineString(edge).length / MICRO for edge in alone)
    covered = shapely.coverage_union_all([polygon_of(cell.ring) for cell in city])
    assert rim == pytest.approx(covered.length)


def test_every_neighbourhood_has_its_unit_grids(city: list[GeneratedCell], names: dict[str, str]) -> None:
    sizes = Counter(cell.code[:12] for cell in city)

    assert set(sizes) == set(names)
    assert 38_000 < len(city) < 42_000
    assert max(sizes.values()) <= generation.LAST_SEQUENCE


def test_codes_count_up_from_one_inside_a_neighbourhood(city: list[GeneratedCell]) -> None:
    sequences = defaultdict(list)
    for cell in city:
        assert len(cell.code) == 15
        assert cell.code.isdigit()
        sequences[cell.code[:12]].append(int(cell.code[12:]))

    assert [cell.code for cell in city] == sorted(cell.code for cell in city)
    assert all(seen == list(range(1, len(seen) + 1)) for seen in sequences.values())


def test_codes_lie_in_their_district(city: list[GeneratedCell], outlines: Outlines) -> None:
    for district, outline in outlines.items():
        inside = [cell for cell in city if cell.code.startswith(district)]
        shapely.prepare(outline)
        assert all(outline.contains(polygon_of(cell.ring).point_on_surface()) for cell in inside)


def test_neighbourhoods_and_townships_are_in_one_piece_but_for_islands(city: list[GeneratedCell]) -> None:
    for digits, every in ((9, 1), (12, 10)):
        rings = defaultdict(list)
        for cell in city:
            rings[cell.code[:digits]].append(cell.ring)
        looked_at = list(rings.items())[::every]
        apart = {code for code, cells in looked_at if outline_of(cells).geom_type != "Polygon"}
        assert {code[:6] for code in apart} <= {"310115", "310151"}


def test_areas_are_square_metres_on_the_ellipsoid(city: list[GeneratedCell], outlines: Outlines) -> None:
    whole = square_metres(np.array(list(outlines.values()), dtype=object)).sum()

    assert sum(cell.area_m2 for cell in city) == pytest.approx(whole, rel=1e-4)
    # A cell of 0.01 degrees at 31.2 N: 1108.7 m north-south by 953.1 m east-west (GRS 80).
    assert square_metres(np.array([box(121.0, 31.195, 121.01, 31.205)]))[0] == pytest.approx(
        1108.7 * 953.1, rel=1e-3
    )


def test_the_centre_lies_inside(city: list[GeneratedCell]) -> None:
    centres = shapely.points([[lon / MICRO, lat / MICRO] for lon, lat in (cell.centre for cell in city)])
    polygons = [polygon_of(cell.ring) for cell in city]

    assert shapely.intersects(polygons, centres).all()
    west, south, east, north = bounds_of(city[0].ring)
    assert west < city[0].centre[0] < east
    assert south < city[0].centre[1] < north


SQUARES: Outlines = {"810101": box(121.0, 31.0, 121.05, 31.05), "810102": box(121.05, 31.0, 121.1, 31.05)}
SQUARE_NEIGHBOURHOODS = [f"810101001{n:03d}" for n in range(1, 13)] + [
    f"810102101{n:03d}" for n in range(1, 9)
]


def test_the_same_seed_gives_the_same_bytes() -> None:
    first = repr(generate_cells(SQUARES, SQUARE_NEIGHBOURHOODS, seed=7)).encode()

    assert repr(generate_cells(SQUARES, reversed(SQUARE_NEIGHBOURHOODS), seed=7)).encode() == first
    assert repr(generate_cells(SQUARES, SQUARE_NEIGHBOURHOODS, seed=8)).encode() != first


def test_progress_names_each_district() -> None:
    told: list[tuple[str, int, int]] = []

    generate_cells(SQUARES, SQUARE_NEIGHBOURHOODS, progress=lambda *step: told.append(step))

    assert told == [("810101", 0, 2), ("810102", 1, 2)]


def test_islands_belong_to_a_neighbourhood_of_their_district() -> None:
    archipelago = {"810101": box(121.0, 31.0, 121.05, 31.05).union(box(121.06, 31.0, 121.07, 31.05))}

    cells = generate_cells(archipelago, [f"810101001{n:03d}" for n in range(1, 13)])

    assert sum(polygon_of(cell.ring).area for cell in cells) == pytest.approx(archipelago["810101"].area)


def test_outlines_that_do_not_share_their_border_are_refused() -> None:
    overlapping = {**SQUARES, "810102": box(121.04, 31.0, 121.1, 31.05)}

    with pytest.raises(ValueError, match="do not share their borders"):
        generate_cells(overlapping, SQUARE_NEIGHBOURHOODS)


def test_more_than_999_unit_grids_is_an_error() -> None:
    with pytest.raises(SequenceOverflow):
        generate_cells(SQUARES, ["810101001001", "810102101001"], per_neighbourhood=1_100)


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        ([(0, 0), (10, 0), (20, 0)], [0, 1, 2]),
        ([(20, 0), (10, 0), (0, 0)], [2, 1, 0]),
        ([(0, 0), (0, 10), (0, 20)], [2, 1, 0]),
        ([(0, 0), (10, 1), (0, 11), (10, 9)], [2, 3, 0, 1]),
    ],
)
def test_reading_order_is_west_to_east_then_north_to_south(
    positions: list[tuple[float, float]], expected: list[int]
) -> None:
    assert reading_order(positions, row_height=10) == expected


def test_unit_grids_of_a_row_run_from_west_to_east(city: list[GeneratedCell]) -> None:
    """Over the whole city: the northernmost row begins with 001, and the last number is no northern one."""
    groups = defaultdict(list)
    for cell in city:
        groups[cell.code[:12]].append(cell)
    for cells in groups.values():
        height = (sum(cell.area_m2 for cell in cells) / len(cells)) ** 0.5 / 111_000 * MICRO
        north = max(cell.centre[1] for cell in cells)
        assert north - cells[0].centre[1] <= 0.51 * height
        assert cells[-1].centre[1] <= cells[0].centre[1] + 0.51 * height


def test_estates_cover_unit_grids_of_their_neighbourhood(
    city: list[GeneratedCell], names: dict[str, str]
) -> None:
    codes = [cell.code for cell in city]
    estates = generate_estates(codes, names)
    covered = Counter(code for estate in estates for code in estate.unit_grids)

    assert 11_000 < len(estates) < 15_000
    assert max(covered.values()) == 1
    assert set(covered) <= set(codes)
    assert 0.5 < len(covered) / len(codes) < 0.8
    assert all({code[:12] for code in estate.unit_grids} == {estate.key[:12]} for estate in estates)
    assert all(estate.name.endswith("(演示)") for estate in estates)
    assert {estate.mode for estate in estates} == set(ManagementMode)
    assert len({estate.key for estate in estates}) == len(estates)
    assert generate_estates(reversed(codes), names) == estates
