"""The board 成绩板: rounds, their median and spread, the table on the screen and the file."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.figures import FIGURES, RATIO, Figure


@dataclass(frozen=True)
class Round:
    """One round of a figure: what was reached, and for a ratio the limit of the same round (1 otherwise)."""

    reached: float
    limit: float = 1.0

    @property
    def value(self) -> float:
        """The figure of this round."""
        return self.reached / self.limit


@dataclass(frozen=True)
class Rate:
    """An absolute rate, shown beside the figures: what, at how many connections, per second, ms."""

    what: str
    connections: int
    rate: float
    p50: float
    p99: float


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all do not exceed (nearest rank).

    >>> percentile([1, 2, 3, 4], 0.5), percentile([5], 0.99)
    (2, 5)
    """
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]


def spread(values: Sequence[float]) -> float:
    """Half the range in parts of the median.

    >>> round(spread([9, 10, 12]), 2)
    0.15
    """
    middle = median(values)
    return (max(values) - min(values)) / 2 / middle if middle else 0.0


@dataclass
class Board:
    """What one run has measured. `data` says where the database's folder lay."""

    data: str
    rounds: dict[str, list[Round]] = field(default_factory=dict)
    rates: list[Rate] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, reached: float, limit: float = 1.0) -> None:
        """Note a round. Raises `KeyError` for a figure that the table does not name."""
        assert name in FIGURES, name
        self.rounds.setdefault(name, []).append(Round(reached, limit))

    def value(self, name: str) -> float:
        """The median of the figure's rounds."""
        return median(one.value for one in self.rounds[name])

    def document(self) -> dict[str, dict[str, Any]]:
        """`{name: {value, rounds, unit, limit, ...}}`, in the order of the table."""
        return {name: self._entry(name) for name in FIGURES if name in self.rounds}

    def _entry(self, name: str) -> dict[str, Any]:
        rounds, figure = self.rounds[name], FIGURES[name]
        return {
            "value": _round(self.value(name)),
            "rounds": [_round(one.value) for one in rounds],
            "unit": figure.unit,
            "limit": _round(median(one.limit for one in rounds)) if figure.unit == RATIO else None,
            "spread": _round(spread([one.value for one in rounds])),
            "must": figure.must,
            "aim": figure.aim,
            "data": self.data,
            "cores": len(os.sched_getaffinity(0)),
        }

    def write(self, folder: Path) -> None:
        """Write `bench.json`, and the absolute rates beside it. Figures that were not taken now are kept."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "bench.json"
        kept = json.loads(file.read_text("utf-8")) if file.exists() else {}
        kept |= self.document()
        ordered = {name: kept[name] for name in FIGURES if name in kept}
        file.write_text(json.dumps(ordered, indent=1) + "\n", "utf-8")
        if self.rates:
            rates = [{**vars(rate), "data": self.data} for rate in self.rates]
            told = json.dumps(rates, indent=1, ensure_ascii=False)
            (folder / "bench-rates.json").write_text(told + "\n", "utf-8")

    def show(self, console: Console) -> None:
        """The tables."""
        if self.rounds:
            console.print(self._figures())
        if self.rates:
            console.print(self._rates())
        for note in self.notes:
            console.print(f"  {note}", highlight=False)

    def _figures(self) -> Table:
        table = Table("figure 指标", "value", "must", "aim", "rounds", "± %", "limit", "what")
        for name, figure in FIGURES.items():
            if name not in self.rounds:
                continue
            values = [one.value for one in self.rounds[name]]
            limit = median(one.limit for one in self.rounds[name])
            shown = f"{limit:,.4g}" if figure.unit == RATIO else figure.unit
            told = " ".join(f"{value:.3g}" for value in values)
            table.add_row(
                name, self._coloured(figure, self.value(name)), f"{figure.must:g}", f"{figure.aim:g}",
                told, f"{spread(values) * 100:.0f}", shown, figure.what,
            )  # fmt: skip
        return table

    @staticmethod
    def _coloured(figure: Figure, value: float) -> str:
        colour = "green" if figure.reaches(value, figure.aim) else "yellow"
        colour = colour if figure.reaches(value, figure.must) else "red"
        return f"[{colour}]{value:.3g}[/]"

    def _rates(self) -> Table:
        table = Table("rate 速率", "connections", "per second", "p50 ms", "p99 ms")
        for one in self.rates:
            numbers = (f"{one.rate:,.1f}", f"{one.p50:.1f}", f"{one.p99:.1f}")
            table.add_row(one.what, str(one.connections), *numbers)
        return table


def _round(value: float) -> float:
    return float(f"{value:.4g}")
