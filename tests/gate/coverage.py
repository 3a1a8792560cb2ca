"""Branch coverage of the toolbox's rooms by all tests: at least 95 % each.

python -m tests.gate.coverage FOLDER
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from slipcover import merge_coverage

LEAST = 95.0
TOOLBOX = "libs/common"
NOT_MEASURED = frozenset({"libs/common/migrations"})
"""Run by processes of their own."""


def room_of(file: str) -> str:
    """The room that a file of the toolbox belongs to: its folder, or itself."""
    first = file.removeprefix(f"{TOOLBOX}/").split("/")[0]
    return f"{TOOLBOX}/{first}"


def rates(report: dict[str, Any]) -> dict[str, float]:
    """Lines and branches reached, in percent, by room."""
    reached: dict[str, int] = defaultdict(int)
    missed: dict[str, int] = defaultdict(int)
    for file, measured in report["files"].items():
        if file.startswith(TOOLBOX):
            summary = measured["summary"]
            reached[room_of(file)] += summary["covered_lines"] + summary["covered_branches"]
            missed[room_of(file)] += summary["missing_lines"] + summary["missing_branches"]
    return {
        room: 100.0 * reached[room] / (reached[room] + missed[room])
        for room in sorted(reached)
        if reached[room] + missed[room] and room not in NOT_MEASURED
    }


def merged(folder: Path) -> dict[str, Any]:
    """What the processes of a run have written there, together. Raises `FileNotFoundError`."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise FileNotFoundError(folder)
    first, *others = (json.loads(file.read_text("utf-8")) for file in files)
    for other in others:
        first = merge_coverage(first, other)
    return dict(first)


def main(folder: Path) -> int:
    """Print each room's rate; 1 if one is below the least."""
    found = rates(merged(folder))
    below = [room for room, rate in found.items() if rate < LEAST]
    lines = [
        f"{rate:6.1f} %  {room}{'  below ' + str(LEAST) if room in below else ''}"
        for room, rate in found.items()
    ]
    sys.stdout.write("branch coverage of the toolbox, by room\n" + "\n".join(lines) + "\n")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
