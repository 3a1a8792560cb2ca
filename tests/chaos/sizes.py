"""How large a run is 规模: small inside `make test`, full by `make chaos`, and what the environment says."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from random import Random
from typing import Any

FULL = "JIAYUAN_CHAOS_FULL"


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    full: bool = False
    writes: int = 1_000
    kills: int = 3
    """`kill -9` of each: APIs, workers, database."""
    load: float = 25.0
    """Writes a second while things are killed; 0 = as many as it takes."""
    crashes: int = 2
    """Crash points that are armed, one after the other."""
    calm_seconds: float = 4.0
    """How long the load is looked at before an outage."""
    outage_seconds: float = 6.0
    rate: float = 15.0
    """Writes a second around an outage."""
    operations: int = 60
    """What is sent three times at once and once more later."""
    messages: int = 1_000
    poison: int = 10
    pace: float = 150.0
    """Messages a second around the poison."""
    people: int = 8
    """Cases that two people want at once; and reports that are followed by the next step at once."""
    settle_seconds: float = 300.0

    @property
    def broker_kills(self) -> int:
        """Brokers are killed a quarter as often."""
        return max(1, self.kills // 4)


def sizes() -> Sizes:
    """The sizes of this run; variables of the environment (`__main__`) change the full one."""
    if not os.environ.get(FULL):
        return Sizes()
    full = Sizes(
        full=True,
        writes=20_000,
        kills=20,
        load=0.0,
        crashes=24,
        calm_seconds=120.0,
        outage_seconds=600.0,
        rate=20.0,
        operations=2_000,
        messages=20_000,
        poison=100,
        people=80,
        settle_seconds=900.0,
    )
    asked = {
        "writes": os.environ.get("CHAOS_WRITES"),
        "kills": os.environ.get("CHAOS_KILLS"),
        "crashes": os.environ.get("CHAOS_KILLS"),
        "people": os.environ.get("CHAOS_PEOPLE"),
        "operations": os.environ.get("CHAOS_OPERATIONS"),
        "messages": os.environ.get("CHAOS_MESSAGES"),
    }
    whole: dict[str, Any] = {name: int(value) for name, value in asked.items() if value}
    outage = os.environ.get("CHAOS_OUTAGE")
    return replace(full, **whole, outage_seconds=float(outage) if outage else full.outage_seconds)


def seed() -> int:
    """The seed of this run: `SEED` of the environment, or a fresh one."""
    return int(os.environ.get("SEED") or Random().randrange(1_000_000))
