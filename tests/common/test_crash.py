"""Crash points: off by default, refused where they could do harm, loud, and every one of them is placed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from libs.common import crash
from libs.common.tree import repository_root

HERE = "postgresql+asyncpg://grid:secret@127.0.0.1:5432/grid"
THERE = "postgresql+asyncpg://grid:secret@db.example.org:5432/grid"
SCRIPT = """
import sys
from libs.common import crash
crash.arm({crash.VARIABLE: sys.argv[1]}, sys.argv[2])
for turn in range(3):
    print(turn, flush=True)
    crash.reach("publisher.sent")
    crash.reach("consumer.done")
"""


def run(wanted: str) -> tuple[int, list[str], str]:
    """A process of its own with a point armed: exit code, what it came to, what it logged."""
    command = [sys.executable, "-c", SCRIPT, wanted, HERE]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=repository_root())
    return done.returncode, [line for line in done.stdout.split() if line.isdigit()], done.stdout


@pytest.mark.parametrize(
    "wanted, code, turns",
    [
        ("", 0, ["0", "1", "2"]),
        ("consumer.done", crash.KILLED, ["0"]),
        ("consumer.done:2", crash.KILLED, ["0", "1"]),
        ("consumer.stored", 0, ["0", "1", "2"]),
    ],
)
def test_the_armed_point_ends_the_process_at_its_turn(wanted: str, code: int, turns: list[str]) -> None:
    ended, came_to, said = run(wanted)
    assert (ended, came_to) == (code, turns)
    assert ("crash_point_armed" in said) == bool(wanted)


def test_only_the_armed_point_counts_and_it_can_be_disarmed() -> None:
    ended: list[int] = []
    assert crash.arm({crash.VARIABLE: "consumer.done:2"}, HERE, end=ended.append) == "consumer.done"
    for point in ("consumer.done", "publisher.sent", "consumer.stored"):
        crash.reach(point)
    assert ended == []
    crash.reach("consumer.done")
    assert ended == [crash.KILLED]
    assert crash.arm({}, HERE) == ""
    crash.reach("consumer.done")
    assert ended == [crash.KILLED]


@pytest.mark.parametrize("wanted", ["anywhere", "consumer", "consumer.done:often", "consumer.done:-1"])
def test_what_is_no_point_is_refused(wanted: str) -> None:
    with pytest.raises(crash.CrashRefused):
        crash.arm({crash.VARIABLE: wanted}, HERE)


def test_it_is_refused_beside_a_database_of_another_machine() -> None:
    with pytest.raises(crash.CrashRefused, match="another"):
        crash.arm({crash.VARIABLE: "consumer.done"}, THERE)
    assert crash.arm({}, THERE) == ""


def test_every_point_is_placed_once() -> None:
    sources = Path(repository_root() / "libs/common/events").glob("*.py")
    placed = [found for path in sources for found in re.findall(r'crash\.reach\("(.+?)"\)', path.read_text())]
    assert sorted(placed) == sorted(crash.POINTS)
