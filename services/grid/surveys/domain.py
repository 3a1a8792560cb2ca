"""Surveyed unit grids as values, and everything that is wrong with them. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import cos, radians
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from libs.common.errors import Invalid
from services.grid.places.domain import MICRO

LEAST_M2 = 1.0
"""Overlaps and gaps below a square metre are roundings."""

_METRES = 111_320.0
_CODE = re.compile(r"[1-8]\d{5}(?!000)\d{3}(?!000)\d{3}(?!000)\d{3}", re.ASCII)
Shapes = NDArray[Any]


class SurveyRefused(Invalid):
    """What is wrong must be put right first (数据检查未通过)."""

    code = "survey-refused"
    zh = "单元网格数据有 {errors} 处错误，未入库"
    en = "The unit grids have {errors} errors and were not imported"


class SurveyTooEarly(Invalid):
    """Unit grids take effect today or later: what was located stays (启用日期已过)."""

    code = "survey-too-early"
    zh = "启用日期 {effective_from} 已过"
    en = "The date of effect {effective_from} has passed"


class Kind(StrEnum):
    """What is found (检查项)."""

    NOT_A_POLYGON = "not-a-polygon"  # 不是单环多边形
    COORDINATE = "coordinate-invalid"  # 坐标无效
    GEOMETRY = "geometry-invalid"  # 几何无效、自相交
    CODE = "code-invalid"  # 不是15位代码
    DUPLICATE = "code-duplicate"  # 代码重复
    UNKNOWN_AREA = "neighbourhood-unknown"  # 居(村)委不存在或已停用
    RETIRED = "code-retired"  # 停用代码不得再用
    LATER = "edition-later"  # 已有更晚版次
    OUTSIDE = "outside-district"  # 超出区界
    OVERLAP = "overlap"  # 重叠
    GAP = "gap"  # 缝隙
    APART = "apart"  # 居(村)委范围不相连
    EDGES = "edges-differ"  # 公共边不一致


WARNINGS = frozenset({Kind.APART, Kind.EDGES})
"""What is told and refuses nothing: islands are real, and a hair between two cells is located too."""


@dataclass(frozen=True)
class Finding:
    """Something that is wrong (检查结果). `feature`: its number in the file, from 1; `other`: the other's.

    `square_metres`: how much overlaps or is missing. `warning`: it refuses nothing.
    """

    kind: Kind
    feature: int | None = None
    code: str | None = None
    other: int | None = None
    other_code: str | None = None
    square_metres: float | None = None
    lon: float | None = None
    lat: float | None = None
    detail: str | None = None
    warning: bool = False


@dataclass(frozen=True)
class Surveyed:
    """One unit grid of a file. `ring`: millionths of a degree, CGCS2000, not closed."""

    number: int
    code: str
    ring: tuple[int, ...]


@dataclass(frozen=True)
class Standing:
    """What stands around it: neighbourhoods in force on the day of effect, outlines of districts, the codes
    that have ended, neighbourhoods that a later edition has, and the unit grids beside those of the file."""

    neighbourhoods: Collection[str] = ()
    outlines: Mapping[str, BaseGeometry] = field(default_factory=dict)
    retired: Collection[str] = ()
    later: Collection[str] = ()
    beside: Sequence[tuple[str, Sequence[int], bool]] = ()
    """Code, ring, and whether it is made up: overlaps with those are warnings."""


def polygons(rings: Iterable[Sequence[int]]) -> Shapes:
    """The polygons of rings of millionths of a degree, counter-clockwise."""
    arrays = [np.asarray(ring, dtype=np.int64).reshape(-1, 2) for ring in rings]
    if not arrays:
        return np.empty(0, dtype=object)
    index = np.repeat(np.arange(len(arrays)), [len(array) for array in arrays])
    lines = shapely.linearrings(np.concatenate(arrays) / MICRO, indices=index)
    return np.asarray(shapely.orient_polygons(shapely.polygons(lines)))


def check(cells: Sequence[Surveyed], standing: Standing) -> list[Finding]:
    """Everything that is wrong with the unit grids, by the number of the feature."""
    found = [finding for cell in cells if (finding := _of_code(cell, standing)) is not None]
    found += _twice(cells)
    sound = [cell for cell in cells if len(cell.ring) >= 6]
    found += [Finding(Kind.GEOMETRY, cell.number, cell.code) for cell in cells if len(cell.ring) < 6]
    shapes = polygons(cell.ring for cell in sound)
    valid = shapely.is_valid(shapes)
    for place in np.flatnonzero(~valid):
        why = str(shapely.is_valid_reason(shapes[place]))
        found.append(Finding(Kind.GEOMETRY, sound[place].number, sound[place].code, detail=why))
    sound, shapes = [sound[place] for place in np.flatnonzero(valid)], shapes[valid]
    found += _outside(sound, shapes, standing)
    crossed = _crossed(sound, shapes, standing.beside)
    found += crossed
    found += _gaps(sound, shapes, {one.code[:12] for one in crossed if one.code})
    return sorted(found, key=lambda one: (one.feature or 0, one.kind))


def _of_code(cell: Surveyed, standing: Standing) -> Finding | None:
    kind = None
    if not _CODE.fullmatch(cell.code):
        kind = Kind.CODE
    elif cell.code[:12] not in standing.neighbourhoods:
        kind = Kind.UNKNOWN_AREA
    elif cell.code in standing.retired:
        kind = Kind.RETIRED
    elif cell.code[:12] in standing.later:
        kind = Kind.LATER
    return Finding(kind, cell.number, cell.code) if kind else None


def _twice(cells: Sequence[Surveyed]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for cell in cells:
        if first.setdefault(cell.code, cell.number) != cell.number:
            yield Finding(Kind.DUPLICATE, cell.number, cell.code, first[cell.code], cell.code)


def _outside(cells: Sequence[Surveyed], shapes: Shapes, standing: Standing) -> Iterator[Finding]:
    """Those of which an inner point lies outside the district's outline: it is coarse, edges may leave it."""
    inner = shapely.point_on_surface(shapes)
    for district, outline in standing.outlines.items():
        own = np.array([cell.code.startswith(district) for cell in cells], dtype=bool)
        shapely.prepare(outline)
        for place in np.flatnonzero(own & ~shapely.intersects(outline, inner)).tolist():
            yield _at(Kind.OUTSIDE, cells[place], inner[place])


