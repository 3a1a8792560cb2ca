"""Branch coverage of the toolbox's rooms by its own tests and the stories: at least 95 % each.

python -m tests.gate.coverage
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from libs.common.tree import repository_root

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
    there: dict[str, int] = defaultdict(int)
    for file, measured in report["files"].items():
        if not file.startswith(TOOLBOX):
            continue
        summary = measured["summary"]
        room = room_of(file)
        reached[room] += summary["covered_lines"] + summary.get("covered_branches", 0)
        there[room] += summary["num_statements"] + summary.get("num_branches", 0)
    return {
        room: 100.0 * reached[room] / total
        for room, total in sorted(there.items())
        if total and room not in NOT_MEASURED
    }


def main() -> int:
    """Print each room's rate; 1 if one is below the least."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "coverage.json"
        command = [sys.executable, "-m", "coverage", "json", "-q", "-o", str(out)]
        subprocess.run(command, cwd=repository_root(), check=True)
        found = rates(json.loads(out.read_text("utf-8")))
    below = [room for room, rate in found.items() if rate < LEAST]
    lines = [
        f"{rate:6.1f} %  {room}{'  below ' + str(LEAST) if room in below else ''}"
        for room, rate in found.items()
    ]
    sys.stdout.write("branch coverage of the toolbox, by room\n" + "\n".join(lines) + "\n")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
