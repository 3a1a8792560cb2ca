"""The audit of the log 日志审计: recompute the chain, every payload's digest and every history row's.

An edit, a deletion, a swap or an insertion breaks the chain. A truncation, or a chain rewritten as a whole,
shows only against a checkpoint that was kept elsewhere. What was erased by law is told apart: an event in
the chain says by whom, when and on what basis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.access import ERASED
from libs.common.events.record import HISTORY_ROW
from libs.common.events.sequencer import LOG_ROW
from libs.common.events.statements import statement

BATCHES = 200
"""Batches of the chain that one statement recomputes."""
ROWS = 20_000
EXAMPLES = 20
"""Faults of a kind that a report names."""


@dataclass(frozen=True)
class Checkpoint:
    """The head of the log at some time, kept outside its database (外部检查点)."""

    position: int
    hash: bytes

    def render(self) -> str:
        """One line to be kept elsewhere: `<position> <hash in hex>`."""
        return f"{self.position} {self.hash.hex()}"

    @classmethod
    def parse(cls, line: str) -> Checkpoint:
        """The checkpoint of such a line. Raises `ValueError`."""
        position, digest = line.split()
        return cls(int(position), bytes.fromhex(digest))


@dataclass(frozen=True)
class Fault:
    """Something that does not hold, and where."""

    kind: str
    position: int | None = None
    aggregate_id: UUID | None = None
    version: int | None = None


@dataclass(frozen=True)
class Erasure:
    """A payload that was erased by law: by whom, when, on what basis."""

    position: int
    by: str
    at: datetime
    basis: str


@dataclass
class Report:
    """What an audit found."""

    events: int = 0
    batches: int = 0
    head: Checkpoint | None = None
    faults: list[Fault] = field(default_factory=list)
    erased: list[Erasure] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        """Whether everything holds."""
        return not self.faults


# The link before the first of a page comes with it, so that each link is checked against its predecessor.
_CHAIN = statement(
    """WITH links AS (
        SELECT b.first, b.last, b.hash,
            coalesce(lag(b.hash) OVER w, decode(repeat('00', 32), 'hex')) AS before,
            coalesce(lag(b.last) OVER w, 0) AS ended
        FROM (SELECT * FROM log_batch WHERE last >= :from ORDER BY last LIMIT :limit + 1) b
        WINDOW w AS (ORDER BY b.last)
    ), sealed AS (
        SELECT k.*, s.rows, s.hash AS found
        FROM links k, LATERAL (
            SELECT count(*) AS rows,
                sha256(k.before || convert_to(string_agg({row}, E'\\n' ORDER BY l.position), 'UTF8')) AS hash
            FROM event_log l WHERE l.position BETWEEN k.first AND k.last
        ) s
        WHERE k.last > :from
    )
    SELECT first, last, rows, hash, found IS NOT DISTINCT FROM hash AS whole, first = ended + 1 AS joined
    FROM sealed ORDER BY last""",
    row=LOG_ROW.format("l"),
)

_LOOSE = text(
    """SELECT l.position FROM event_log l WHERE NOT EXISTS (
        SELECT 1 FROM log_batch b WHERE b.last >= l.position AND b.first <= l.position
    ) LIMIT :limit"""
)

_PAYLOADS = statement(
    """SELECT position FROM event_log
    WHERE payload IS NOT NULL AND position > :from AND position <= :until
        AND sha256(salt || convert_to(payload, 'UTF8')) IS DISTINCT FROM payload_digest
    ORDER BY position LIMIT :limit"""
)

_ERASED = text("SELECT position FROM event_log WHERE payload IS NULL ORDER BY position")

_TOLD = text(
    """SELECT l.payload, l.actor, l.logged_at FROM event_log l
    WHERE l.topic = ANY (:topics) AND l.type = ANY (:types) AND l.payload IS NOT NULL
    ORDER BY l.position"""
)

_HISTORY = statement(
    """SELECT l.position, l.aggregate_id, l.version,
        CASE WHEN h.digest IS NULL THEN 'history-missing'
            WHEN h.digest <> l.history_digest THEN 'history-replaced'
            ELSE 'history-changed' END AS kind
    FROM event_log l
    LEFT JOIN history h ON h.aggregate_id = l.aggregate_id AND h.version = l.version
    WHERE l.history_digest IS NOT NULL AND l.position > :from AND l.position <= :until
        AND (h.digest IS DISTINCT FROM l.history_digest
            OR (h.salt IS NOT NULL AND sha256(h.salt || {row}) <> h.digest))
    ORDER BY l.position LIMIT :limit""",
    row=HISTORY_ROW.format("h"),
)

_HISTORY_ERASED = text(
    """SELECT l.position, h.aggregate_id, h.version FROM history h
    LEFT JOIN event_log l
        ON l.aggregate_id = h.aggregate_id AND l.version = h.version AND NOT l.restatement
    WHERE h.salt IS NULL"""
)

_TWICE = text(
    """SELECT aggregate_id, version, min(position) AS position FROM event_log WHERE NOT restatement
    GROUP BY topic, aggregate_id, version HAVING count(*) > 1 LIMIT :limit"""
)

_HEAD = text("SELECT position, hash FROM log_head")


async def verify(session: AsyncSession, *, checkpoint: Checkpoint | None = None) -> Report:
    """Recompute everything. Reads the whole log in pages; changes nothing."""
    await session.execute(text("SET LOCAL statement_timeout = 0"))
    report = Report()
    head = (await session.execute(_HEAD)).one()
    report.head = Checkpoint(head.position, head.hash)
    await _chain(session, report)
    await _pages(session, report, _PAYLOADS, lambda row: Fault("payload-changed", row.position))
    await _pages(session, report, _HISTORY, _history_fault)
    for row in await session.execute(_TWICE, {"limit": EXAMPLES}):
        report.faults.append(Fault("version-twice", row.position, row.aggregate_id, row.version))
    await _erasures(session, report)
    if checkpoint is not None:
        await _against(session, report, checkpoint)
    return report


def _history_fault(row: Any) -> Fault:
    return Fault(row.kind, row.position, row.aggregate_id, row.version)


async def _chain(session: AsyncSession, report: Report) -> None:
    """Each link against its predecessor and its rows; then the end against the head."""
    reached, last_hash = 0, bytes(32)
    while True:
        page = (await session.execute(_CHAIN, {"from": reached, "limit": BATCHES})).all()
        for link in page:
            report.batches += 1
            report.events += link.rows
            if not link.joined:
                report.faults.append(Fault("batch-missing", link.first))
            if not link.whole or link.rows != link.last - link.first + 1:
                report.faults.append(Fault("chain-broken", link.last))
            reached, last_hash = link.last, link.hash
        if len(page) < BATCHES:
            break
    assert report.head is not None
    if (report.head.position, report.head.hash) != (reached, last_hash):
        report.faults.append(Fault("head-differs", reached))
    for row in await session.execute(_LOOSE, {"limit": EXAMPLES}):
        report.faults.append(Fault("outside-the-chain", row.position))


async def _pages(
    session: AsyncSession, report: Report, query: TextClause, fault: Callable[[Any], Fault]
) -> None:
    assert report.head is not None
    found: list[Fault] = []
    for start in range(0, report.head.position, ROWS):
        bounds = {"from": start, "until": start + ROWS, "limit": EXAMPLES}
        found += [fault(row) for row in await session.execute(query, bounds)]
        if len(found) >= EXAMPLES:
            break
    report.faults += found[:EXAMPLES]


async def _erasures(session: AsyncSession, report: Report) -> None:
    """Every payload or history row that is gone must be named by an event that told of it."""
    told, versions = await _told(session)
    for position in await session.scalars(_ERASED):
        if position in told:
            report.erased.append(told[position])
        else:
            report.faults.append(Fault("payload-gone", position))
    for row in await session.execute(_HISTORY_ERASED):
        if (row.aggregate_id, row.version) not in versions:
            report.faults.append(Fault("history-gone", row.position, row.aggregate_id, row.version))


async def _told(session: AsyncSession) -> tuple[dict[int, Erasure], set[tuple[UUID, int]]]:
    """The erasures that the log tells of: by position, and by aggregate and version."""
    events = tuple(ERASED.values())
    named = {"topics": [event.topic.name for event in events], "types": [event.type for event in events]}
    told: dict[int, Erasure] = {}
    versions: set[tuple[UUID, int]] = set()
    for row in await session.execute(_TOLD, named):
        data = orjson.loads(row.payload)
        for position in data["positions"]:
            told[position] = Erasure(position, row.actor, row.logged_at, data["basis"])
        versions |= {(UUID(data["subject_id"]), version) for version in data["versions"]}
    return told, versions


async def _against(session: AsyncSession, report: Report, checkpoint: Checkpoint) -> None:
    """The chain must still hold the link that was kept elsewhere."""
    found = await session.scalar(
        text("SELECT hash FROM log_batch WHERE last = :position"), {"position": checkpoint.position}
    )
    if checkpoint.position and found != checkpoint.hash:
        kind = "truncated" if found is None else "rewritten"
        report.faults.append(Fault(kind, checkpoint.position))
