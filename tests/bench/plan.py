"""One run of the bench 一次测试: what is wanted, how long, on which stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.bench.board import Board
from tests.bench.stage import Stage

Say = Callable[[str], AbstractContextManager[None]]


@dataclass
class Bench:
    """What the modules that measure are given. `only` empty means every figure."""

    stage: Stage
    board: Board
    step: Say
    root: Path
    rounds: int = 3
    seconds: float = 5.0
    only: frozenset[str] = frozenset()
    cases: int = 1_000_000
    _runs: Iterator[int] = field(default_factory=lambda: count(int(time.time()) % 1_000_000 * 100))

    def next_run(self) -> int:
        """A number that no run of pgbench has had: what it makes is unique by it."""
        return next(self._runs)

    def wants(self, *names: str) -> bool:
        """Whether any of these figures is wanted."""
        return not self.only or bool(self.only & set(names))

    def each_round(self, name: str) -> Iterator[int]:
        """The rounds of a figure, shown while they run."""
        for number in range(self.rounds):
            with self.step(f"{name} {number + 1}/{self.rounds}"):
                yield number
