"""Figures 数字: lines on the screen while a full run goes on, and `var/chaos.json` at its end."""

from __future__ import annotations

import fcntl
import math
import os
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from tests.chaos.sizes import FULL

BOOK = "JIAYUAN_CHAOS_BOOK"
"""The file that the figures go to."""
_BEGAN = time.monotonic()


def say(text: str) -> None:
    """A line on the screen, in full runs only."""
    if os.environ.get(FULL):
        sys.stderr.write(f"{time.monotonic() - _BEGAN:7.1f} s  {text}\n")
        sys.stderr.flush()


def keep(name: str, **figures: Any) -> str:
    """Write the figures down under the name; answers them as one line."""
    line = f"chaos {name}: " + ", ".join(f"{key} {_short(value)}" for key, value in figures.items())
    say(line)
    path = os.environ.get(BOOK)
    if path:
        _into(Path(path), name, figures)
    return line


def _into(path: Path, name: str, figures: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        known = orjson.loads(file.read() or b"{}")
        known[name] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **figures}
        file.truncate(0)
        file.write(orjson.dumps(known, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that so large a share of the values does not exceed; not a number if there are none.

    >>> quantile([3.0, 1.0, 2.0, 4.0], 0.5), quantile([3.0, 1.0], 0.99)
    (2.0, 3.0)
    """
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
