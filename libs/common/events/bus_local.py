"""The local bus 本地总线: a producer's log read in place, by a role that may read nothing else.

Each reader has a login role and, in the producer's schema `bus`, a view of the topics that the contracts
open to it. The position is the offset; it is stored in the consumer's database with the effect. Idle
readers ask one row of the producer, every 5 to 200 ms, and at once when the log has grown in this process.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.epochs import EPOCHS
from libs.common.db import Database
from libs.common.errors import Unavailable
from libs.common.events.bus import NOWHERE, Batch, Incoming, Mark, Marks, Restored, Slot, TopicRefused
from libs.common.events.contract import Topic
from libs.common.events.envelope import owner_of
from libs.common.events.publisher import to_message
from libs.common.events.statements import statement
from libs.common.signals import Signal

WINDOW = 4
"""Positions that a fetch looks at for each message that it may return."""
QUICK = 0.005
SLOW = 0.2
ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def local_bus_grants(service: str, topics: Iterable[Topic], readers: Iterable[str]) -> list[str]:
    """Statements for the service's database, run by a superuser: one view and its rights per reader.

    `service` and `readers` are role names. Idempotent; a topic that is not named any more is closed again.
    The service's epochs are open to whoever the contract names.
    """
    known = {topic.name: topic for topic in (*topics, *_always(service))}.values()
    return [
        _grant(reader, [topic.name for topic in known if reader in topic.readers])
        for reader in readers
        if reader != service
    ]


def _always(service: str) -> tuple[Topic, ...]:
    return (EPOCHS[service],) if service in EPOCHS else ()


def _grant(reader: str, topics: Sequence[str]) -> str:
    if not ROLE.fullmatch(reader):
        raise ValueError(f"not a role name: {reader!r}")
    names = ", ".join("'" + name.replace("'", "''") + "'" for name in sorted(topics))
    return _GRANTS.replace("@reader", reader).replace("@topics", names)


# security_barrier: no condition of the reader is tried on a row that the view does not show. The views
# belong to the owner of the log, so that they read with its rights and not with a superuser's.
_GRANTS = """DO $grant$ DECLARE
    keeper text := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'event_log'::regclass);
    shown text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('jiayuan bus'));
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS bus AUTHORIZATION %I', keeper);
    DROP VIEW IF EXISTS bus."@reader", bus."@reader_topics";
    CREATE VIEW bus."@reader" WITH (security_barrier) AS
        SELECT position, epoch, logged_at, event_id, topic, aggregate_id, version, type, payload,
            traceparent, restatement
        FROM event_log WHERE topic = ANY (ARRAY[@topics]::text[]);
    CREATE VIEW bus."@reader_topics" AS SELECT unnest(ARRAY[@topics]::text[]) AS topic;
    CREATE OR REPLACE VIEW bus.head AS SELECT log_id, position, epoch FROM log_head;
    CREATE OR REPLACE VIEW bus.epochs AS SELECT epoch, restored_to FROM log_epoch;
    FOREACH shown IN ARRAY ARRAY['@reader', '@reader_topics', 'head', 'epochs'] LOOP
        EXECUTE format('ALTER VIEW bus.%I OWNER TO %I', shown, keeper);
        EXECUTE format('GRANT SELECT ON bus.%I TO "@reader"', shown);
    END LOOP;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO "@reader"', current_database());
    GRANT USAGE ON SCHEMA bus TO "@reader";
END $grant$"""

_HEAD = text("SELECT log_id, position, epoch FROM bus.head")
_EPOCHS = text("SELECT epoch, restored_to FROM bus.epochs WHERE epoch > :epoch")


class LogShrunk(Unavailable):
    """The producer's log ends before what was read of it, and no new epoch has begun (日志倒退)."""

    code = "log-shrunk"
    zh = "“{producer}”的日志短于已读位置：请在其恢复后执行 jiayuan restored"
    en = "The log of '{producer}' ends before what was read: run `jiayuan restored` after its restore"


