"""Which cell holds a point (定位): an index in memory over the unit grids, in pure Python.

The plane is cut into buckets. One that lies wholly inside a cell answers at once; in the others the few cells
whose edges pass through are asked one by one. A point on an edge or corner that cells share belongs to the
lowest code. A point in no cell gets the nearest one within the tolerance, and the answer says so.

>>> square = Cell("310115136001001", [[121.0, 31.0, 121.1, 31.0, 121.1, 31.1, 121.0, 31.1]])
>>> locator = Locator([square], tolerance_m=50)
>>> locator.locate(121.05, 31.05)
Located(code='310115136001001', exact=True, distance_m=0.0)
>>> locator.locate(121.05, 31.1002).exact, locator.locate(121.05, 31.2)
(False, None)
"""

from __future__ import annotations

import gc
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import cos, hypot, inf, isfinite, radians, sqrt
from statistics import median
from struct import Struct
from typing import NamedTuple

from libs.common.coordinates import EARTH_RADIUS_M
from libs.common.errors import Invalid

_edges = Struct("4d").iter_unpack
"""The edges in their packed form: longitude and latitude of the lower, then of the upper end."""

_DEGREE_M = radians(1) * EARTH_RADIUS_M
_BUCKETS_ACROSS = 3  # of a middling cell
_BUCKETS_EACH = 24  # of a cell on average, at most: what many small cells beside a few vast ones may cost
_HAIR = 1e-6  # of a bucket: rounding may put a crossing on the wrong side of a bucket's border by less


class CellInvalid(Invalid):
    """A cell needs an extent, and each ring three points of finite numbers."""

    code = "cell-invalid"
    zh = "单元网格 {cell} 的边界无效"
    en = "The outline of cell {cell} is not valid"


class Cell(NamedTuple):
    """A cell to find points in. Each ring is longitude, latitude, longitude, latitude … (CGCS2000, degrees).

    Rings may be parts or holes in any order and direction: what lies inside an odd number of them is in the
    cell. The first point need not be repeated. Neighbours must share the same corners to the last digit.
    """

    code: str
    rings: Sequence[Sequence[float]]


class Located(NamedTuple):
    """The cell of a point; `exact` is False if it is only the nearest one, `distance_m` metres away."""

    code: str
    exact: bool = True
    distance_m: float = 0.0


Slice = tuple[Located, bytes]
"""What a row of buckets knows of a cell: those of its edges that pass through the row, packed."""

Bucket = Located | tuple[Slice, ...]


class Frame(NamedTuple):
    """The rectangle of buckets: its corner, how many there are, and how many to a degree."""

    west: float
    south: float
    columns: int
    rows: int
    scale: float


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for garbage meanwhile: nothing here is cyclic, and looking at it all takes half the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Locator:
    """Locates points in a fixed set of cells. Raises `CellInvalid` on a ring that is none.

    Loading holds the interpreter for as long as it takes: in a running service, load in a thread and swap.
    """

    def __init__(self, cells: Iterable[Cell], tolerance_m: float = 50.0) -> None:
        self.tolerance_m = tolerance_m
        with _uncollected():
            ordered = sorted(cells, key=lambda cell: cell.code)
            self._frame = _frame([_box(cell) for cell in ordered], tolerance_m)
            self._buckets = _fill(ordered, self._frame)

    def locate(self, lon: float, lat: float) -> Located | None:
        """The cell of the point, the nearest one within the tolerance, or None. Degrees, CGCS2000."""
        west, south, columns, rows, scale = self._frame
        u, v = (lon - west) * scale, (lat - south) * scale
        if not (0 <= u < columns and 0 <= v < rows):
            return None
        bucket = self._buckets.get(int(v) * columns + int(u), ())
        if isinstance(bucket, Located):
            return bucket
        for located, edges in bucket:
            if _covers(edges, lon, lat):
                return located
        return self._nearest(lon, lat)

    def _nearest(self, lon: float, lat: float) -> Located | None:
        """The nearest cell: its edge there passes through one of the buckets around the point."""
        west, south, columns, rows, scale = self._frame
        north = self.tolerance_m / _DEGREE_M
        east = north / cos(radians(lat))
        found: set[Slice] = set()
        for row in _span(lat - south, north, scale, rows):
            for column in _span(lon - west, east, scale, columns):
                bucket = self._buckets.get(row * columns + column, ())
                if not isinstance(bucket, Located):
                    found.update(bucket)
        distances = ((_distance_m(edges, lon, lat), located.code) for located, edges in found)
        metres, code = min(distances, default=(inf, ""))
        return Located(code, exact=False, distance_m=metres) if metres <= self.tolerance_m else None


