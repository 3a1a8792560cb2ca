"""The checker 核对: ledger against databases, logs, bus and effects. Pure: it only compares."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from tests.chaos.ledger import Account, Step


class Kind(StrEnum):
    """What is wrong."""

    LOST = "lost"
    DUPLICATED = "duplicated"
    TORN = "torn"  # one part of a unit of work without another
    OUT_OF_ORDER = "out of order"
    PARKED = "parked"
    REFUSED = "refused"  # a legal write, or its repeat, was not taken


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong."""

    kind: Kind
    what: str


@dataclass(frozen=True)
class Fact:
    """One row of an event log."""

    position: int
    topic: str
    aggregate: UUID
    version: int
    restatement: bool = False


@dataclass(frozen=True)
class Entry:
    """One row of the history."""

    aggregate: UUID
    version: int
    action: str


@dataclass(frozen=True)
class Delivery:
    """One message on the bus: where it lies there, and what it carries."""

    topic: str
    partition: int
    offset: int
    aggregate: UUID
    position: int


@dataclass
class Side:
    """What one service's database holds. `heads` are the versions of its rows, by aggregate."""

    log: Sequence[Fact] = ()
    history: Sequence[Entry] = ()
    heads: Mapping[UUID, int] = field(default_factory=dict)
    head_position: int = 0
    outbox: int = 0
    unpublished: int = 0
    """Events of the log that the bus has not acknowledged; 0 on the local bus, which is the log."""
    reads: frozenset[str] = frozenset()
    gates: Mapping[tuple[str, UUID], int] = field(default_factory=dict)
    parked: int = 0
    chain: str = ""
    """What the audit of the hash chain finds wrong; empty = nothing."""


@dataclass
class Evidence:
    """What the platform holds after the run."""

    sides: Mapping[str, Side]
    receipts: Mapping[UUID, str] = field(default_factory=dict)
    """Receipt number by case."""
    handovers: Sequence[tuple[UUID, UUID]] = ()
    """Handovers that grid has sent: id and case."""
    tasks: Sequence[UUID] = ()
    """Handover of each task."""
    bus: Mapping[str, Sequence[Delivery]] | None = None
    """What Kafka holds, by producer; None on the local bus."""


Ledger = Mapping[UUID, Account]
Check = Callable[[Ledger, Evidence], Iterator[Finding]]


def check(ledger: Ledger, evidence: Evidence) -> list[Finding]:
    """Everything that is wrong; nothing, one hopes."""
    return [finding for one in CHECKS for finding in one(ledger, evidence)]


def drained(evidence: Evidence) -> bool:
    """Whether every committed event is in its log, on the bus, and taken in by every reader."""
    waiting = sum(side.outbox + side.unpublished for side in evidence.sides.values())
    return not waiting and not list(_readers({}, evidence))


def _answers(ledger: Ledger, evidence: Evidence) -> Iterator[Finding]:
    """Nothing was refused, and every repeat was answered like the first."""
    for account in ledger.values():
        if account.refusals:
            yield Finding(Kind.REFUSED, f"{_name(account)}: {account.refusals[0]}")
        if len(set(account.answers)) > 1:
            yield Finding(Kind.DUPLICATED, f"{_name(account)} was answered {account.answers}")


def _receipts(ledger: Ledger, evidence: Evidence) -> Iterator[Finding]:
    """Every acknowledged report is a case with its receipt number; no case came from nowhere."""
    reports = {a.write.case_id: a for a in ledger.values() if a.write.step is Step.REPORT}
    for case_id, account in reports.items():
        for answer in account.answers[:1]:
            kept = evidence.receipts.get(case_id)
            if kept is None:
                yield Finding(Kind.LOST, f"{_name(account)}: no such case")
            elif kept != answer.receipt:
                yield Finding(Kind.TORN, f"{_name(account)}: receipt {kept}, promised {answer.receipt}")
    for case_id in evidence.receipts.keys() - reports.keys():
        yield Finding(Kind.DUPLICATED, f"case {case_id} was never reported")


def _steps(ledger: Ledger, evidence: Evidence) -> Iterator[Finding]:
    """Every acknowledged step stands in the history once, at the version that was promised."""
    taken: dict[tuple[UUID, str], list[int]] = defaultdict(list)
    for entry in evidence.sides["grid"].history:
        taken[entry.aggregate, entry.action].append(entry.version)
    for account in ledger.values():
        versions = taken[account.write.case_id, account.write.step]
        if len(versions) > 1:
            yield Finding(Kind.DUPLICATED, f"{_name(account)}: taken at versions {versions}")
        for answer in account.answers[:1]:
            if not versions:
                yield Finding(Kind.LOST, f"{_name(account)}: not in the history")
            elif answer.version is not None and answer.version not in versions:
                yield Finding(Kind.TORN, f"{_name(account)}: {versions}, promised {answer.version}")


def _logs(ledger: Ledger, evidence: Evidence) -> Iterator[Finding]:
    """Every log is gapless, sealed, and in order within each aggregate; every version has one event."""
    for service, side in evidence.sides.items():
        positions = Counter(fact.position for fact in side.log)
        for position in range(1, max([side.head_position, *positions]) + 1):
            if positions[position] == 0:
                yield Finding(Kind.LOST, f"{service}: nothing at position {position}")
            elif positions[position] > 1:
                yield Finding(Kind.DUPLICATED, f"{service}: {positions[position]} at position {position}")
        if side.outbox:
            yield Finding(Kind.LOST, f"{service}: {side.outbox} events wait in the outbox")
        if side.unpublished:
            yield Finding(Kind.LOST, f"{service}: {side.unpublished} events are not on the bus")
        if side.chain:
            yield Finding(Kind.TORN, f"{service}: the chain does not verify: {side.chain}")
        facts = sorted((f for f in side.log if not f.restatement), key=lambda fact: fact.position)
        yield from _in_order(f"{service}: log", ((fact.aggregate, fact.version) for fact in facts))


