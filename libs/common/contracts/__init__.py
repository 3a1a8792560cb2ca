"""The vocabulary that the four services share 事件契约: every published event, and the topics."""

from __future__ import annotations

from collections.abc import Mapping

from libs.common.contracts import access, disputes, epochs, grid, handover, targets, tasks
from libs.common.events.contract import Event, Topic

EVENTS: Mapping[str, type[Event]] = {
    event.type: event
    for module in (grid, tasks, disputes, targets, handover, access, epochs)
    for event in module.EVENTS
}
"""Every event class by its type."""

TOPICS: Mapping[str, Topic] = {event.topic.name: event.topic for event in EVENTS.values()}
"""Every topic by its name."""


def own_topics(service: str) -> tuple[Topic, ...]:
    """What the service publishes."""
    return tuple(topic for topic in TOPICS.values() if topic.owner == service)


def open_topics(reader: str) -> tuple[Topic, ...]:
    """What the service may read of others."""
    return tuple(topic for topic in TOPICS.values() if reader in topic.readers)