def _span(middle: float, reach: float, scale: float, end: int) -> range:
    return range(max(int((middle - reach) * scale), 0), min(int((middle + reach) * scale) + 1, end))


def _box(cell: Cell) -> tuple[float, float, float, float]:
    """West, south, east and north end. Raises `CellInvalid`."""
    lons = [lon for ring in cell.rings for lon in ring[::2]]
    lats = [lat for ring in cell.rings for lat in ring[1::2]]
    if any(len(ring) < 6 or len(ring) % 2 or not isfinite(sum(ring)) for ring in cell.rings) or not lons:
        raise CellInvalid(cell=cell.code)
    west, south, east, north = box = min(lons), min(lats), max(lons), max(lats)
    if west == east or south == north:
        raise CellInvalid(cell=cell.code)
    return box


def _frame(boxes: Sequence[tuple[float, float, float, float]], tolerance_m: float) -> Frame:
    if not boxes:
        return Frame(0.0, 0.0, 0, 0, 1.0)
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in boxes]
    side = max(sqrt(median(areas)) / _BUCKETS_ACROSS, sqrt(sum(areas) / len(areas) / _BUCKETS_EACH))
    margin = tolerance_m / _DEGREE_M / cos(radians(max(abs(south), abs(north)))) + side
    columns, rows = (
        int((far - near + 2 * margin) / side) + 1 for near, far in ((west, east), (south, north))
    )
    return Frame(west - margin, south - margin, columns, rows, 1 / side)


def _fill(cells: Sequence[Cell], frame: Frame) -> dict[int, Bucket]:
    """What each bucket answers: a cell that holds all of it, or the cells to ask, lowest code first."""
    whole: dict[int, int] = {}
    asked: defaultdict[int, list[int]] = defaultdict(list)
    located = [Located(cell.code) for cell in cells]
    slices: list[dict[int, Slice]] = []
    for index, cell in enumerate(cells):
        touched, inside, edges = _trace(cell, frame)
        slices.append({row: (located[index], array("d", ends).tobytes()) for row, ends in edges.items()})
        for key in touched:
            asked[key].append(index)
        for key in inside:
            # Cells must not overlap. Where they do, the lowest code still answers.
            if whole.setdefault(key, index) != index:
                asked[key].append(index)
    for key in whole.keys() & asked.keys():
        asked[key] = sorted({*asked[key], whole.pop(key)})
    buckets: dict[int, Bucket] = {key: located[index] for key, index in whole.items()}
    same: dict[tuple[int, ...], tuple[Slice, ...]] = {}
    for key, indexes in asked.items():
        row = key // frame.columns
        candidates = (row, *indexes)
        if candidates not in same:
            same[candidates] = tuple(slices[index][row] for index in indexes)
        buckets[key] = same[candidates]
    return buckets


