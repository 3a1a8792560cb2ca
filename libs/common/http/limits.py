"""Bounds 限额: how much a caller may ask, and how large a request's head may be.

>>> limiter = Limiter(0.1, seconds=lambda: 0.0)
>>> limiter.take("somebody")
>>> limiter.take("somebody")
Traceback (most recent call last):
...
libs.common.http.faults.TooManyRequests: Too many requests, try again later
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil

from starlette.types import Scope

from libs.common.http.faults import AddressTooLong, HeadersTooLarge, Malformed, TooManyRequests

BURST_SECONDS = 10
"""A caller may save up this many seconds' worth of requests."""

MOST_CALLERS = 10_000
BATCH_LIMIT = 100
"""Most items of one batch command."""

HEADERS_LIMIT = 32 * 1024
ADDRESS_LIMIT = 8 * 1024
PARAMETERS_LIMIT = 100
"""Most parameters in a query."""


class Limiter:
    """A bucket per caller, filled at `per_second`. Of one process; the gateway guards the rest."""

    def __init__(self, per_second: float = 0, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self.most_callers = MOST_CALLERS
        self._per_second = per_second
        self._seconds = seconds
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, caller: str) -> None:
        """Take one request from the caller's bucket. Raises `TooManyRequests` when it is empty."""
        if not self._per_second:
            return
        now, burst = self._seconds(), max(1.0, self._per_second * BURST_SECONDS)
        left, at = self._buckets.get(caller, (burst, now))
        left = min(burst, left + (now - at) * self._per_second)
        if left < 1:
            raise TooManyRequests(retry_after=ceil((1 - left) / self._per_second))
        if len(self._buckets) >= self.most_callers and caller not in self._buckets:
            self._forget(now, burst)
        self._buckets[caller] = (left - 1, now)

    def give_back(self, caller: str) -> None:
        """Take back what `take` took: the caller asked rightly."""
        if caller in self._buckets:
            left, at = self._buckets[caller]
            self._buckets[caller] = (left + 1, at)

    def _forget(self, now: float, burst: float) -> None:
        """Forget the buckets that are full again: nothing is lost by it. Where all are in use, forget all."""
        self._buckets = {
            caller: (left, at)
            for caller, (left, at) in self._buckets.items()
            if left + (now - at) * self._per_second < burst
        }
        if len(self._buckets) >= self.most_callers:
            self._buckets.clear()

    def __len__(self) -> int:
        return len(self._buckets)


def check_head(scope: Scope) -> None:
    """Raise `AddressTooLong`, `HeadersTooLarge`, or `Malformed` for too many parameters."""
    if len(scope["path"]) + len(scope["query_string"]) > ADDRESS_LIMIT:
        raise AddressTooLong(limit=ADDRESS_LIMIT)
    if sum(len(name) + len(value) for name, value in scope["headers"]) > HEADERS_LIMIT:
        raise HeadersTooLarge(limit=HEADERS_LIMIT)
    if scope["query_string"].count(b"&") >= PARAMETERS_LIMIT:
        raise Malformed(
            reason=f"more than {PARAMETERS_LIMIT} query parameters",
            reason_zh=f"查询参数超过 {PARAMETERS_LIMIT} 个",
        )
