"""What `targets` publishes."""

from __future__ import annotations

from libs.common.events.contract import DataClass, Event, Topic

ACCESSES = Topic(owner="targets", noun="access", data_class=DataClass.INTERNAL)

EVENTS: tuple[type[Event], ...] = ()
"""Every event that `targets` publishes."""
