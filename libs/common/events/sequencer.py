"""The sequencer 定序器: moves committed outbox rows into the log, at gapless positions, and seals them.

Two statements in one READ COMMITTED transaction. The first takes the lock on the head row: any number of
sequencers may run, none can reorder or skip. The second sees everything that was committed before the lock
was granted, so a row that commits late gets a later position and is never passed over.

    floor = Floor()
    moved = await database.transact(lambda session: sequence(session, limit=1000, floor=floor))
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common import crash
from libs.common.events import metrics
from libs.common.events.ddl import PARTITION_ROWS, partition_name, partition_statements
from libs.common.events.statements import statement

FULL_SCAN_SECONDS = 10.0
LIMIT = 1000

LOG_ROW = """json_build_array({0}.position, {0}.epoch,
    (extract(epoch FROM {0}.logged_at) * 1000000)::bigint, {0}.event_id, {0}.topic, {0}.aggregate_type,
    {0}.aggregate_id, {0}.version, {0}.type, encode({0}.payload_digest, 'hex'),
    encode({0}.history_digest, 'hex'), {0}.actor, {0}.traceparent, {0}.restatement)::text"""
"""What the chain covers of a row, in terms of the row's alias: sealed here, checked by `audit`."""


DRAWN = "coalesce(pg_sequence_last_value('outbox_id_seq'::regclass), 0)"
"""The last id that was drawn. Never `SELECT last_value`: it reads without the sequence's lock, and while
`nextval` writes its log record ahead it shows up to 32 ids that nobody has drawn yet."""


class Floor:
    """Below which id the outbox holds nothing any more: spares the scan over rows that are dead but kept.

    Every id is drawn by a transaction that has its transaction id already. So an id that a run has seen
    drawn belongs to a transaction older than the next run's own, and it is decided as soon as no transaction
    older than that one is open: when a snapshot's `xmin` has reached the next run's `xid`. (The snapshot's
    `xmax` will not do: it stands behind the last transaction that *completed*, and open ones lie above it.)
    From time to time everything is scanned none the less.
    """

    def __init__(self) -> None:
        self.value = 0
        self._drawn: int | None = None
        self._fence: int | None = None
        self._scanned_at = time.monotonic()

    @property
    def due(self) -> bool:
        """Whether it is time for a full scan."""
        return time.monotonic() - self._scanned_at > FULL_SCAN_SECONDS

    def start(self) -> int:
        """The id to scan from now: 0 when a full scan is due."""
        if self.due:
            self._scanned_at = time.monotonic()
            return 0
        return self.value

    def learn(self, seen: Seen, limit: int) -> None:
        """Raise the floor by what one run has seen."""
        if self._drawn is None:
            self._drawn = seen.drawn
            return
        if self._fence is None:
            self._fence = seen.xid
        if seen.xmin >= self._fence:
            gone = self._drawn if seen.taken < limit else min(self._drawn, seen.last_id)
            self.value = max(self.value, gone + 1)
            if self.value > self._drawn:
                self._drawn, self._fence = seen.drawn, None


@dataclass(frozen=True)
class Seen:
    """What one run saw: the last id drawn before its snapshot, the oldest transaction that was open then,
    its own transaction, and what it took."""

    drawn: int
    xmin: int
    xid: int
    taken: int
    first_id: int
    last_id: int
    oldest: datetime | None


_FENCE = statement(
    """SELECT h.position, h.epoch, h.hash, clock_timestamp() AS now,
        {drawn} AS drawn,
        to_regclass('log_parts.event_log_' || lpad((h.position / :rows + 1)::text, 6, '0')) IS NOT NULL
            AS prepared
    FROM log_head h FOR UPDATE""",
    drawn=DRAWN,
)

