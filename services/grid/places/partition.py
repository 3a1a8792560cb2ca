"""Cut a patch of cells into connected districts of given sizes, for the demonstration geography (演示).

Only positions and neighbourhood relations are known here, no shapes. The cut is a recursive bisection: the
list of names is halved, and the first half's share of cells grows from one end of the patch over neighbours
in order of position. What grows so is connected, and stray remainders join it.

>>> row = Patch(positions=((0, 0), (1, 0), (2, 0), (3, 0)), neighbours=((1,), (0, 2), (1, 3), (2,)))
>>> partition(row, range(4), [("west", 1), ("east", 3)])
{0: 'west', 1: 'east', 2: 'east', 3: 'east'}
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


class CannotPartition(ValueError):
    """There are fewer cells than names, or no cut leaves enough cells on both sides."""


@dataclass(frozen=True)
class Patch:
    """Cells by index: where each lies (metres, any origin, x east, y north) and which touch it."""

    positions: Sequence[tuple[float, float]]
    neighbours: Sequence[Sequence[int]]


Share = tuple[str, int]
"""A name and its weight: the part of the cells that it should get."""

Rank = Callable[[int], tuple[float, int]]
"""In which order cells are taken."""


def partition(patch: Patch, cells: Iterable[int], shares: Sequence[Share]) -> dict[int, str]:
    """Each cell's name. Every name gets at least one cell, and a connected piece if the patch is connected.

    Names that follow each other lie near each other, beginning in the west or the north.
    Raises `CannotPartition`.
    """
    named: dict[int, str] = {}
    stack = [(sorted(cells), list(shares))]
    while stack:
        members, wanted = stack.pop()
        if len(wanted) == 1:
            named.update(dict.fromkeys(members, wanted[0][0]))
            continue
        middle = len(wanted) // 2
        first, second = wanted[:middle], wanted[middle:]
        grown, rest = _cut(patch, members, first, second)
        stack += [(grown, first), (rest, second)]
    return dict(sorted(named.items()))


def _cut(
    patch: Patch, members: list[int], first: list[Share], second: list[Share]
) -> tuple[list[int], list[int]]:
    total = sum(weight for _, weight in first + second)
    target = round(len(members) * sum(weight for _, weight in first) / total)
    target = max(len(first), min(target, len(members) - len(second)))
    for rank in _directions(patch, members):
        grown = _grow(patch, members, rank, target)
        rest = _largest_piece(patch, set(members) - grown)
        if len(rest) >= len(second) and len(members) - len(rest) >= len(first):
            return sorted(set(members) - rest), sorted(rest)
    raise CannotPartition(f"{len(members)} cells for {len(first) + len(second)} names")


def _directions(patch: Patch, members: list[int]) -> list[Rank]:
    """Orders in which to grow, best first: along the longer side from west or north, then the other three."""
    xs = [patch.positions[cell][0] for cell in members]
    ys = [patch.positions[cell][1] for cell in members]
    along = [(0, 1.0), (1, -1.0), (0, -1.0), (1, 1.0)]
    if max(ys) - min(ys) > max(xs) - min(xs):
        along = [(1, -1.0), (0, 1.0), (1, 1.0), (0, -1.0)]

    def ranked(axis: int, sign: float) -> Rank:
        return lambda cell: (sign * patch.positions[cell][axis], cell)

    return [ranked(axis, sign) for axis, sign in along]


def _grow(patch: Patch, members: list[int], rank: Rank, target: int) -> set[int]:
    left = set(members)
    frontier = [rank(min(members, key=rank))]
    grown: set[int] = set()
    queued = {frontier[0][1]}
    while frontier and len(grown) < target:
        _, cell = heapq.heappop(frontier)
        grown.add(cell)
        for other in patch.neighbours[cell]:
            if other in left and other not in queued:
                queued.add(other)
                heapq.heappush(frontier, rank(other))
    return grown


def _largest_piece(patch: Patch, cells: set[int]) -> set[int]:
    """The largest connected piece; of equal ones that with the lowest cell."""
    best: set[int] = set()
    left = set(cells)
    for start in sorted(cells):
        if start not in left:
            continue
        piece = {start}
        stack = [start]
        while stack:
            for other in patch.neighbours[stack.pop()]:
                if other in left and other not in piece:
                    piece.add(other)
                    stack.append(other)
        left -= piece
        if len(piece) > len(best):
            best = piece
    return best
