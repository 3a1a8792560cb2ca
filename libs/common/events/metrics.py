"""Figures of the event path for Prometheus 事件指标. Bound once; labels are services, topics and reasons."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

SEQUENCED = Counter("jiayuan_log_appended_total", "Events appended to the log")
SEQUENCER_LAG = Gauge("jiayuan_outbox_oldest_seconds", "Age of the oldest event of the last batch sequenced")
SEQUENCER_PASSED_OVER = Counter(
    "jiayuan_sequencer_passed_over_total", "Batches that only a full scan found: must stay 0"
)
PUBLISHED = Counter("jiayuan_published_total", "Events acknowledged by the bus", ["sink"])
PUBLISHER_LAG = Gauge("jiayuan_publisher_lag_events", "Events in the log not yet acknowledged", ["sink"])
PRODUCER_REPLACED = Counter("jiayuan_producer_replaced_total", "Kafka producers given up and made anew")
CONSUMED = Counter("jiayuan_consumed_total", "Messages by what the version gate did", ["consumer", "verdict"])
CONSUMER_LAG = Gauge("jiayuan_consumer_lag", "Messages or positions behind", ["consumer", "topic"])
CONSUMER_REBUILT = Counter(
    "jiayuan_consumer_rebuilt_total", "Stuck consumers given up and made anew", ["consumer"]
)
PARKED = Counter("jiayuan_parked_total", "Messages parked", ["consumer", "topic", "reason"])
REDRIVEN = Counter("jiayuan_redriven_total", "Parked messages applied at last", ["consumer", "topic"])
RESTARTS = Counter("jiayuan_loop_errors_total", "Errors after which a loop went on", ["loop", "kind"])
PROGRESS = Gauge("jiayuan_loop_progress_timestamp_seconds", "When a loop last came round", ["loop"])