_MOVE = statement(
    """WITH pending AS MATERIALIZED (
        SELECT id FROM outbox WHERE id >= :floor ORDER BY id LIMIT :limit
    ), taken AS (
        DELETE FROM outbox o USING pending p WHERE o.id = p.id RETURNING o.*
    ), numbered AS (
        SELECT CAST(:position AS bigint) + row_number() OVER (ORDER BY id) AS position, t.* FROM taken t
    ), logged AS (
        INSERT INTO event_log (position, epoch, logged_at, event_id, topic, aggregate_type, aggregate_id,
            version, type, payload, salt, payload_digest, history_digest, actor, traceparent, restatement)
        SELECT position, CAST(:epoch AS int), CAST(:now AS timestamptz), event_id, topic, aggregate_type,
            aggregate_id, version, type, payload, salt, sha256(salt || convert_to(payload, 'UTF8')),
            history_digest, actor, traceparent, restatement
        FROM numbered
        RETURNING *
    ), sealed AS (
        SELECT min(position) AS first, max(position) AS last, sha256(CAST(:hash AS bytea)
            || convert_to(string_agg({row}, E'\\n' ORDER BY position), 'UTF8')) AS hash
        FROM logged HAVING count(*) > 0
    ), head AS (
        UPDATE log_head SET position = sealed.last, hash = sealed.hash FROM sealed
    ), chained AS (
        INSERT INTO log_batch (first, last, hash) SELECT first, last, hash FROM sealed
    )
    SELECT count(*) AS taken, coalesce(min(id), 0) AS first_id, coalesce(max(id), 0) AS last_id,
        min(recorded_at) AS oldest,
        pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin,
        pg_current_xact_id()::text::bigint AS xid
    FROM taken""",
    row=LOG_ROW.format("logged"),
)

_MADE = text("SELECT to_regclass(:name) IS NOT NULL")
_PENDING = text("SELECT EXISTS (SELECT 1 FROM outbox WHERE id >= :floor)")


async def pending(session: AsyncSession, floor: int) -> bool:
    """Whether anything waits in the outbox, without taking the lock: what an idle sequencer asks."""
    return bool(await session.scalar(_PENDING, {"floor": floor}))


async def sequence(session: AsyncSession, *, limit: int = LIMIT, floor: Floor | None = None) -> int:
    """Move at most `limit` pending events into the log; answers how many it moved."""
    head = (await session.execute(_FENCE, {"rows": PARTITION_ROWS})).one()
    crash.reach("sequencer.fenced")
    if not head.prepared:
        await _prepare(session, head.position // PARTITION_ROWS + 1)
    start = floor.start() if floor else 0
    known = floor.value if floor else 0
    row = (await session.execute(_MOVE, _parameters(head, start, limit))).one()
    seen = Seen(head.drawn, row.xmin, row.xid, row.taken, row.first_id, row.last_id, row.oldest)
    if seen.taken:
        crash.reach("sequencer.moved")
    if seen.taken and seen.first_id < known:
        metrics.SEQUENCER_PASSED_OVER.inc()
    if floor:
        _learn_after_commit(session, floor, seen, limit)
    metrics.SEQUENCED.inc(seen.taken)
    if seen.oldest is not None:
        metrics.SEQUENCER_LAG.set((head.now - seen.oldest).total_seconds())
    return seen.taken


def _learn_after_commit(session: AsyncSession, floor: Floor, seen: Seen, limit: int) -> None:
    """What a transaction took is gone only when it has committed."""

    def learn(_: Any) -> None:
        floor.learn(seen, limit)

    event.listen(session.sync_session, "after_commit", learn, once=True)


def _parameters(head: Any, start: int, limit: int) -> dict[str, Any]:
    return {
        "floor": start,
        "limit": limit,
        "position": head.position,
        "epoch": head.epoch,
        "now": head.now,
        "hash": head.hash,
    }


async def _prepare(session: AsyncSession, number: int) -> None:
    """Make the partition after the present one, unless another did while this one waited for the lock."""
    if await session.scalar(_MADE, {"name": partition_name(number)}):
        return
    for command in partition_statements(number):
        await session.execute(text(command))
