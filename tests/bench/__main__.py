"""`make bench` [ONLY=intake_32,locate] [ROUNDS=3] [SECONDS=5] [ROWS=1000000] [DISK=1]."""

from __future__ import annotations

import argparse
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from libs.common.embedded.screen import Screen
from tests.bench import bus, desks, intake, lists, places, queues, starts, sums, sweeps
from tests.bench.board import Board
from tests.bench.figures import FIGURES
from tests.bench.plan import Bench
from tests.bench.stage import choose_base, new_stage

PARTS: tuple[tuple[tuple[str, ...], Callable[[Bench], None]], ...] = (
    (("intake_32", "intake_p99_over_p50", "batch_100", "lifecycle"), intake.measure),
    (("list_page", "list_flat_district", "list_flat_city"), lists.measure),
    (("search_rare", "search_frequent", "list_named", "near"), desks.measure),
    (("statistics",), sums.measure),
    (("sync_100",), queues.measure),
    (("sweep",), sweeps.measure),
    (("publish_kafka",), bus.measure_publish),
    (("consume",), bus.measure_consume),
    (("locate", "locate_load"), places.measure),
    (("effect_local", "effect_kafka"), bus.measure_effects),
    (("start",), starts.measure),
)
"""Which module measures which figures."""


def arguments(given: list[str]) -> argparse.Namespace:
    """The command line, as the Makefile gives it."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", default="", help="figures, separated by commas")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--cases", type=int, default=1_000_000, help="of the longest list")
    parser.add_argument("--disk", action="store_true", help="the real disk, however noisy")
    parser.add_argument("--root", type=Path, default=Path("var"), help="where the results go")
    return parser.parse_args(given)


def main(given: list[str]) -> int:
    """Measure what is wanted, show and write it. 1 if a part failed, 2 for no such figure."""
    asked = arguments(given)
    console = Console(stderr=True, width=None)
    only = frozenset(filter(None, asked.only.split(",")))
    if only - FIGURES.keys():
        console.print(f"[red]✗[/] no such figure: {', '.join(sorted(only - FIGURES.keys()))}")
        return 2
    base, data = choose_base(asked.root / "bench", disk=asked.disk)
    console.print(f"data folder 数据目录: {data}", highlight=False)
    board, screen = Board(data), Screen(console)
    with new_stage(base) as stage:
        bench = Bench(stage, board, screen.step, asked.root, asked.rounds, asked.seconds, only, asked.cases)
        failed = [names for names, measure in PARTS if bench.wants(*names) and not _done(measure, bench)]
    board.show(Console())
    for names in failed:
        console.print(f"[red]✗[/] not measured to the end: {', '.join(names)}")
    return 1 if failed else 0


def _done(measure: Callable[[Bench], None], bench: Bench) -> bool:
    """Whether a part was measured to its end; what there is of it is written in either case."""
    try:
        measure(bench)
    except (RuntimeError, OSError, subprocess.SubprocessError):
        traceback.print_exc()
        return False
    finally:
        bench.board.write(bench.root)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
