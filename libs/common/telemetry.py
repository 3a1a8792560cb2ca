"""Logs and metrics 日志与指标: JSON lines without personal data, Prometheus metrics bound once.

A log line carries names of events, ids, codes, counts and times. Never bodies, query strings, names,
telephones or addresses: what slips in under a telling name or looks like a telephone or identity number is
struck out.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest

from libs.common.tracing import trace_id

STRUCK = "***"
PERSONAL = frozenset(
    {
        "address",
        "authorization",
        "body",
        "cookie",
        "description",
        "email",
        "id_number",
        "name",
        "party",
        "password",
        "payload",
        "phone",
        "query",
        "reporter",
        "secret",
        "telephone",
        "token",
    }
)
"""Keys whose values never reach a log line."""

_NUMBERS = re.compile(
    r"(?<![0-9A-Za-z-])(?:(?:\+?86[- ]?)?1[3-9][0-9]{9}|[1-9][0-9]{16}[0-9Xx])(?![0-9A-Za-z-])"
)

REQUESTS_IN_PROGRESS = Gauge("jiayuan_http_requests_in_progress", "Requests being served now")
REQUEST_SECONDS = Histogram(
    "jiayuan_http_request_seconds",
    "Time to answer, by route template",
    ["service", "method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
LOG_LINES = Counter("jiayuan_log_errors_total", "Lines logged at level error or above")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def observe_request(service: str, method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request. `route` is the template; unknown methods share one label."""
    known = method if method in METHODS else "OTHER"
    REQUEST_SECONDS.labels(service, known, route, str(status)).observe(seconds)


def metrics_text() -> bytes:
    """All metrics of this process in Prometheus' text format."""
    return generate_latest(REGISTRY)


def redact(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: strike out personal data.

    >>> redact(None, "", {"event": "call 13812345678", "phone": "x", "case": 7})
    {'event': 'call ***', 'phone': '***', 'case': 7}
    """
    for key, value in line.items():
        line[key] = STRUCK if key in PERSONAL else _clean(value)
    return line


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _NUMBERS.sub(STRUCK, value)
    if isinstance(value, dict):
        return {key: STRUCK if key in PERSONAL else _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value


def _traced(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    found = trace_id()
    if found:
        line["trace_id"] = found
    return line


def _counted(_: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if method in {"error", "critical", "exception"}:
        LOG_LINES.inc()
    return line


def _without_values(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """`exc_info` as `described` tells it."""
    given = line.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        line.update(described(error))
    return line


def described(error: BaseException) -> dict[str, list[str]]:
    """An exception as its types and places: its message and its SQL parameters may hold personal data."""
    chain: list[str] = []
    at: BaseException | None = error
    while at is not None and len(chain) < 5:
        state = getattr(getattr(at, "orig", None), "sqlstate", None)
        chain.append(f"{type(at).__module__}.{type(at).__qualname__}" + (f" {state}" if state else ""))
        at = at.__cause__ or at.__context__
    return {"error": chain, "at": _places(error)}


def _places(error: BaseException) -> list[str]:
    places = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    return places[-8:]


def configure_logging(*, level: str = "INFO", json: bool = True, stream: Any = None) -> None:
    """Set the process's logging up once, at its start. `json=False` is for a person at a terminal."""
    number = logging.getLevelNamesMapping()[level.upper()]
    renderer = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _traced,
            _counted,
            _without_values,
            redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