def _crossed(
    cells: Sequence[Surveyed], shapes: Shapes, beside: Sequence[tuple[str, Sequence[int], bool]]
) -> list[Finding]:
    """Overlaps among them and with those beside, and common edges that differ."""
    everything = np.concatenate([shapes, polygons(ring for _, ring, _ in beside)])
    bad = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(everything)))
    tree, own, told, overlapping = shapely.STRtree(everything), len(shapes), [], set[int]()
    for one, other in zip(*tree.query(everything[bad], predicate="intersects"), strict=True):
        one = int(bad[one])
        if one >= own or one == other or (other < own and other < one):
            continue
        common = shapely.intersection(everything[one], everything[other])
        if (metres := _square_metres(common)) >= LEAST_M2:
            overlapping |= {one, int(other)}
            mine = other < own
            second = (cells[other].number, cells[other].code) if mine else (None, beside[other - own][0])
            made_up = not mine and beside[other - own][2]
            told.append(_at(Kind.OVERLAP, cells[one], common, second, metres, made_up))
    edges = [int(place) for place in bad if place < own and int(place) not in overlapping]
    return told + [_at(Kind.EDGES, cells[place], shapes[place]) for place in edges]


def _gaps(cells: Sequence[Surveyed], shapes: Shapes, crossed: Collection[str]) -> Iterator[Finding]:
    """Holes inside a neighbourhood, and neighbourhoods in several parts; `crossed` have edges that differ."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for place, cell in enumerate(cells):
        groups[cell.code[:12]].append(place)
    for neighbourhood, places in groups.items():
        if len(places) < 2:
            continue
        unite = shapely.union_all if neighbourhood in crossed else shapely.coverage_union_all
        parts = shapely.get_parts(unite(shapes[places]))
        if len(parts) > 1:
            yield _at(Kind.APART, cells[places[0]], parts[-1])
        for part in parts:
            for hole in map(shapely.polygons, part.interiors):
                if (metres := _square_metres(hole)) >= LEAST_M2:
                    near = min(places, key=lambda place: shapely.distance(shapes[place], hole))
                    yield _at(Kind.GAP, cells[near], hole, metres=metres)


def _at(
    kind: Kind,
    cell: Surveyed,
    where: BaseGeometry,
    other: tuple[int | None, str] | None = None,
    metres: float | None = None,
    made_up: bool = False,
) -> Finding:
    point = shapely.point_on_surface(where)
    number, code = other or (None, None)
    lon, lat = round(shapely.get_x(point).item(), 6), round(shapely.get_y(point).item(), 6)
    size = None if metres is None else round(metres, 1)
    return Finding(
        kind, cell.number, cell.code, number, code, size, lon, lat, warning=made_up or kind in WARNINGS
    )


def _square_metres(shape: BaseGeometry) -> float:
    """Near enough to tell a rounding from a mistake."""
    return float(shape.area) * _METRES**2 * cos(radians(shape.centroid.y)) if shape.area else 0.0
