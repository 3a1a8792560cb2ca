"""The checker 核对: ledger against databases, logs, bus and effects. Pure: it only compares."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from tests.chaos.ledger import Account

RECEIPTED = (("grid", "report"), ("disputes", "register"))
"""What is answered with a receipt, by service and action."""
DISPATCH, ENTER = ("grid", "dispatch"), ("tasks", "assign")


class Kind(StrEnum):
    """What is wrong."""

    LOST = "lost"
    DUPLICATED = "duplicated"
    TORN = "torn"  # one part of a unit of work without another
    OUT_OF_ORDER = "out of order"
    PARKED = "parked"
    PHANTOM = "phantom"  # an event or a record that nobody wrote
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
    parked: Sequence[UUID | None] = ()
    """Aggregates of what stands aside, one per message; None for bytes that nobody can read."""
    chain: str = ""
    """What the audit of the hash chain finds wrong; empty = nothing."""


@dataclass
class Evidence:
    """What the platform holds after the run."""

    sides: Mapping[str, Side]
    receipts: Mapping[UUID, str] = field(default_factory=dict)
    """Receipt number by case or dispute."""
    handovers: Sequence[tuple[UUID, UUID]] = ()
    """Handovers that grid has sent: id and case."""
    tasks: Sequence[UUID] = ()
    """Handover of each task."""
    entered: Sequence[str] = ()
    """Title of each task that was entered directly: it holds the id of the write."""
    poisoned: frozenset[UUID] = frozenset()
    """Aggregates whose events the run itself has spoilt: they, and nothing else, have to be parked."""
    junk: int = 0
    """How many messages the run has put on Kafka that are no events: every reader of the topic parks each."""
    bus: Mapping[str, Sequence[Delivery]] | None = None
    """What Kafka holds of events, by producer; None on the local bus."""


Ledger = Mapping[UUID, Account]
Check = Callable[[Ledger, Evidence], Iterator[Finding]]


def check(ledger: Ledger, evidence: Evidence) -> list[Finding]:
    """Everything that is wrong; nothing, one hopes."""
    return [finding for one in CHECKS for finding in one(ledger, evidence)]


def drained(evidence: Evidence) -> bool:
    """Whether every committed event is in its log, on the bus, and taken in by every reader.

    The parts are read one after the other: a log that grew meanwhile says nothing yet.
    """
    if any(max((f.position for f in s.log), default=0) != s.head_position for s in evidence.sides.values()):
        return False
    waiting = sum(side.outbox + side.unpublished for side in evidence.sides.values())
    return not waiting and not list(_readers({}, evidence)) and not list(_aside({}, evidence))


def _answers(ledger: Ledger, evidence: Evidence) -> Iterator[Finding]:
    """Nothing was refused, and every repeat was answered like the first."""
    for account in ledger.values():
        if account.refusals:
            yield Finding(Kind.REFUSED, f"{account.write}: {account.refusals[0]}")
        if len(set(account.answers)) > 1:
            yield Finding(Kind.DUPLICATED, f"{account.write} was answered {account.answers}")


def _receipts(ledger: Ledger, evidence: Evidence) -> Iterator[Finding]:
    """Every acknowledged report is there with its receipt number; no case came from nowhere."""
    reports = {a.write.subject: a for a in ledger.values() if a.write.kind in RECEIPTED}
    for subject, account in reports.items():
        for answer in account.answers[:1]:
            kept = evidence.receipts.get(subject)
            if kept is None:
                yield Finding(Kind.LOST, f"{account.write}: no such record")
            elif kept != answer.receipt:
                yield Finding(Kind.TORN, f"{account.write}: receipt {kept}, promised {answer.receipt}")
    for subject in evidence.receipts.keys() - reports.keys():
        yield Finding(Kind.PHANTOM, f"{subject} was never reported")


def _entered(ledger: Ledger, evidence: Evidence) -> Iterator[Finding]:
    """Every task that was entered is there once: the platform names it, so that a repeat would be another."""
    titles = Counter(title.rpartition(" ")[2] for title in evidence.entered)
    entered = {str(id_): account for id_, account in ledger.items() if account.write.kind == ENTER}
    for id_, account in entered.items():
        yield from _once(f"tasks of {account.write}", titles[id_], account)
    for id_ in titles.keys() - entered.keys():
        yield Finding(Kind.PHANTOM, f"task {id_} was never entered")


def _steps(ledger: Ledger, evidence: Evidence) -> Iterator[Finding]:
    """Every acknowledged step stands in the history once, at the version that was promised."""
    taken: dict[tuple[str, UUID, str], list[int]] = defaultdict(list)
    for service, side in evidence.sides.items():
        for entry in side.history:
            taken[service, entry.aggregate, entry.action].append(entry.version)
    asked: dict[tuple[str, UUID, str], list[Account]] = defaultdict(list)
    for account in ledger.values():
        asked[account.write.service, account.record, account.write.action].append(account)
    for key, accounts in asked.items():
        yield from _step(accounts, taken[key])


def _step(accounts: Sequence[Account], versions: Sequence[int]) -> Iterator[Finding]:
    """One action on one record, which may have been taken several times on purpose."""
    promised = [account for account in accounts if account.acknowledged]
    name = str(accounts[0].write)
    if len(versions) > len(accounts):
        yield Finding(Kind.DUPLICATED, f"{name}: taken at versions {versions}, asked {len(accounts)} times")
    if len(versions) < len(promised):
        yield Finding(Kind.LOST, f"{name}: {len(promised)} promised, {len(versions)} in the history")
        return
    for account in promised:
        version = account.answers[0].version
        if version is not None and version not in versions:
            yield Finding(Kind.TORN, f"{name}: {versions}, promised {version}")


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
            if aggregate in evidence.poisoned:
                continue
            missing = "history" if (aggregate, version) in told else "event"
            yield Finding(Kind.TORN, f"{service}: {aggregate} version {version} has no {missing}")
        last = _last_versions(side.log)
        for aggregate, version in side.heads.items():
            if last.get(aggregate, 0) != version:
                yield Finding(
                    Kind.TORN, f"{service}: row {aggregate} at {version}, log at {last.get(aggregate)}"
                )


def _readers(ledger: Ledger, evidence: Evidence) -> Iterator[Finding]:
    """Every reader has taken in the last version of every aggregate of its topics."""
    for reader, side in evidence.sides.items():
        logs = [fact for other in evidence.sides.values() for fact in other.log if fact.topic in side.reads]
        last: dict[tuple[str, UUID], int] = defaultdict(int)
        for fact in logs:
            last[fact.topic, fact.aggregate] = max(last[fact.topic, fact.aggregate], fact.version)
        for (topic, aggregate), version in last.items():
            if aggregate in evidence.poisoned:
                continue
            taken = side.gates.get((topic, aggregate), 0)
            if taken != version:
                kind = Kind.LOST if taken < version else Kind.TORN
                yield Finding(kind, f"{reader}: {topic} {aggregate} taken to {taken}, log at {version}")


def _aside(ledger: Ledger, evidence: Evidence) -> Iterator[Finding]:
    """What was spoilt is parked by every reader of its topic; nothing else is."""
    for reader, side in evidence.sides.items():
        parked = Counter(side.parked)
        for aggregate in parked.keys() - evidence.poisoned - {None}:
            yield Finding(Kind.PARKED, f"{reader}: {parked[aggregate]} messages of {aggregate}")
        if parked[None] > evidence.junk:
            yield Finding(Kind.PARKED, f"{reader}: {parked[None]} unreadable, {evidence.junk} were sent")
        topics = {
            (fact.topic, fact.aggregate)
            for other in evidence.sides.values()
            for fact in other.log
            if fact.aggregate in evidence.poisoned and fact.topic in side.reads
        }
        for topic, aggregate in topics:
            if not parked[aggregate]:
                yield Finding(Kind.LOST, f"{reader}: the spoilt {topic} {aggregate} is not parked")


def _effects(ledger: Ledger, evidence: Evidence) -> Iterator[Finding]:
    """Every acknowledged dispatch is one handover, and every handover one task."""
    handed = Counter(case_id for _, case_id in evidence.handovers)
    tasks = Counter(evidence.tasks)
    for account in ledger.values():
        if account.write.kind == DISPATCH:
            yield from _once(f"handovers of {account.write}", handed[account.write.subject], account)
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
        for position in there - {fact.position for fact in evidence.sides[producer].log}:
            yield Finding(Kind.PHANTOM, f"{producer}: position {position} is on the bus and not in the log")
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


CHECKS: tuple[Check, ...] = (
    _answers,
    _receipts,
    _entered,
    _steps,
    _logs,
    _units_of_work,
    _readers,
    _aside,
    _effects,
    _bus,
)


def _last_versions(log: Iterable[Fact]) -> dict[UUID, int]:
    last: dict[UUID, int] = {}
    for fact in log:
        last[fact.aggregate] = max(last.get(fact.aggregate, 0), fact.version)
    return last
