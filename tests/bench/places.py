"""Places 定位: the locator against shapely's tree, in one process and in turns."""

from __future__ import annotations

import random
import time

import shapely

from libs.common.locate import Cell, Locator
from tests.bench.board import Board
from tests.bench.plan import Bench

CORNERS = 40
FEW, MANY = 100, 200
"""Cells across: 10,000 and 40,000 of them."""

SIDE = 0.002
LOOKUPS = 20_000

Point = tuple[float, float]


def mesh(across: int, corners: int = CORNERS, seed: int = 7) -> list[Cell]:
    """across × across crooked cells with that many corners each, which share their edges to the digit."""
    chance = random.Random(seed)

    def near(lon: float, lat: float, reach: float) -> Point:
        return lon + chance.uniform(-reach, reach) * SIDE, lat + chance.uniform(-reach, reach) * SIDE

    def line(one: Point, other: Point) -> list[Point]:
        shares = [step * 4 / corners for step in range(1, corners // 4)]
        between = [(one[0] + (other[0] - one[0]) * s, one[1] + (other[1] - one[1]) * s) for s in shares]
        return [one, *(near(*point, 0.05) for point in between), other]

    ends = range(across + 1)
    posts = {(i, j): near(121 + i * SIDE, 31 + j * SIDE, 0.2) for i in ends for j in ends}
    rows = {(i, j): line(posts[i, j], posts[i + 1, j]) for i in range(across) for j in ends}
    columns = {(i, j): line(posts[i, j], posts[i, j + 1]) for i in ends for j in range(across)}
    cells = []
    for i in range(across):
        for j in range(across):
            corners_of = [*rows[i, j], *columns[i + 1, j], *rows[i, j + 1][::-1], *columns[i, j][::-1]]
            cells.append(Cell(f"{i:03}{j:03}", [[number for point in corners_of for number in point]]))
    return cells


def lookups(board: Board, across: int = FEW, count: int = LOOKUPS) -> None:
    """One round of `locate`: the same points by both, one at a time."""
    cells = mesh(across)
    rings = [list(zip(*[iter(cell.rings[0])] * 2, strict=True)) for cell in cells]
    locator, tree = Locator(cells), shapely.STRtree([shapely.Polygon(ring) for ring in rings])
    chance = random.Random(11)
    span = across * SIDE
    points = [(121 + chance.uniform(0, span), 31 + chance.uniform(0, span)) for _ in range(count)]
    board.add("locate", _ours(locator, points), _shapelys(tree, points))


def _ours(locator: Locator, points: list[Point]) -> float:
    began = time.thread_time()
    for lon, lat in points:
        locator.locate(lon, lat)
    return (time.thread_time() - began) / len(points) * 1e6


def _shapelys(tree: shapely.STRtree, points: list[Point]) -> float:
    began = time.thread_time()
    for place in points:
        tree.query(shapely.Point(place), predicate="intersects")
    return (time.thread_time() - began) / len(points) * 1e6


def measure(bench: Bench) -> None:
    """`locate` and `locate_load`."""
    if bench.wants("locate"):
        for _ in bench.each_round("locate"):
            lookups(bench.board)
    if bench.wants("locate_load"):
        cells = mesh(MANY)
        for _ in bench.each_round("locate_load"):
            began = time.perf_counter()
            Locator(cells)
            bench.board.add("locate_load", time.perf_counter() - began)
