"""Crash points 崩溃点: for the chaos suite, places where the process ends at once, as `kill -9` would end it.

`JIAYUAN_CRASH_AT=<point>` or `<point>:<times>` arms one point of a worker: the process ends with code 137
when it comes there, or comes there for the so-manieth time. Random kills hit the windows between two steps
too rarely; these hit them every time. Off unless the variable is set, which is no setting and stands in no
example; a worker whose database is not on this very machine refuses to start with it, any other says at
level critical that it is going to end itself.

    crash.arm(os.environ, settings.database_url.get_secret_value())
    crash.reach("sequencer.moved")
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import structlog

VARIABLE = "JIAYUAN_CRASH_AT"
KILLED = 137
"""The exit code of a process that `kill -9` has ended, as shells tell it."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
POINTS = (
    "sequencer.fenced",
    "sequencer.moved",
    "sequencer.committed",
    "publisher.claimed",
    "publisher.filled",
    "publisher.sent",
    "publisher.moved",
    "consumer.fetched",
    "consumer.handled",
    "consumer.stored",
    "consumer.committed",
    "consumer.done",
)
"""Behind each step of the event path. `filled`: of several partitions one is acknowledged."""

log = structlog.get_logger(__name__)


class CrashRefused(RuntimeError):
    """The variable names no point, or the database is not one to try this with (拒绝启用崩溃点)."""


class _Armed:
    """What is armed in this process: nothing, until `arm`."""

    point = ""
    left = 0
    end: Callable[[int], None] = staticmethod(os._exit)


def arm(environment: Mapping[str, str], database_url: str, *, end: Callable[[int], None] = os._exit) -> str:
    """Arm the point that the environment names; answers it, or nothing. Raises `CrashRefused`.

    `end` ends the process with an exit code.

    >>> arm({}, "postgresql+asyncpg://grid@db.example.org/grid")
    ''
    """
    wanted = environment.get(VARIABLE, "")
    _Armed.point = ""
    if not wanted:
        return ""
    point, _, times = wanted.partition(":")
    if point not in POINTS or not (times or "1").isdigit():
        raise CrashRefused(f"{VARIABLE}={wanted}: one of {', '.join(POINTS)}")
    if urlsplit(database_url).hostname not in LOOPBACK:
        raise CrashRefused(f"{VARIABLE} is for tests on one machine, and the database is on another")
    _Armed.point, _Armed.left, _Armed.end = point, max(1, int(times or 1)), staticmethod(end)
    log.critical("crash_point_armed", point=point, times=_Armed.left)
    return point


def reach(point: str) -> None:
    """Here the process ends, if this point is armed and has been reached often enough."""
    if _Armed.point != point:
        return
    _Armed.left -= 1
    if _Armed.left <= 0:
        _Armed.end(KILLED)
