"""Demonstration geography (演示): unit grids (单元网格) inside the real district outlines.

Nothing public has outlines below the district, so townships, neighbourhoods and unit grids are made up:
connected groups of cells, deterministic from a seed. Names and codes of areas are real; every shape that
leaves this module is a demonstration and must be labelled so.

The 15 digits are neighbourhood (12) and sequence (3), numbered west to east, then north to south inside a
neighbourhood, 001 to 999 (DB11 单元网格划分, as GB/T 30428.1 has it).
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from libs.common.areas import unit_grid_code
from services.grid.places.domain import DEMONSTRATION, MICRO, ManagementMode, estate_key
from services.grid.places.partition import partition
from services.grid.places.tessellation import Mosaic, tessellate

CELLS_PER_NEIGHBOURHOOD = 6.15
"""Unit grids per neighbourhood on average: 40,625 unit grids (2016) over the neighbourhoods of the city."""

LAST_SEQUENCE = 999
"""Three digits; a neighbourhood with more unit grids is an error."""

SEED = 20180208
"""The seed of the shipped demonstration geography."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


class SequenceOverflow(ValueError):
    """A neighbourhood has more than 999 unit grids (序号溢出)."""


@dataclass(frozen=True)
class GeneratedCell:
    """One unit grid. `ring` is lon, lat, lon, lat … counter-clockwise, the first point not repeated.

    Coordinates are whole millionths of a degree, CGCS2000.
    """

    code: str
    ring: tuple[int, ...]
    centre: tuple[int, int]
    area_m2: int


def generate_cells(
    outlines: Mapping[str, BaseGeometry],
    neighbourhoods: Iterable[str],
    *,
    seed: int = SEED,
    per_neighbourhood: float = CELLS_PER_NEIGHBOURHOOD,
    progress: Progress | None = None,
) -> list[GeneratedCell]:
    """Unit grids of every neighbourhood (12 digits) whose district has an outline, in order of code.

    The same arguments give the same cells. Raises `SequenceOverflow`, `CannotPartition`, and `ValueError`
    if the outlines are no valid coverage or a district has no neighbourhood.
    """
    inside: dict[str, list[str]] = {district: [] for district in outlines}
    for code in sorted(neighbourhoods):
        if code[:6] in inside:
            inside[code[:6]].append(code)
    wanted = {district: round(len(codes) * per_neighbourhood) for district, codes in inside.items()}
    mosaic = tessellate(outlines, wanted, seed)
    cells: list[GeneratedCell] = []
    for done, (district, codes) in enumerate(sorted(inside.items())):
        if progress:
            progress(district, done, len(inside))
        for neighbourhood, members in _shared_out(mosaic, district, codes).items():
            cells += _numbered(mosaic, neighbourhood, members)
    return cells


def _shared_out(mosaic: Mosaic, district: str, neighbourhoods: Sequence[str]) -> dict[str, list[int]]:
    """The district's cells by neighbourhood: first cut into townships by their number of neighbourhoods."""
    cells = [cell for cell, owner in enumerate(mosaic.owners) if owner == district]
    townships: dict[str, list[str]] = {}
    for code in neighbourhoods:
        townships.setdefault(code[:9], []).append(code)
    shares = [(township, len(codes)) for township, codes in townships.items()]
    shared: dict[str, list[int]] = {code: [] for code in neighbourhoods}
    for township, members in _grouped(partition(mosaic.patch, cells, shares)).items():
        equal = [(code, 1) for code in townships[township]]
        shared.update(_grouped(partition(mosaic.patch, members, equal)))
    return shared


