"""`make chaos`: the full sizes, with progress on the screen and the figures in `var/chaos.json`.

Variables: `BUS` (local, kafka), `ONLY` (scenarios, by commas), `SEED`, `CHAOS_WRITES`, `CHAOS_KILLS`,
`CHAOS_OPERATIONS`, `CHAOS_MESSAGES`, `CHAOS_PEOPLE`, `CHAOS_OUTAGE` (seconds).
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console
from rich.table import Table

from tests.chaos.figures import BOOK, keep
from tests.chaos.sizes import FULL, seed

PLATFORM = "tests/chaos/test_platform.py"
SCENARIOS = {
    "kills": (f"{PLATFORM}::test_kills_lose_nothing_that_was_acknowledged[{{bus}}]",),
    "outage": (f"{PLATFORM}::test_outage_of_the_broker_is_not_felt[kafka]",),
    "repeats": (f"{PLATFORM}::test_repeats_have_one_effect_and_one_answer[{{bus}}]",),
    "peers": (f"{PLATFORM}::test_peers_faults_do_not_happen_here[{{bus}}]",),
    "poison": ("tests/chaos/test_poison.py::test_poison_parks_its_own_keys_and_no_others[{bus}]",),
    "controls": ("tests/chaos/test_checker.py", "tests/common/events/test_relays.py"),
}
KAFKA_ONLY = "outage"
TARGETS: dict[str, dict[str, tuple[float, float]]] = {
    "kills": {"recovery_p95_s": (0, 5.0)},
    "outage": {"success": (1, 1), "p99_ratio": (0, 1.2), "drained_after": (0, 15.0), "findings": (0, 0)},
    "repeats": {"unlike": (0, 0), "findings": (0, 0)},
    "peers": {"two_people_both": (0, 0), "next_step_refused": (0, 0), "findings": (0, 0)},
    "poison": {"wrong_keys": (0, 0), "others_late": (0, 0), "redriven_missing": (0, 0)},
}
"""What a figure must lie between."""
console = Console(stderr=True)


def chosen() -> list[str]:
    """The scenarios that `ONLY` names; all of the bus by default. Raises `SystemExit`."""
    bus = os.environ.get("BUS") or "local"
    asked = [one.strip() for one in os.environ.get("ONLY", "").split(",") if one.strip()]
    unknown = set(asked) - set(SCENARIOS)
    if unknown or bus not in ("local", "kafka"):
        raise SystemExit(f"BUS=local|kafka, ONLY={','.join(SCENARIOS)}")
    return asked or [name for name in SCENARIOS if name != KAFKA_ONLY or bus == "kafka"]


def main() -> int:
    """Run what was chosen; answers pytest's exit code."""
    root = Path(os.environ.get("JIAYUAN_VAR", "var")).resolve()
    book = root / "chaos.json"
    os.environ.update({FULL: "1", BOOK: str(book), "SEED": str(seed())})
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # It tells of every try, and brokers are away.
    names, bus = chosen(), os.environ.get("BUS") or "local"
    keep("run", **about(names, bus))
    nodes = [node.format(bus=bus) for name in names for node in SCENARIOS[name]]
    code = pytest.main(["-q", "-s", "-p", "no:randomly", "--timeout=0", *nodes])
    show(orjson.loads(book.read_bytes()), names)
    console.print(f"{book}  SEED={os.environ['SEED']}", highlight=False)
    return int(code)


def about(names: list[str], bus: str) -> dict[str, Any]:
    """When, on what, and with which seed."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": int(os.environ["SEED"]),
        "bus": bus,
        "scenarios": ",".join(names),
        "commit": commit.stdout.strip(),
        "cores": len(os.sched_getaffinity(0)),
        "load_average": os.getloadavg()[0],
        "python": sys.version.split()[0],
    }


def show(figures: dict[str, dict[str, Any]], names: list[str]) -> None:
    """The figures of this run that have a target, beside it."""
    table = Table("scenario", "figure", "value", "must")
    for entry, values in figures.items():
        name = entry.partition("-")[0]
        if name in names and values["at"] >= figures["run"]["at"]:
            for figure, (least, most) in TARGETS.get(name, {}).items():
                value = values.get(figure)
                met = value is not None and least <= value <= most
                table.add_row(
                    entry, figure, f"{'[green]✓[/]' if met else '[red]✗[/]'} {value}", f"{least}–{most}"
                )
    console.print(table)


if __name__ == "__main__":
    raise SystemExit(main())
