"""What is measured 指标: every figure's name, meaning, unit, what it must reach and what it aims at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

RATIO = "ratio"


@dataclass(frozen=True)
class Figure:
    """One figure. `must` and `aim` are the least values, or with `low` the most."""

    what: str
    must: float
    aim: float
    unit: str = RATIO
    low: bool = False

    def reaches(self, value: float, bound: float) -> bool:
        """Whether the value is as good as the bound.

        >>> Figure("p99", 250, 50, "ms", low=True).reaches(60, 50)
        False
        """
        return value <= bound if self.low else value >= bound


FIGURES: Mapping[str, Figure] = {
    "intake_32": Figure(
        "one report, 32 connections, one API worker ÷ the same inserts row by row", 0.35, 0.6
    ),
    "intake_p99_over_p50": Figure("of the same answers", 3, 2, low=True),
    "batch_100": Figure("reports in batches of 100 ÷ 128-row statement, 4 clients", 0.25, 0.4),
    "lifecycle": Figure("steps of whole cases, 32 connections ÷ one update and two inserts", 0.2, 0.4),
    "list_page": Figure("page of 50 of a million, 32 connections ÷ the same query", 0.2, 0.3),
    "list_flat_district": Figure(
        "a district's list: any page ÷ first, a million ÷ 10,000", 1.5, 1.2, low=True
    ),
    "list_flat_city": Figure("the city's list: any page ÷ first, a million ÷ 10,000", 1.5, 1.2, low=True),
    "statistics": Figure(
        "a district's month over two million cases, 8 connections ÷ the best SQL for it", 0.3, 0.6
    ),
    "search_rare": Figure("page of what one case holds, of two million ÷ the same query", 0.1, 0.2),
    "search_frequent": Figure("page of what every case holds, of two million ÷ the same query", 0.2, 0.3),
    "list_named": Figure("the slowest of the named lists over two million ÷ its own query", 0.1, 0.2),
    "near": Figure("hint at what is near and open, of two million ÷ the same query", 0.1, 0.2),
    "sync_100": Figure("operations in queues of 100, 4 connections ÷ row by row, 4 clients", 0.35, 0.6),
    "sweep": Figure("100,000 due cases go up, batches of 100, 1 worker ÷ the best statement", 0.2, 0.4),
    "publish_kafka": Figure("log → Kafka ÷ raw batches to the same broker", 0.7, 0.9),
    "consume": Figure("events through gate, handler, commit ÷ 128-row statement, 1 client", 0.5, 0.8),
    "locate": Figure("time of a lookup ÷ shapely STRtree, 10,000 cells of 40 vertices", 0.6, 0.35, low=True),
    "locate_load": Figure("load 40,000 cells", 10, 3, "s", low=True),
    "effect_local": Figure(
        "commit → effect in the other service, 200 events/s, p99", 250, 50, "ms", low=True
    ),
    "effect_kafka": Figure("the same over Kafka", 500, 150, "ms", low=True),
    "start": Figure("`make run` warm → first receipt", 15, 6, "s", low=True),
}
"""The figures by name, in the order of the table."""
