"""Tables of the event path, the same in each service's database (one MetaData, one migrations history)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    SmallInteger,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from libs.common.db import metadata

# Small tables whose rows live for milliseconds or change all the time: vacuum by count, not by share.
BUSY = {
    "autovacuum_vacuum_scale_factor": "0",
    "autovacuum_vacuum_threshold": "2000",
    "autovacuum_vacuum_cost_delay": "0",
    "autovacuum_analyze_scale_factor": "0",
    "autovacuum_analyze_threshold": "5000",
}


class ToolboxBase(DeclarativeBase):
    """Base of the toolbox's tables, which lie beside the service's own."""

    metadata = metadata()
    type_annotation_map = {
        str: Text(),
        datetime: TIMESTAMP(timezone=True),
        dict[str, Any]: JSONB(),
        int: BigInteger(),
        bytes: LargeBinary(),
    }


class History(ToolboxBase):
    """Who did what to which record, one row per version (操作历史).

    Never deleted. `digest` covers the row and its salt; the log's chain seals the digest. An erasure by law
    empties note, changed and salt and leaves the digest.
    """

    __tablename__ = "history"

    aggregate_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer(), primary_key=True)
    aggregate_type: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
    actor_role: Mapped[str]
    action: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str | None]
    note: Mapped[str | None]
    changed: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    salt: Mapped[bytes | None]
    digest: Mapped[bytes]


# An id is drawn only by a transaction that has its own transaction id: by that the sequencer knows when
# every id up to some value is decided (`sequencer.Floor`). CASE fixes the order of the two.
OUTBOX_ID = Sequence("outbox_id_seq", metadata=ToolboxBase.metadata)
NEXT_OUTBOX_ID = "CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('outbox_id_seq'::regclass) END"


class Outbox(ToolboxBase):
    """Events that are committed and not yet in the log. `id` is drawn after the aggregate's lock."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(
        BigInteger(), primary_key=True, autoincrement=False, server_default=text(NEXT_OUTBOX_ID)
    )
    event_id: Mapped[UUID] = mapped_column(unique=True)
    topic: Mapped[str]
    aggregate_type: Mapped[str]
    aggregate_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(Integer())
    type: Mapped[str]
    payload: Mapped[str]
    salt: Mapped[bytes]
    actor: Mapped[str]
    history_digest: Mapped[bytes | None]
    traceparent: Mapped[str | None]
    restatement: Mapped[bool] = mapped_column(server_default=text("false"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        Index(
            "uq_outbox_aggregate_version",
            "aggregate_id",
            "version",
            unique=True,
            postgresql_where=text("NOT restatement"),
        ),
        {"postgresql_with": BUSY},
    )


class EventLog(ToolboxBase):
    """The log 事件日志: every event once, at a gapless `position`. Appended by the sequencer alone.

    Partitioned by ranges of position (schema `log_parts`). One event per version is kept by the history's
    key and checked by `audit.verify`: a unique index here would have to contain the position. An erased row
    has lost payload and salt, and keeps its digests.
    """

    __tablename__ = "event_log"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[int] = mapped_column(Integer())
    logged_at: Mapped[datetime]
    event_id: Mapped[UUID]
    topic: Mapped[str]
    aggregate_type: Mapped[str]
    aggregate_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(Integer())
    type: Mapped[str]
    payload: Mapped[str | None]
    salt: Mapped[bytes | None]
    payload_digest: Mapped[bytes]
    history_digest: Mapped[bytes | None]
    actor: Mapped[str]
    traceparent: Mapped[str | None]
    restatement: Mapped[bool]

    __table_args__ = (
        Index("ix_event_log_topic_position", "topic", "position"),
        Index("ix_event_log_aggregate", "aggregate_id", "version"),
        {"postgresql_partition_by": "RANGE (position)"},
    )


class LogHead(ToolboxBase):
    """Where the log ends: one row, locked by whoever appends. `log_id` names this log for its readers."""

    __tablename__ = "log_head"

    sole: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    log_id: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    position: Mapped[int]
    epoch: Mapped[int] = mapped_column(Integer())
    hash: Mapped[bytes]

    __table_args__ = (
        CheckConstraint("sole", name="one_row"),
        {"postgresql_with": {**BUSY, "fillfactor": "10"}},
    )


class LogBatch(ToolboxBase):
    """One link of the hash chain 哈希链: hash = SHA-256(hash before || rows first..last)."""

    __tablename__ = "log_batch"

    last: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first: Mapped[int]
    hash: Mapped[bytes]


class LogEpoch(ToolboxBase):
    """A life of the log; a new one begins after a restore from backup, behind `restored_to`."""

    __tablename__ = "log_epoch"

    epoch: Mapped[int] = mapped_column(Integer(), primary_key=True, autoincrement=False)
    started_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    restored_to: Mapped[int]


class BusCursor(ToolboxBase):
    """How far a sink of the log has acknowledged (发布游标), and who works on it until when."""

    __tablename__ = "bus_cursor"

    sink: Mapped[str] = mapped_column(primary_key=True)
    target: Mapped[str] = mapped_column(server_default=text("''"))
    epoch: Mapped[int] = mapped_column(Integer())
    position: Mapped[int]
    holder: Mapped[str | None]
    held_until: Mapped[datetime | None]

    __table_args__ = ({"postgresql_with": {**BUSY, "fillfactor": "10"}},)


class ConsumerOffset(ToolboxBase):
    """Where a consumer goes on in one partition of a topic, stored with the effect (消费位点).

    `origin` names the log or the cluster that the offset belongs to: in another one it means nothing.
    """

    __tablename__ = "consumer_offset"

    consumer: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    partition: Mapped[int] = mapped_column(SmallInteger(), primary_key=True)
    origin: Mapped[str]
    epoch: Mapped[int] = mapped_column(Integer())
    next: Mapped[int]

    __table_args__ = ({"postgresql_with": {**BUSY, "fillfactor": "50"}},)


class VersionGate(ToolboxBase):
    """The last version of an aggregate that a consumer has taken in (版本闸). Version 0: none yet."""

    __tablename__ = "version_gate"

    consumer: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    aggregate_id: Mapped[UUID] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer())
    version: Mapped[int] = mapped_column(Integer())
    position: Mapped[int]
    parked: Mapped[bool]

    __table_args__ = (
        Index("ix_version_gate_parked", "consumer", "topic", "aggregate_id", postgresql_where=text("parked")),
        {"postgresql_with": {"fillfactor": "80"}},
    )


