"""The toolbox's tables: event path, handovers, HTTP edge, media.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SEQUENCE outbox_id_seq")
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("areas", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("revoked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
    )
    op.create_table(
        "bus_cursor",
        sa.Column("sink", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("held_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("sink", name=op.f("pk_bus_cursor")),
        postgresql_with={
            "autovacuum_vacuum_scale_factor": "0",
            "autovacuum_vacuum_threshold": "2000",
            "autovacuum_vacuum_cost_delay": "0",
            "autovacuum_analyze_scale_factor": "0",
            "autovacuum_analyze_threshold": "5000",
            "fillfactor": "10",
        },
    )
    op.create_table(
        "consumer_offset",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "topic", "partition", name=op.f("pk_consumer_offset")),
        postgresql_with={
            "autovacuum_vacuum_scale_factor": "0",
            "autovacuum_vacuum_threshold": "2000",
            "autovacuum_vacuum_cost_delay": "0",
            "autovacuum_analyze_scale_factor": "0",
            "autovacuum_analyze_threshold": "5000",
            "fillfactor": "50",
        },
    )
    op.create_table(
        "denial",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_denial")),
    )
    op.create_index("ix_denial_expires_at", "denial", ["expires_at"], unique=False)
    op.create_table(
        "epoch_seen",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("producer", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("restored_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "producer", "epoch", name=op.f("pk_epoch_seen")),
    )
    op.create_table(
        "event_log",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("logged_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("aggregate_type", sa.Text(), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("payload_digest", sa.LargeBinary(), nullable=False),
        sa.Column("history_digest", sa.LargeBinary(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column("restatement", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_event_log")),
        postgresql_partition_by="RANGE (position)",
    )
    op.create_index("ix_event_log_aggregate", "event_log", ["aggregate_id", "version"], unique=False)
    op.create_index("ix_event_log_topic_position", "event_log", ["topic", "position"], unique=False)
    op.create_table(
        "handover_media",
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("copied_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("handover_id", "hash", name=op.f("pk_handover_media")),
    )
    op.create_index(
        "ix_handover_media_next",
        "handover_media",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("copied_at IS NULL"),
    )
    op.create_table(
        "handover_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("replies_to", sa.Integer(), nullable=False),
        sa.Column("reply_to_id", sa.Uuid(), nullable=True),
        sa.Column("happened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint("author IN ('sender', 'receiver')", name=op.f("ck_handover_step_author")),
        sa.CheckConstraint("applied = (why IS NULL)", name=op.f("ck_handover_step_applied")),
        sa.ForeignKeyConstraint(
            ["reply_to_id"], ["handover_step.id"], name=op.f("fk_handover_step_reply_to_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_step")),
        sa.UniqueConstraint(
            "handover_id", "author", "version", name=op.f("uq_handover_step_handover_id_author_version")
        ),
    )
    op.create_table(
        "handover_wait",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("waiting_for", sa.Text(), nullable=False),
        sa.Column("effective_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("seconds > 0", name=op.f("ck_handover_wait_seconds")),
        sa.PrimaryKeyConstraint("kind", "waiting_for", "effective_at", name=op.f("pk_handover_wait")),
    )
    op.create_table(
        "history",
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("aggregate_type", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column(
            "changed", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("aggregate_id", "version", name=op.f("pk_history")),
    )
    op.create_table(
        "incoming_handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("peer_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_number", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("area", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("contents", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("requested_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("first_due_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("times", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("joint_id", sa.Uuid(), nullable=True),
        sa.Column("lead", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("reporter_withheld", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("consent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("signed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("designated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("suspended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("extension_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("extensions", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("extension_limit", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("urges", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reworks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answer", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("on_time", sa.Boolean(), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column(
            "waits", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("waiting_for", sa.Text(), nullable=True),
        sa.Column("waiting_since", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("wait_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("timed_out_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('requested', 'signed', 'return_requested', 'answered', 'accepted', 'returned', 'withdrawn')",
            name=op.f("ck_incoming_handover_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_handover")),
    )
    op.create_index(
        "ix_incoming_handover_timed_out",
        "incoming_handover",
        ["timed_out_at", "id"],
        unique=False,
        postgresql_where=sa.text("timed_out_at IS NOT NULL"),
    )
    op.create_index("ix_incoming_handover_unit", "incoming_handover", ["unit_id", "state"], unique=False)
    op.create_index(
        "ix_incoming_handover_wait",
        "incoming_handover",
        ["wait_until"],
        unique=False,
        postgresql_where=sa.text("timed_out_at IS NULL AND wait_until IS NOT NULL"),
    )
    op.create_table(
        "log_batch",
        sa.Column("last", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("last", name=op.f("pk_log_batch")),
    )
    op.create_table(
        "log_epoch",
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "started_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("restored_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("epoch", name=op.f("pk_log_epoch")),
    )
    op.create_table(
        "log_head",
        sa.Column("sole", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("log_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("sole", name=op.f("ck_log_head_one_row")),
        sa.PrimaryKeyConstraint("sole", name=op.f("pk_log_head")),
        postgresql_with={
            "autovacuum_vacuum_scale_factor": "0",
            "autovacuum_vacuum_threshold": "2000",
            "autovacuum_vacuum_cost_delay": "0",
            "autovacuum_analyze_scale_factor": "0",
            "autovacuum_analyze_threshold": "5000",
            "fillfactor": "10",
        },
    )
    op.create_table(
        "media_link",
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record_type", "record_id", "hash", "purpose", name=op.f("pk_media_link")),
    )
    op.create_index("ix_media_link_hash", "media_link", ["hash"], unique=False)
    op.create_table(
        "media_object",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("stored_digest", sa.Text(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("touched_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("stored_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("gone_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("hash ~ '^[0-9a-f]{64}$'", name=op.f("ck_media_object_hash")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_media_object")),
    )
    op.create_index(
        "ix_media_object_gone",
        "media_object",
        ["gone_at"],
        unique=False,
        postgresql_where=sa.text("gone_at IS NOT NULL"),
    )
    op.create_index("ix_media_object_touched_at", "media_object", ["touched_at"], unique=False)
    op.create_table(
        "media_upload",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", "subject", name=op.f("pk_media_upload")),
    )
    op.create_table(
        "outbox",
        sa.Column(
            "id",
            sa.BigInteger(),
            server_default=sa.text(
                "CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('outbox_id_seq'::regclass) END"
            ),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("aggregate_type", sa.Text(), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("history_digest", sa.LargeBinary(), nullable=True),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column("restatement", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("event_id", name=op.f("uq_outbox_event_id")),
        postgresql_with={
            "autovacuum_vacuum_scale_factor": "0",
            "autovacuum_vacuum_threshold": "2000",
            "autovacuum_vacuum_cost_delay": "0",
            "autovacuum_analyze_scale_factor": "0",
            "autovacuum_analyze_threshold": "5000",
        },
    )
    op.create_index(
        "uq_outbox_aggregate_version",
        "outbox",
        ["aggregate_id", "version"],
        unique=True,
        postgresql_where=sa.text("NOT restatement"),
    )
    op.create_table(
        "outgoing_handover",
        sa.Column("once_key", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("peer_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_number", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("area", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("contents", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("requested_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("first_due_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("times", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("joint_id", sa.Uuid(), nullable=True),
        sa.Column("lead", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("reporter_withheld", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("consent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("signed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("designated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("suspended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("extension_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("extensions", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("extension_limit", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("urges", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reworks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answer", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("on_time", sa.Boolean(), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column(
            "waits", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("waiting_for", sa.Text(), nullable=True),
        sa.Column("waiting_since", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("wait_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("timed_out_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('requested', 'signed', 'return_requested', 'answered', 'accepted', 'returned', 'withdrawn')",
            name=op.f("ck_outgoing_handover_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_handover")),
    )
    op.create_index("ix_outgoing_handover_subject", "outgoing_handover", ["subject_id"], unique=False)
    op.create_index(
        "ix_outgoing_handover_timed_out",
        "outgoing_handover",
        ["timed_out_at", "id"],
        unique=False,
        postgresql_where=sa.text("timed_out_at IS NOT NULL"),
    )
    op.create_index(
        "ix_outgoing_handover_wait",
        "outgoing_handover",
        ["wait_until"],
        unique=False,
        postgresql_where=sa.text("timed_out_at IS NULL AND wait_until IS NOT NULL"),
    )
    op.create_index(
        "uq_outgoing_handover_joint_lead",
        "outgoing_handover",
        ["joint_id"],
        unique=True,
        postgresql_where=sa.text("lead AND ended_at IS NULL AND joint_id IS NOT NULL"),
    )
    op.create_index(
        "uq_outgoing_handover_joint_unit",
        "outgoing_handover",
        ["joint_id", "unit_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL AND joint_id IS NOT NULL"),
    )
    op.create_index(
        "uq_outgoing_handover_once",
        "outgoing_handover",
        ["kind", "subject_id", "once_key"],
        unique=True,
        postgresql_where=sa.text("once_key IS NOT NULL"),
    )
    op.create_table(
        "parked_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("aggregate_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("data_class", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column(
            "parked_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("resolved_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked_message")),
    )
    op.create_index(
        "ix_parked_message_key",
        "parked_message",
        ["consumer", "topic", "aggregate_id", "epoch", "version"],
        unique=False,
    )
    op.create_index(
        "uq_parked_message_event",
        "parked_message",
        ["consumer", "event_id"],
        unique=True,
        postgresql_where=sa.text("resolution IS NULL AND event_id IS NOT NULL"),
    )
    op.create_index(
        "uq_parked_message_offset",
        "parked_message",
        ["consumer", "topic", "partition", "offset"],
        unique=True,
        postgresql_where=sa.text("resolution IS NULL AND event_id IS NULL"),
    )
    op.create_table(
        "reference_load",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("loaded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_reference_load")),
    )
    op.create_table(
        "stored_answer",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("headers", postgresql.ARRAY(sa.Text(), dimensions=2), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_stored_answer")),
    )
    op.create_index("ix_stored_answer_stored_at", "stored_answer", ["stored_at"], unique=False)
    op.create_table(
        "version_gate",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("parked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "topic", "aggregate_id", name=op.f("pk_version_gate")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "ix_version_gate_parked",
        "version_gate",
        ["consumer", "topic", "aggregate_id"],
        unique=False,
        postgresql_where=sa.text("parked"),
    )
    op.execute("CREATE SCHEMA IF NOT EXISTS log_parts")
    op.execute(
        "CREATE TABLE IF NOT EXISTS log_parts.event_log_000000 (LIKE event_log INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
    )
    op.execute(
        "ALTER TABLE event_log ATTACH PARTITION log_parts.event_log_000000 FOR VALUES FROM (0) TO (1000000)"
    )
    op.execute(
        "INSERT INTO log_head (position, epoch, hash) VALUES (0, 1, decode(repeat('00', 32), 'hex')) ON CONFLICT DO NOTHING"
    )
    op.execute("INSERT INTO log_epoch (epoch, restored_to) VALUES (1, 0) ON CONFLICT DO NOTHING")