def _grouped(named: Mapping[int, str]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for cell, name in named.items():
        groups.setdefault(name, []).append(cell)
    return groups


def _numbered(mosaic: Mosaic, neighbourhood: str, members: Sequence[int]) -> list[GeneratedCell]:
    if len(members) > LAST_SEQUENCE:
        raise SequenceOverflow(f"{neighbourhood} has {len(members)} unit grids")
    row_height = math.sqrt(sum(mosaic.areas[cell] for cell in members) / len(members))
    order = reading_order([mosaic.patch.positions[cell] for cell in members], row_height)
    return [
        GeneratedCell(
            code=unit_grid_code(neighbourhood, sequence),
            ring=mosaic.rings[members[place]],
            centre=mosaic.centres[members[place]],
            area_m2=round(mosaic.areas[members[place]]),
        )
        for sequence, place in enumerate(order, start=1)
    ]


def reading_order(positions: Sequence[tuple[float, float]], row_height: float) -> list[int]:
    """Indexes west to east, then north to south: rows of the given height from the north, each from the west.

    >>> reading_order([(0, 0), (9, 100), (5, 96), (7, 2)], row_height=50)
    [2, 1, 0, 3]
    """
    north = max(y for _, y in positions)
    return sorted(
        range(len(positions)),
        key=lambda index: (round((north - positions[index][1]) / row_height), positions[index]),
    )


def polygon_of(ring: Sequence[int]) -> shapely.Polygon:
    """The polygon of a ring of millionths of a degree."""
    return shapely.Polygon(np.array(ring, dtype=np.int64).reshape(-1, 2) / MICRO)


def outline_of(rings: Iterable[Sequence[int]]) -> BaseGeometry:
    """The common outline of cells: a polygon, or several where they lie apart."""
    return shapely.coverage_union_all([polygon_of(ring) for ring in rings])


STREETS = 0.25
"""The part of the unit grids that lies in no estate."""

FIRST_VILLAGE = 200
"""Villagers' committees are numbered from 200 within their township (NBS rule)."""

ESTATE_NAMES = ("一村", "二村", "三村", "新苑", "花园", "小区", "公寓", "家园")

# Parts of a hundred. An assumption for the demonstration; no source counts them.
MODES = {
    ManagementMode.FIRM: 88,
    ManagementMode.HOUSING_GROUP: 5,
    ManagementMode.DIRECT_COMMISSION: 3,
    ManagementMode.SELF_SERVICE: 2,
    ManagementMode.UNMANAGED: 1,
    ManagementMode.ABANDONED: 1,
}


@dataclass(frozen=True)
class GeneratedEstate:
    """One estate (小区) of a neighbourhood and the unit grids that it covers. `key` names it for ever."""

    key: str
    name: str
    mode: ManagementMode
    unit_grids: tuple[str, ...]


def generate_estates(
    unit_grids: Iterable[str], names: Mapping[str, str], *, seed: int = SEED
) -> list[GeneratedEstate]:
    """Two or three estates per residents' committee, at most one per village; the same for the same seed.

    `names` are the neighbourhoods' names. Every name carries the label 演示. About a quarter of the unit
    grids is in no estate: streets, parks, shops.
    """
    by_neighbourhood: dict[str, list[str]] = defaultdict(list)
    for code in sorted(unit_grids):
        by_neighbourhood[code[:12]].append(code)
    estates: list[GeneratedEstate] = []
    for neighbourhood, cells in by_neighbourhood.items():
        chance = random.Random(f"{seed}:estates:{neighbourhood}")
        estates += _estates_in(neighbourhood, cells, names.get(neighbourhood, neighbourhood), chance)
    return estates


def _estates_in(
    neighbourhood: str, cells: Sequence[str], name: str, chance: random.Random
) -> list[GeneratedEstate]:
    village = int(neighbourhood[9:]) >= FIRST_VILLAGE
    count = min(chance.choice((0, 1)) if village else chance.choice((2, 3)), len(cells))
    base = name.removesuffix("居委会").removesuffix("村委会").removesuffix("社区")
    endings = chance.sample(ESTATE_NAMES[3:] if village else ESTATE_NAMES, count)
    return [
        GeneratedEstate(
            key=estate_key(neighbourhood, number),
            name=f"{base}{ending}({DEMONSTRATION})",
            mode=chance.choices(list(MODES), weights=list(MODES.values()))[0],
            unit_grids=_without_streets(_slice(cells, number, count), chance),
        )
        for number, ending in enumerate(endings)
    ]


def _slice(cells: Sequence[str], number: int, count: int) -> Sequence[str]:
    return cells[number * len(cells) // count : (number + 1) * len(cells) // count]


def _without_streets(cells: Sequence[str], chance: random.Random) -> tuple[str, ...]:
    kept = tuple(cell for cell in cells if chance.random() >= STREETS)
    return kept or (cells[0],)
