"""The version gate 版本闸: what a consumer does with an event, by what it knows of the aggregate.

At-least-once delivery, effects once: the gate alone makes it so, however late a repeat comes. It is fed
with every event of a topic, whether or not a handler exists. `decide` is pure; `gates` keeps the rows.

>>> decide(None, Arrival(epoch=1, version=1))
<Verdict.APPLY: 'apply'>
>>> decide(GateState(epoch=1, version=3), Arrival(epoch=1, version=3))
<Verdict.DROP: 'drop'>
>>> decide(GateState(epoch=1, version=3), Arrival(epoch=1, version=5))
<Verdict.PARK_GAP: 'gap'>
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What happens to the event. The values of the parking verdicts are the reasons kept with it."""

    APPLY = "apply"
    BASELINE = "baseline"
    """Apply; what was known or parked before it counts no more."""
    DROP = "drop"
    PARK_UNKNOWN = "unknown"
    """The beginning was never seen: wait for a restatement."""
    PARK_BEHIND = "behind"
    """An earlier event of the aggregate is parked."""
    PARK_DIVERGED = "diverged"
    """After a restore the producer went another way than we know. Alarm."""
    PARK_GAP = "gap"
    """Something was lost. Alarm."""

    @property
    def applies(self) -> bool:
        """Whether the handler runs."""
        return self in {Verdict.APPLY, Verdict.BASELINE}

    @property
    def parks(self) -> bool:
        """Whether the message is kept aside."""
        return self in {
            Verdict.PARK_UNKNOWN,
            Verdict.PARK_BEHIND,
            Verdict.PARK_DIVERGED,
            Verdict.PARK_GAP,
        }

    @property
    def alarms(self) -> bool:
        """Whether somebody must look: events were lost or histories differ."""
        return self in {Verdict.PARK_DIVERGED, Verdict.PARK_GAP}


@dataclass(frozen=True, slots=True)
class GateState:
    """What a consumer knows of one aggregate. Version 0: parked before anything was applied."""

    epoch: int
    version: int
    parked: bool = False
    position: int = 0


@dataclass(frozen=True, slots=True)
class Arrival:
    """What counts of an event. `whole`: it carries full state, or restates it."""

    epoch: int
    version: int
    whole: bool = False


def decide(known: GateState | None, event: Arrival) -> Verdict:
    """The first row of the table that fits."""
    if known is None:
        return _first(event)
    if event.epoch < known.epoch:
        return Verdict.DROP
    if event.epoch == known.epoch and event.version <= known.version:
        return Verdict.DROP
    if event.whole:
        return Verdict.BASELINE
    if event.version <= known.version:
        return Verdict.PARK_DIVERGED
    if known.parked:
        return Verdict.PARK_BEHIND
    if event.version == known.version + 1:
        return Verdict.APPLY
    return Verdict.PARK_GAP


def _first(event: Arrival) -> Verdict:
    if event.whole:
        return Verdict.BASELINE
    return Verdict.APPLY if event.version == 1 else Verdict.PARK_UNKNOWN


def after(
    known: GateState | None, event: Arrival, verdict: Verdict, *, position: int = 0
) -> GateState | None:
    """What is known once the verdict is carried out."""
    if verdict.applies:
        return GateState(event.epoch, event.version, parked=False, position=position)
    if verdict.parks:
        return blocked(known, event.epoch)
    return known


def blocked(known: GateState | None, epoch: int) -> GateState:
    """What is known once a message of the aggregate is parked: nothing more, and nothing passes."""
    if known is None:
        return GateState(epoch, 0, parked=True)
    return GateState(known.epoch, known.version, parked=True, position=known.position)