@dataclass(frozen=True)
class Head:
    """Where a producer's log ends."""

    log_id: UUID
    position: int
    epoch: int

    @property
    def origin(self) -> str:
        """The name of the log in stored marks."""
        return f"log:{self.log_id}"


class LocalLog:
    """One producer's log, as one reader sees it."""

    def __init__(self, producer: str, database: Database, *, reader: str, source: str) -> None:
        self.producer = producer
        self.database = database
        self.source = source
        self.marks: dict[Slot, Mark] = {}
        self._drained = (0, 0)
        self._admitted = False
        if not ROLE.fullmatch(reader):
            raise ValueError(f"not a role name: {reader!r}")
        self._topics = statement("SELECT topic FROM {view}", view=f'bus."{reader}_topics"')
        self._rows = statement(_ROWS, view=f'bus."{reader}"')
        self._scanned: dict[Slot, int] = {}
        self._in_hand = False

    async def _require(self) -> None:
        """Once: raises `TopicRefused` unless every topic is open to the reader."""
        if self._admitted:
            return
        try:
            found = await self.database.read(self._open)
        except ProgrammingError:
            found = frozenset()
        closed = sorted({slot.topic for slot in self.marks} - found)
        if closed:
            raise TopicRefused(", ".join(closed))
        self._admitted = True

    async def _open(self, session: AsyncSession) -> frozenset[str]:
        return frozenset(await session.scalars(self._topics))

    def stand_at(self, marks: Mapping[Slot, Mark]) -> None:
        """Go on from these marks."""
        self.marks = dict(marks)
        self.forget()

    def forget(self) -> None:
        """Look again at everything behind the marks: what was fetched last was not stored."""
        self._drained = (0, 0)
        self._scanned = {}
        self._in_hand = False

    def move(self, after: Mapping[Slot, Mark]) -> None:
        """What was fetched last is stored."""
        self.marks.update(
            {slot: mark for slot, mark in after.items() if owner_of(slot.topic) == self.producer}
        )
        self._in_hand = False

    async def fetch(self, limit: int) -> Batch:
        """The next messages. Raises `DatabaseAway`, `LogShrunk`, `TopicRefused`."""
        if not self.marks:
            return Batch()
        if self._in_hand:
            self.forget()
        await self._require()
        batch = await self.database.read(lambda session: self._fetch(session, limit))
        self._in_hand = bool(batch)
        return batch

    async def _fetch(self, session: AsyncSession, limit: int) -> Batch:
        head = Head(*(await session.execute(_HEAD)).one())
        if self._drained == (head.epoch, head.position):
            return Batch()
        start, restored = await self._start(session, head)
        if any(mark.next > head.position + 1 for mark in start.values()):
            raise LogShrunk(producer=self.producer)
        if start != self.marks:
            self._scanned = {}
        rows = await self._scan(session, head, start, limit)
        messages = tuple(
            Incoming(Slot(row.topic), row.position, to_message(row, self.source)) for row in rows
        )
        reached = {one.slot: Mark(head.origin, head.epoch, one.offset + 1) for one in messages}
        after = {**{s: m for s, m in start.items() if m != self.marks[s]}, **reached}
        return Batch(messages, {s: self.marks[s] for s in after}, after, restored)

    async def _scan(
        self, session: AsyncSession, head: Head, start: Mapping[Slot, Mark], limit: int
    ) -> Sequence[Any]:
        """The next rows, in windows that grow while they are empty. What is empty is not scanned again."""
        window = WINDOW * limit
        while True:
            nexts = {slot: max(mark.next, self._scanned.get(slot, 0)) for slot, mark in start.items()}
            wanted = {"topics": [slot.topic for slot in nexts], "nexts": list(nexts.values())}
            bounds = {"window": window, "limit": limit}
            rows = (await session.execute(self._rows, {**wanted, **bounds})).all()
            cut = rows[-1].position if len(rows) == limit else head.position
            self._scanned = {slot: min(at + window, head.position + 1, cut + 1) for slot, at in nexts.items()}
            if len(rows) < limit and all(at > head.position for at in self._scanned.values()):
                self._drained = (head.epoch, head.position)
                return rows
            if rows:
                return rows
            window *= 2

    async def _start(
        self, session: AsyncSession, head: Head
    ) -> tuple[dict[Slot, Mark], tuple[Restored, ...]]:
        """Where to read from: at the marks, or before them when the log was restored or is another one."""
        ours = [mark for mark in self.marks.values() if mark.origin == head.origin]
        oldest = min((mark.epoch for mark in ours), default=head.epoch)
        epochs: list[Any] = []
        if oldest < head.epoch:
            epochs = list(await session.execute(_EPOCHS, {"epoch": oldest}))
        start = {}
        for slot, mark in self.marks.items():
            if mark.origin != head.origin:
                start[slot] = Mark(head.origin, head.epoch, 1) if mark != NOWHERE else mark
                continue
            cuts = [row.restored_to + 1 for row in epochs if row.epoch > mark.epoch]
            start[slot] = Mark(head.origin, max(mark.epoch, head.epoch), min([mark.next, *cuts]))
        restored = tuple(Restored(self.producer, row.epoch, row.restored_to) for row in epochs)
        return start, restored