def _trace(cell: Cell, frame: Frame) -> tuple[set[int], list[int], dict[int, list[float]]]:
    """The buckets that the edges pass through, the others that lie inside, and the edges of each row."""
    west, south, columns, _, scale = frame
    touched: set[int] = set()
    crossings: defaultdict[int, list[float]] = defaultdict(list)
    edges: defaultdict[int, list[float]] = defaultdict(list)
    for ring in cell.rings:
        x0, y0 = ring[-2], ring[-1]
        u0, v0 = (x0 - west) * scale, (y0 - south) * scale
        column0, row0 = int(u0), int(v0)
        touched.add(row0 * columns + column0)
        for x1, y1 in zip(ring[::2], ring[1::2], strict=True):
            u1, v1 = (x1 - west) * scale, (y1 - south) * scale
            column1, row1 = int(u1), int(v1)
            low_end_first = (x0, y0, x1, y1) if y0 < y1 or (y0 == y1 and x0 < x1) else (x1, y1, x0, y0)
            edges[row1] += low_end_first
            if row0 != row1 or column0 != column1:
                touched.add(row1 * columns + column1)
                if abs(column1 - column0) + abs(row1 - row0) > 1:
                    touched.update(_passed(u0, v0, u1, v1, columns))
                for row in range(row0, row1) if row0 < row1 else range(row1 + 1, row0 + 1):
                    edges[row] += low_end_first
            middle0, middle1 = int(v0 + 0.5), int(v1 + 0.5)
            if middle0 != middle1:
                slope = (u1 - u0) / (v1 - v0)
                for row in range(middle0, middle1) if middle0 < middle1 else range(middle1, middle0):
                    crossings[row].append(u0 + (row + 0.5 - v0) * slope)
            x0, y0, u0, v0, column0, row0 = x1, y1, u1, v1, column1, row1
    inside = [key for key in _between(crossings, columns) if key not in touched]
    return touched, inside, edges


def _passed(u0: float, v0: float, u1: float, v1: float, columns: int) -> Iterator[int]:
    """Every bucket that an edge passes through, and now and then one that it only comes near."""
    if v0 > v1:
        u0, v0, u1, v1 = u1, v1, u0, v0
    first, last = int(v0), int(v1)
    slope = (u1 - u0) / (v1 - v0) if first != last else 0.0
    for row in range(first, last + 1):
        enters = u0 + (row - v0) * slope if row > first else u0
        leaves = u0 + (row + 1 - v0) * slope if row < last else u1
        low, high = (enters, leaves) if enters < leaves else (leaves, enters)
        yield from range(row * columns + int(low - _HAIR), row * columns + int(high + _HAIR) + 1)


def _between(crossings: dict[int, list[float]], columns: int) -> Iterator[int]:
    """The buckets whose middle lies inside, by the places where their row's middle line is crossed."""
    for row, places in crossings.items():
        places.sort()
        for enters, leaves in zip(places[::2], places[1::2], strict=True):
            yield from range(row * columns + int(enters + 0.5), row * columns + int(leaves + 0.5))


def _covers(edges: bytes, x: float, y: float) -> bool:
    """Whether the point lies inside (even-odd) or on an edge.

    Each edge is reckoned from its lower end, so that two cells find a point on the same side of their common
    edge, and no point falls between them.
    """
    inside = False
    for x0, y0, x1, y1 in _edges(edges):
        if y0 <= y <= y1:
            crossing = x0 + (y - y0) * (x1 - x0) / (y1 - y0) if y0 < y1 else min(max(x, x0), x1)
            if crossing == x:
                return True
            if crossing > x and y0 <= y < y1:
                inside = not inside
    return inside


def _distance_m(edges: bytes, lon: float, lat: float) -> float:
    """The distance from the point to the nearest edge, in metres, on a plane that touches the Earth there."""
    nearest, north = inf, _DEGREE_M
    east = north * cos(radians(lat))
    for lon0, lat0, lon1, lat1 in _edges(edges):
        x, y = (lon0 - lon) * east, (lat0 - lat) * north
        dx, dy = (lon1 - lon0) * east, (lat1 - lat0) * north
        length = dx * dx + dy * dy
        along = min(max(-(x * dx + y * dy) / length, 0.0), 1.0) if length else 0.0
        nearest = min(nearest, hypot(x + along * dx, y + along * dy))
    return nearest
