"""Faults by a seed 故障: what is killed, and behind which acknowledgement."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random

JITTER_SECONDS = 0.1


class Victim(StrEnum):
    """What is killed by `kill -9`."""

    PLATFORM = "platform"
    DATABASE = "database"
    BROKER = "broker"


@dataclass(frozen=True)
class Fault:
    """One kill: when so many writes are acknowledged, after a pause in seconds."""

    victim: Victim
    after: int
    pause: float


def seed() -> int:
    """The seed of this run: `SEED` of the environment, or a fresh one."""
    return int(os.environ.get("SEED") or Random().randrange(1_000_000))


def plan(random: Random, kills: Mapping[Victim, int], *, writes: int) -> list[Fault]:
    """Kill every victim so many times, in a random order, spread over the writes.

    >>> faults = plan(Random(1), {Victim.PLATFORM: 1, Victim.DATABASE: 2}, writes=400)
    >>> sorted(fault.victim.value for fault in faults), [fault.after // 100 for fault in faults]
    (['database', 'database', 'platform'], [1, 2, 3])
    """
    victims = [victim for victim, times in kills.items() for _ in range(times)]
    random.shuffle(victims)
    stretch = writes // (len(victims) + 1)
    return [
        Fault(victim, place * stretch + random.randrange(stretch // 2), random.uniform(0, JITTER_SECONDS))
        for place, victim in enumerate(victims, 1)
    ]
