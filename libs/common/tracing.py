"""W3C trace context 链路追踪: one `traceparent` from the request through outbox and bus to the effect.

>>> with trace(new_traceparent()) as parent:
...     current_traceparent() == parent
True
>>> current_traceparent() is None
True
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_PATTERN = re.compile(r"^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def new_traceparent() -> str:
    """The start of a trace, not sampled."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"


def is_traceparent(value: str) -> bool:
    """Whether the text is a well-formed traceparent of version 00."""
    return _PATTERN.match(value) is not None


def child_of(parent: str | None) -> str:
    """A new span of the same trace; a malformed or missing parent starts a new trace."""
    if parent is None or not _PATTERN.match(parent):
        return new_traceparent()
    version, trace_id, _, flags = parent.split("-")
    return f"{version}-{trace_id}-{secrets.token_hex(8)}-{flags}"


def current_traceparent() -> str | None:
    """The traceparent of what is being done now, or None."""
    return _current.get()


def trace_id() -> str | None:
    """The trace id of what is being done now: named in every problem document and log line."""
    parent = _current.get()
    return parent.split("-")[1] if parent else None


@contextmanager
def trace(parent: str) -> Iterator[str]:
    """Do the enclosed work under `parent`."""
    token = _current.set(parent)
    try:
        yield parent
    finally:
        _current.reset(token)
