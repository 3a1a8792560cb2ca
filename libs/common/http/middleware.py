"""Pure ASGI middleware 中间件: one layer that traces, counts, logs, guards and answers for our mistakes.

`@app.middleware("http")` would cost more than a whole route.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.common.http.limits import check_head
from libs.common.http.problems import outer_response
from libs.common.telemetry import REQUESTS_IN_PROGRESS, observe_request
from libs.common.tracing import child_of, trace

_log = structlog.get_logger("access")

SECURITY_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Set on every answer that does not set them itself."""

QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


class Doorway:
    """The outermost layer of a service's app."""

    def __init__(self, app: ASGIApp, *, service: str) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request inside its trace."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        with trace(child_of(headers.get("traceparent"))) as traceparent:
            await self._serve(scope, receive, _Answer(send, traceparent))

    async def _serve(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        started = time.perf_counter()
        REQUESTS_IN_PROGRESS.inc()
        try:
            check_head(scope)
            await self.app(scope, receive, answer.send)
        except Exception as error:
            response = outer_response(error, Headers(scope=scope).get("accept-language"))
            if answer.status == 0:
                await response(scope, receive, answer.send)
        finally:
            REQUESTS_IN_PROGRESS.dec()
            self._tell(scope, answer.status, time.perf_counter() - started)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = template(scope)
        observe_request(self.service, scope["method"], route, status, seconds)
        if scope["path"] not in QUIET:
            _log.info(
                "request",
                service=self.service,
                method=scope["method"],
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
            )


class _Answer:
    """Adds the headers that every answer carries, and remembers the status."""

    def __init__(self, send: Send, traceparent: str) -> None:
        self._send = send
        self._traceparent = traceparent
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["traceparent"] = self._traceparent
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


def template(scope: Scope) -> str:
    """The route's path with its parameters' names, never their values; `-` if no route fits."""
    route: Any = scope.get("route")
    return getattr(route, "path", None) or (scope["path"] if scope["path"] in QUIET else "-")
