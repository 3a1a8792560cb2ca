"""Fill district outlines with cells that leave no gap and share identical edges (演示, demonstration only).

Voronoi edges of jittered lattice points and all outlines are noded together once, on a lattice of a
millionth of a degree (about 0.1 m), and the faces of that one network are the cells: an edge between two
cells is the same pair of points on both sides, across district borders too.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from services.grid.places.domain import MICRO
from services.grid.places.partition import Patch

JITTER = 0.35
"""How far a lattice point may move, in parts of the lattice's spacing."""

SLIVER = 0.2
"""A cell smaller than this part of its district's mean joins the neighbour with the longest common edge."""

# GRS 80, the ellipsoid of CGCS2000.
SEMI_MAJOR_METRES = 6_378_137.0
ECCENTRICITY = 0.0818191910428158

# One scale for the whole city makes the cells round; it need not be exact.
MIDDLE_LATITUDE = 31.2

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Shapes = NDArray[Any]


@dataclass(frozen=True)
class Mosaic:
    """Cells in a fixed order: polygons in degrees (CGCS2000), owner's code, area in m², neighbours.

    `rings` and `centres` (an inner point) are in whole millionths of a degree.
    """

    polygons: Shapes
    owners: Sequence[str]
    areas: Sequence[float]
    rings: Sequence[tuple[int, ...]]
    centres: Sequence[tuple[int, int]]
    patch: Patch


def tessellate(outlines: Mapping[str, BaseGeometry], cells: Mapping[str, int], seed: int) -> Mosaic:
    """About `cells[code]` cells in each outline, the same for the same seed.

    Raises `ValueError` unless the outlines share their borders exactly, without overlaps and gaps.
    """
    codes = sorted(outlines)
    shapes = [outlines[code] for code in codes]
    if not shapely.coverage_is_valid(shapes):
        raise ValueError("the outlines do not share their borders exactly")
    lines: list[BaseGeometry] = []
    for code, shape in zip(codes, shapes, strict=True):
        lines += _linework(shape, _lattice(shape, cells[code], random.Random(f"{seed}:{code}")))
    faces = _faces(lines)
    owners = _owners(faces, shapes)
    faces, owners = _merge_slivers(faces, owners)
    return Mosaic(
        polygons=faces,
        owners=[codes[owner] for owner in owners],
        areas=square_metres(faces).tolist(),
        rings=_rings(faces),
        centres=_centres(faces),
        patch=Patch(positions=_positions(faces), neighbours=_neighbours(faces, owners)),
    )


def square_metres(shapes: Shapes) -> Floats:
    """Areas on the ellipsoid: an equal-area projection by the authalic latitude keeps them."""

    def authalic(points: Floats) -> Floats:
        sine = ECCENTRICITY * np.sin(np.radians(points[:, 1]))
        q = sine / (1 - sine**2) + np.arctanh(sine)
        y = SEMI_MAJOR_METRES * (1 - ECCENTRICITY**2) / ECCENTRICITY / 2 * q
        return np.stack([SEMI_MAJOR_METRES * np.radians(points[:, 0]), y], axis=1)

    return np.asarray(shapely.area(shapely.transform(shapes, authalic)))


def _rings(faces: Shapes) -> list[tuple[int, ...]]:
    points, face = shapely.get_coordinates(shapely.get_exterior_ring(faces), return_index=True)
    ends = np.flatnonzero(np.diff(face)) + 1
    micro = np.rint(points * MICRO).astype(np.int64)
    return [tuple(ring[:-1].ravel().tolist()) for ring in np.split(micro, ends)]


def _centres(faces: Shapes) -> list[tuple[int, int]]:
    """Centroids, or an inner point where the centroid lies outside."""
    centroids = shapely.centroid(faces)
    inner = np.where(shapely.contains(faces, centroids), centroids, shapely.point_on_surface(faces))
    micro = np.rint(shapely.get_coordinates(inner) * MICRO).astype(np.int64)
    return [(lon, lat) for lon, lat in micro.tolist()]


def _positions(faces: Shapes) -> list[tuple[float, float]]:
    degree = math.radians(SEMI_MAJOR_METRES)
    centres = shapely.get_coordinates(shapely.centroid(faces))
    stretch = math.cos(math.radians(MIDDLE_LATITUDE))
    return [(float(x) * degree * stretch, float(y) * degree) for x, y in centres]


def _lattice(outline: BaseGeometry, count: int, chance: random.Random) -> Floats:
    """About `count` points inside the outline, in degrees: a square lattice of which each point is moved."""
    stretch = math.cos(math.radians(MIDDLE_LATITUDE))
    step = math.sqrt(outline.area * stretch / count)
    west, south, east, north = outline.bounds
    columns = math.ceil((east - west) * stretch / step) + 1
    rows = math.ceil((north - south) / step) + 1
    points = [
        (
            west + (column + chance.uniform(-JITTER, JITTER)) * step / stretch,
            south + (row + chance.uniform(-JITTER, JITTER)) * step,
        )
        for row in range(rows)
        for column in range(columns)
    ]
    return np.array(points)


def _linework(outline: BaseGeometry, points: Floats) -> list[BaseGeometry]:
    """The outline and the Voronoi edges inside it, as lines in degrees."""
    stretch = np.array([math.cos(math.radians(MIDDLE_LATITUDE)), 1.0])
    inside = points[shapely.contains_xy(outline, points[:, 0], points[:, 1])]
    round_space = shapely.MultiPoint(inside * stretch)
    network = shapely.voronoi_polygons(round_space, extend_to=outline, only_edges=True)
    edges = shapely.get_parts(shapely.transform(network, lambda xy: xy / stretch))
    shapely.prepare(outline)
    whole = shapely.contains_properly(outline, edges)
    cut = shapely.get_parts(shapely.intersection(edges[~whole], outline))
    lines = cut[(shapely.get_dimensions(cut) == 1) & ~shapely.is_empty(cut)]
    return [outline.boundary, *edges[whole], *lines]