class EpochSeen(ToolboxBase):
    """A producer's new epoch that a consumer has heard of, and the position it was restored to."""

    __tablename__ = "epoch_seen"

    consumer: Mapped[str] = mapped_column(primary_key=True)
    producer: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer(), primary_key=True, autoincrement=False)
    restored_to: Mapped[int]


class ParkedMessage(ToolboxBase):
    """A message that cannot be applied 搁置消息: whole, with its class, until redriven or superseded."""

    __tablename__ = "parked_message"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    consumer: Mapped[str]
    topic: Mapped[str]
    partition: Mapped[int] = mapped_column(SmallInteger())
    offset: Mapped[int]
    event_id: Mapped[UUID | None]
    aggregate_id: Mapped[UUID | None]
    type: Mapped[str | None]
    epoch: Mapped[int | None] = mapped_column(Integer())
    version: Mapped[int | None] = mapped_column(Integer())
    position: Mapped[int | None]
    data_class: Mapped[str]
    reason: Mapped[str]
    problem: Mapped[str]
    raw: Mapped[bytes | None]
    parked_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    resolution: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]

    __table_args__ = (
        Index(
            "uq_parked_message_event",
            "consumer",
            "event_id",
            unique=True,
            postgresql_where=text("resolution IS NULL AND event_id IS NOT NULL"),
        ),
        Index(
            "uq_parked_message_offset",
            "consumer",
            "topic",
            "partition",
            "offset",
            unique=True,
            postgresql_where=text("resolution IS NULL AND event_id IS NULL"),
        ),
        Index("ix_parked_message_key", "consumer", "topic", "aggregate_id", "epoch", "version"),
    )
