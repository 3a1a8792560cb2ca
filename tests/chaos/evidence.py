"""The evidence 证据: what the databases and the bus hold, read with the superuser's rights."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer

from libs.common.contracts import own_topics
from libs.common.db import Database
from libs.common.embedded.postgres import Postgres
from libs.common.embedded.processes import blocking
from libs.common.events.audit import verify
from libs.common.events.envelope import Undecodable, decode, owner_of
from libs.common.service import Service
from services.cli import SERVICES
from tests.chaos.checker import Delivery, Entry, Evidence, Fact, Side, drained

HEADS: Mapping[str, Sequence[str]] = {
    "grid": ("grid_case", "outgoing_handover"),
    "tasks": ("task", "supervision", "measure", "incoming_handover", "unit", "duty"),
    "disputes": ("dispute", "body", "dispute_type", "incoming_handover"),
    "targets": ("plan", "target", "allocation", "report", "contribution", "episode", "outgoing_handover"),
}
"""Tables whose rows are heads of aggregates."""


DRILL = "演练"
"""How the titles of our own tasks begin."""
UNPUBLISHED = "SELECT coalesce(max(h.position - c.position), 0) FROM log_head h, bus_cursor c"
MOVES = """SELECT position, (SELECT count(*) FROM outbox), (SELECT sum(version) FROM version_gate),
    (SELECT count(*) FROM parked_message), (SELECT sum(position) FROM bus_cursor) FROM log_head"""
"""What changes as long as events are on their way."""


@dataclass(frozen=True)
class Spoilt:
    """What the run has spoilt on purpose: `Evidence.poisoned` and `Evidence.junk`."""

    poisoned: frozenset[UUID] = frozenset()
    junk: int = 0


def settled(postgres: Postgres, seconds: float, spoilt: Spoilt | None = None) -> Evidence:
    """What the databases hold once every event has arrived; after so many seconds, what they hold then."""
    known = spoilt or Spoilt()
    deadline = time.monotonic() + seconds
    before: list[Any] = []
    while time.monotonic() < deadline:
        # Everything is read only when nothing moves any more: it takes the processor from what is waited for.
        now = [postgres.run_sql(MOVES, name) for name in SERVICES]
        if now == before and drained(replace(collect(postgres), **vars(known))):
            break
        before = now
        time.sleep(0.5)
    # Read again: parts of what showed the quiet were read before it came.
    evidence = replace(collect(postgres), **vars(known))
    for name, side in evidence.sides.items():
        side.chain = _audit(postgres, name)
    return evidence


def _audit(postgres: Postgres, name: str) -> str:
    """What the audit of the service's log finds wrong; empty = nothing."""

    async def run() -> str:
        database = Database(postgres.url_for(name, name), pool_size=1)
        try:
            report = await database.read(verify)
        finally:
            await database.close()
        return "; ".join(map(str, report.faults))

    return blocking(run)


def collect(postgres: Postgres) -> Evidence:
    """What the databases hold now. Blocks."""
    cases = postgres.run_sql("SELECT id, receipt_number FROM grid_case", "grid")
    disputes = postgres.run_sql("SELECT id, number FROM dispute WHERE channel <> 'grid'", "disputes")
    direct = postgres.run_sql("SELECT title FROM task WHERE handover_id IS NULL", "tasks")
    handovers = postgres.run_sql("SELECT id, subject_id FROM outgoing_handover", "grid")
    tasks = postgres.run_sql("SELECT handover_id FROM task WHERE handover_id IS NOT NULL", "tasks")
    return Evidence(
        sides={service.name: _side(postgres, service) for service in SERVICES.values()},
        receipts={_uuid(id_): receipt for id_, receipt in (*cases, *disputes)},
        handovers=[(_uuid(id_), _uuid(case_id)) for id_, case_id in handovers],
        tasks=[_uuid(id_) for (id_,) in tasks],
        entered=[title for (title,) in direct if title.startswith(DRILL)],
    )


def _side(postgres: Postgres, service: Service) -> Side:
    def rows(sql: str) -> list[tuple[Any, ...]]:
        return postgres.run_sql(sql, service.name)

    heads = " UNION ALL ".join(f"SELECT id, version FROM {table}" for table in HEADS[service.name])
    return Side(
        log=[
            Fact(position, topic, _uuid(aggregate), version, restated)
            for position, topic, aggregate, version, restated in rows(
                "SELECT position, topic, aggregate_id, version, restatement FROM event_log"
            )
        ],
        history=[
            Entry(_uuid(a), v, act) for a, v, act in rows("SELECT aggregate_id, version, action FROM history")
        ],
        heads={_uuid(id_): version for id_, version in rows(heads)},
        head_position=rows("SELECT position FROM log_head")[0][0],
        outbox=rows("SELECT count(*) FROM outbox")[0][0],
        unpublished=rows(UNPUBLISHED)[0][0],
        reads=frozenset(event.topic.name for event in service.handlers),
        gates={
            (topic, _uuid(aggregate)): version
            for topic, aggregate, version in rows("SELECT topic, aggregate_id, version FROM version_gate")
        },
        parked=[
            None if aggregate is None else _uuid(aggregate)
            for (aggregate,) in rows("SELECT aggregate_id FROM parked_message WHERE resolution IS NULL")
        ],
    )


def _uuid(value: Any) -> UUID:
    """The driver's own kind of UUID compares, but does not sort, with ours."""
    return UUID(bytes=value.bytes)


async def collect_bus(options: Mapping[str, Any]) -> dict[str, list[Delivery]]:
    """Every event that Kafka holds of the services' topics, by producer; `options`: the administrator's."""
    names = [topic.name for service in SERVICES.values() for topic in own_topics(service.name)]
    # Without a group it is given every partition at once.
    consumer = AIOKafkaConsumer(*names, **options, enable_auto_commit=False, auto_offset_reset="earliest")
    found: dict[str, list[Delivery]] = {name: [] for name in SERVICES}
    await consumer.start()
    try:
        wanted = consumer.assignment()
        ends = await consumer.end_offsets(wanted)
        left = {place for place in wanted if ends[place] > 0}
        while left:
            for place, records in (await consumer.getmany(timeout_ms=1000)).items():
                found[owner_of(place.topic)] += [d for r in records if (d := _delivery(place, r))]
                if records and records[-1].offset + 1 >= ends[place]:
                    left.discard(place)
    finally:
        await consumer.stop()
    return found


def _delivery(place: Any, record: Any) -> Delivery | None:
    """None for bytes that are no event: the run sends such, too."""
    try:
        message = decode(record.value, topic=place.topic)
    except Undecodable:
        return None
    return Delivery(place.topic, place.partition, record.offset, message.aggregate_id, message.position)