def _faces(lines: Sequence[BaseGeometry]) -> Shapes:
    network = shapely.union_all(np.array(lines), grid_size=1 / MICRO)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(network)))
    return _tidied(faces)[0]


def _tidied(faces: Shapes) -> tuple[Shapes, Integers]:
    """Rounded, counter-clockwise from the lowest vertex, in order of their first edges; and that order."""
    if shapely.get_num_interior_rings(faces).any():
        raise ValueError("a cell has a hole")
    rounded = shapely.transform(faces, lambda xy: np.rint(xy * MICRO) / MICRO)
    turned = shapely.orient_polygons(shapely.normalize(rounded))
    rings = shapely.get_exterior_ring(turned)
    start, towards = (shapely.get_coordinates(shapely.get_point(rings, place)) for place in (0, 1))
    order = np.lexsort((towards[:, 1], towards[:, 0], start[:, 1], start[:, 0]))
    return turned[order], order


def _owners(faces: Shapes, outlines: Sequence[BaseGeometry]) -> Integers:
    """Which outline each face lies in: that of an inner point."""
    inner = shapely.point_on_surface(faces)
    found = shapely.STRtree(outlines).query(inner, predicate="intersects")
    owners = np.full(len(faces), -1, dtype=np.int64)
    owners[found[0][::-1]] = found[1][::-1]
    if (owners < 0).any():
        raise ValueError("a face lies in no outline")
    return owners


def _edges(faces: Shapes) -> tuple[Integers, Integers, Floats]:
    """Pairs of faces with a common edge, and the length of each such edge in degrees."""
    points, face = shapely.get_coordinates(shapely.get_exterior_ring(faces), return_index=True)
    key = np.rint(points * MICRO).astype(np.int64)
    same = face[1:] == face[:-1]
    start, end, owner = key[:-1][same], key[1:][same], face[:-1][same]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    start[swap], end[swap] = end[swap], start[swap]
    order = np.lexsort((end[:, 1], end[:, 0], start[:, 1], start[:, 0]))
    edge, owner = np.hstack([start, end])[order], owner[order]
    paired = (edge[1:] == edge[:-1]).all(axis=1)
    length = np.hypot(*((edge[:, 2:] - edge[:, :2]) / MICRO).T)
    return owner[:-1][paired], owner[1:][paired], length[:-1][paired]


def _merge_slivers(faces: Shapes, owners: Integers) -> tuple[Shapes, Integers]:
    area = shapely.area(faces)
    mean = np.array([area[owners == owner].mean() for owner in range(int(owners.max()) + 1)])
    small = area < SLIVER * mean[owners]
    group = list(range(len(faces)))

    def root(face: int) -> int:
        while group[face] != face:
            face = group[face]
        return face

    common: dict[int, dict[int, float]] = {int(face): {} for face in np.flatnonzero(small)}
    for one, other, length in zip(*_edges(faces), strict=True):
        for sliver, big in ((int(one), int(other)), (int(other), int(one))):
            if sliver in common and owners[one] == owners[other]:
                common[sliver][big] = common[sliver].get(big, 0.0) + float(length)
    for sliver, touching in sorted(common.items()):
        if touching:
            group[root(sliver)] = root(max(touching, key=lambda face: (touching[face], -face)))
    return _united(faces, owners, [root(face) for face in range(len(faces))])


def _united(faces: Shapes, owners: Integers, roots: Sequence[int]) -> tuple[Shapes, Integers]:
    """One face per root, tidied and in order, each with its owner."""
    members: dict[int, list[int]] = {}
    for face, root in enumerate(roots):
        members.setdefault(root, []).append(face)
    whole = [
        faces[group[0]] if len(group) == 1 else shapely.get_parts(shapely.coverage_union_all(faces[group]))[0]
        for group in members.values()
    ]
    tidied, order = _tidied(np.array(whole, dtype=object))
    return tidied, owners[list(members)][order]


def _neighbours(faces: Shapes, owners: Integers) -> list[list[int]]:
    """Which faces of the same owner touch; separate parts of one owner are bridged at their nearest cells."""
    touching: list[set[int]] = [set() for _ in faces]
    for one, other, _ in zip(*_edges(faces), strict=True):
        if owners[one] == owners[other]:
            touching[int(one)].add(int(other))
            touching[int(other)].add(int(one))
    for owner in range(int(owners.max()) + 1):
        _bridge(faces, touching, [int(face) for face in np.flatnonzero(owners == owner)])
    return [sorted(others) for others in touching]


def _bridge(faces: Shapes, touching: list[set[int]], cells: Sequence[int]) -> None:
    pieces = _pieces(touching, cells)
    mainland = pieces[0]
    for island in pieces[1:]:
        near = shapely.STRtree(faces[mainland])
        gaps = shapely.distance(faces[island], faces[mainland][near.nearest(faces[island])])
        port = island[int(np.argmin(gaps))]
        quay = mainland[int(near.nearest(faces[port]))]
        touching[port].add(quay)
        touching[quay].add(port)


def _pieces(touching: Sequence[set[int]], cells: Sequence[int]) -> list[list[int]]:
    """Connected pieces, the largest first."""
    left = set(cells)
    pieces: list[list[int]] = []
    for start in cells:
        if start not in left:
            continue
        piece, stack = {start}, [start]
        while stack:
            fresh = touching[stack.pop()] - piece
            piece |= fresh
            stack.extend(fresh)
        left -= piece
        pieces.append(sorted(piece))
    return sorted(pieces, key=lambda piece: (-len(piece), piece))