def _in_order(where: str, versions: Iterable[tuple[UUID, int]]) -> Iterator[Finding]:
    """Each aggregate's versions come as 1, 2, 3 and so on."""
    last: dict[UUID, int] = {}
    seen: set[tuple[UUID, int]] = set()
    for aggregate, version in versions:
        before = last.get(aggregate, 0)
        if (aggregate, version) in seen:
            yield Finding(Kind.DUPLICATED, f"{where}: {aggregate} version {version} twice")
        elif version < before:
            yield Finding(Kind.OUT_OF_ORDER, f"{where}: {aggregate} version {version} after {before}")
        elif version > before + 1:
            yield Finding(Kind.LOST, f"{where}: {aggregate} goes from {before} to {version}")
        seen.add((aggregate, version))
        last[aggregate] = max(before, version)


def _units_of_work(ledger: Ledger, evidence: Evidence) -> Iterator[Finding]:
    """Row, history and event were committed together: their versions agree for every aggregate."""
    for service, side in evidence.sides.items():
        told = {(fact.aggregate, fact.version) for fact in side.log if not fact.restatement}
        written = {(entry.aggregate, entry.version) for entry in side.history}
        for aggregate, version in sorted(told ^ written):
            missing = "history" if (aggregate, version) in told else "event"
            yield Finding(Kind.TORN, f"{service}: {aggregate} version {version} has no {missing}")
        last = _last_versions(side.log)
        for aggregate, version in side.heads.items():
            if last.get(aggregate, 0) != version:
                yield Finding(
                    Kind.TORN, f"{service}: row {aggregate} at {version}, log at {last.get(aggregate)}"
                )


def _readers(ledger: Ledger, evidence: Evidence) -> Iterator[Finding]:
    """Every reader has taken in the last version of every aggregate of its topics; nothing is parked."""
    for reader, side in evidence.sides.items():
        if side.parked:
            yield Finding(Kind.PARKED, f"{reader}: {side.parked} messages")
        logs = [fact for other in evidence.sides.values() for fact in other.log if fact.topic in side.reads]
        last: dict[tuple[str, UUID], int] = defaultdict(int)
        for fact in logs:
            last[fact.topic, fact.aggregate] = max(last[fact.topic, fact.aggregate], fact.version)
        for (topic, aggregate), version in last.items():
            taken = side.gates.get((topic, aggregate), 0)
            if taken != version:
                kind = Kind.LOST if taken < version else Kind.TORN
                yield Finding(kind, f"{reader}: {topic} {aggregate} taken to {taken}, log at {version}")


def _effects(ledger: Ledger, evidence: Evidence) -> Iterator[Finding]:
    """Every acknowledged dispatch is one handover, and every handover one task."""
    handed = Counter(case_id for _, case_id in evidence.handovers)
    tasks = Counter(evidence.tasks)
    for account in ledger.values():
        if account.write.step is Step.DISPATCH:
            yield from _once(f"handovers of {_name(account)}", handed[account.write.case_id], account)
    for handover_id, _ in evidence.handovers:
        yield from _once(f"tasks of handover {handover_id}", tasks[handover_id])
    for handover_id in tasks.keys() - {handover_id for handover_id, _ in evidence.handovers}:
        yield Finding(Kind.TORN, f"a task of the unknown handover {handover_id}")


def _once(what: str, count: int, account: Account | None = None) -> Iterator[Finding]:
    if count > 1:
        yield Finding(Kind.DUPLICATED, f"{count} {what}")
    if count == 0 and (account is None or account.acknowledged):
        yield Finding(Kind.LOST, f"no {what}")


def _bus(ledger: Ledger, evidence: Evidence) -> Iterator[Finding]:
    """The bus holds every event of the log; repeats are allowed, but no aggregate is seen out of order."""
    for producer, deliveries in (evidence.bus or {}).items():
        there = {delivery.position for delivery in deliveries}
        for fact in evidence.sides[producer].log:
            if fact.position not in there:
                yield Finding(Kind.LOST, f"{producer}: position {fact.position} is not on the bus")
        last: dict[tuple[str, UUID], int] = defaultdict(int)
        seen: set[int] = set()
        for one in sorted(deliveries, key=lambda one: (one.topic, one.partition, one.offset)):
            key = one.topic, one.aggregate
            if one.position not in seen and one.position < last[key]:
                yield Finding(Kind.OUT_OF_ORDER, f"{producer}: {key} at {one.position} after {last[key]}")
            seen.add(one.position)
            last[key] = max(last[key], one.position)


CHECKS: tuple[Check, ...] = (_answers, _receipts, _steps, _logs, _units_of_work, _readers, _effects, _bus)


def _last_versions(log: Iterable[Fact]) -> dict[UUID, int]:
    last: dict[UUID, int] = {}
    for fact in log:
        last[fact.aggregate] = max(last.get(fact.aggregate, 0), fact.version)
    return last


def _name(account: Account) -> str:
    return f"{account.write.step} of case {account.write.case_id}"