# The window bounds what a fetch reads, whatever the plan: without it a reader that is far behind reads and
# sorts everything that waits, at every fetch.
_ROWS = """SELECT e.* FROM unnest(CAST(:topics AS text[]), CAST(:nexts AS bigint[])) AS c(topic, next)
    CROSS JOIN LATERAL (
        SELECT * FROM {view} v
        WHERE v.topic = c.topic AND v.position >= c.next AND v.position < c.next + :window
        ORDER BY v.position LIMIT :limit
    ) e ORDER BY e.position LIMIT :limit"""


class LocalBus:
    """The logs of all producers that a consumer reads: their databases, under the reader's role."""

    def __init__(
        self, producers: Mapping[str, Database], *, reader: str, source: str, grown: Signal | None = None
    ) -> None:
        self._logs = [
            LocalLog(name, database, reader=reader, source=source) for name, database in producers.items()
        ]
        self._grown = grown or Signal()
        self._load: Marks | None = None
        self._slots: tuple[Slot, ...] = ()

    async def start(self, topics: Collection[str], marks: Marks) -> None:
        """Begin at the stored marks. Raises `TopicRefused` for a topic of a producer that is not there."""
        self._load = marks
        for topic in topics:
            if not any(owner_of(topic) == log.producer for log in self._logs):
                raise TopicRefused(topic)
        self._slots = tuple(Slot(topic) for topic in topics)
        await self.again()

    async def fetch(self, *, limit: int, wait: float) -> Batch:
        """The next messages of one producer; the producers take turns. One that is away stops no other."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait
        pause = QUICK
        while True:
            seen = self._grown.seen()
            batch = await self._poll(limit)
            left = deadline - loop.time()
            if batch or left <= 0:
                return batch
            await self._grown.after(seen, min(pause, left))
            pause = min(pause * 2, SLOW)

    async def _poll(self, limit: int) -> Batch:
        away: list[Unavailable] = []
        for log in list(self._logs):
            self._logs.append(self._logs.pop(0))
            try:
                batch = await log.fetch(limit)
            except Unavailable as error:
                away.append(error)
                continue
            if batch:
                return batch
        if away and len(away) == len(self._logs):
            raise away[0]
        return Batch()

    async def done(self, batch: Batch) -> None:
        """The batch is stored: go on behind it."""
        for log in self._logs:
            log.move(batch.after)

    async def again(self) -> None:
        """Go on at the stored marks."""
        if self._load is None:
            return
        stored = await self._load(self._slots)
        for log in self._logs:
            log.stand_at({s: m for s, m in stored.items() if owner_of(s.topic) == log.producer})

    async def close(self) -> None:
        """Nothing is held between polls; the databases belong to whoever opened them."""
