"""Faults by a seed 故障: what happens to whom, and behind which acknowledgement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from libs.common.crash import POINTS

JITTER_SECONDS = 0.1


class Fault(StrEnum):
    """What goes wrong."""

    API = "api"  # kill -9 of one service's API
    WORKER = "worker"  # kill -9 of one service's worker
    DATABASE = "database"  # kill -9 of the postmaster
    BROKER = "broker"  # kill -9 of every broker
    ONE_BROKER = "one broker"  # kill -9 of one of three
    REBALANCE = "rebalance"  # a second worker of a service comes and goes
    CRASH = "crash"  # a worker ends behind an exact step
    POISON = "poison"  # events that no reader can apply
    CUT = "cut"  # every connection of the clients is cut


@dataclass(frozen=True)
class Strike:
    """One fault: when so many writes are acknowledged, after a pause in seconds; `at`: whom or where."""

    fault: Fault
    after: int
    pause: float
    at: str


CRASHING = {"sequencer": "grid", "publisher": "grid", "consumer": "tasks"}
"""Whose worker has enough to do to come to a crash point soon."""


def plan(random: Random, times: Mapping[Fault, int], *, writes: int, bus: str) -> list[Strike]:
    """Everything so many times, in a random order, spread over the writes.

    >>> strikes = plan(Random(1), {Fault.API: 1, Fault.DATABASE: 2}, writes=400, bus="local")
    >>> sorted(one.fault.value for one in strikes), [one.after // 100 for one in strikes]
    (['api', 'database', 'database'], [1, 2, 3])
    """
    faults = [fault for fault, count in times.items() for _ in range(count)]
    random.shuffle(faults)
    points = [point for point in POINTS if bus == "kafka" or not point.startswith("publisher.")]
    random.shuffle(points)
    stretch = writes // (len(faults) + 1)
    planned = []
    for place, fault in enumerate(faults, 1):
        after = place * stretch + random.randrange(max(1, stretch // 2))
        at = random.choice(("grid", "grid", "tasks", "disputes", "targets"))
        if fault is Fault.CRASH:
            points.append(at := points.pop(0))
        planned.append(Strike(fault, after, random.uniform(0, JITTER_SECONDS), at))
    return planned
