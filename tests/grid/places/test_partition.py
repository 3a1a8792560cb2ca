"""Cutting a patch of cells: every name gets a connected piece of about its share."""

from __future__ import annotations

from collections import Counter

import pytest

from services.grid.places.partition import CannotPartition, Patch, partition


def chessboard(columns: int, rows: int) -> Patch:
    cells = [(x, y) for y in range(rows) for x in range(columns)]
    steps = ((1, 0), (-1, 0), (0, 1), (0, -1))
    return Patch(
        positions=[(float(x), float(y)) for x, y in cells],
        neighbours=[
            [(y + dy) * columns + x + dx for dx, dy in steps if 0 <= x + dx < columns and 0 <= y + dy < rows]
            for x, y in cells
        ],
    )


def pieces(patch: Patch, cells: set[int]) -> int:
    count = 0
    left = set(cells)
    while left:
        count += 1
        stack = [left.pop()]
        while stack:
            for other in patch.neighbours[stack.pop()]:
                if other in left:
                    left.remove(other)
                    stack.append(other)
    return count


@pytest.mark.parametrize(
    ("columns", "rows", "names"), [(8, 8, 5), (30, 2, 7), (2, 30, 7), (5, 5, 25), (9, 1, 1)]
)
def test_every_name_gets_a_connected_piece(columns: int, rows: int, names: int) -> None:
    patch = chessboard(columns, rows)

    named = partition(patch, range(columns * rows), [(str(n), 1) for n in range(names)])

    assert set(named) == set(range(columns * rows))
    assert set(named.values()) == {str(n) for n in range(names)}
    for name in set(named.values()):
        assert pieces(patch, {cell for cell, owner in named.items() if owner == name}) == 1


def test_weights_decide_the_sizes() -> None:
    named = partition(chessboard(10, 10), range(100), [("small", 1), ("large", 4)])

    assert Counter(named.values()) == {"small": 20, "large": 80}


def test_the_first_names_lie_in_the_west_or_the_north() -> None:
    wide = partition(chessboard(6, 2), range(12), [("west", 1), ("east", 1)])
    tall = partition(chessboard(2, 6), range(12), [("north", 1), ("south", 1)])

    assert (wide[0], wide[5]) == ("west", "east")
    assert (tall[0], tall[11]) == ("south", "north")


def test_stray_remainders_join_what_grew() -> None:
    """A fork: taking the handle and one tooth would leave the other tooth alone."""
    fork = Patch(
        positions=[(0, 0), (1, 0), (2, 1), (3, 1), (1.5, -1)],
        neighbours=[[1], [0, 2, 4], [1, 3], [2], [1]],
    )

    named = partition(fork, range(5), [("handle", 2), ("tooth", 2)])

    assert named == {0: "handle", 1: "handle", 4: "handle", 2: "tooth", 3: "tooth"}


def test_fewer_cells_than_names_are_refused() -> None:
    with pytest.raises(CannotPartition):
        partition(chessboard(2, 1), range(2), [("a", 1), ("b", 1), ("c", 1)])
