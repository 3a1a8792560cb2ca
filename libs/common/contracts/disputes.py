"""What `disputes` publishes."""

from __future__ import annotations

from libs.common.events.contract import DataClass, Event, Topic

ACCESSES = Topic(owner="disputes", noun="access", data_class=DataClass.INTERNAL)

EVENTS: tuple[type[Event], ...] = ()
"""Every event that `disputes` publishes."""
