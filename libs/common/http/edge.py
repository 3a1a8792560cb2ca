"""What every route of one service's app shares (服务边界)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from fastapi import Request

from libs.common.coalesce import Coalescer, Work
from libs.common.db import Database
from libs.common.http.limits import Limiter
from libs.common.media.store import MediaStore
from libs.common.policy import Principal
from libs.common.settings import Settings


class Authenticator(Protocol):
    """Finds out who calls. Raises `Unauthenticated`."""

    async def authenticate(self, headers: Mapping[str, str], now: datetime) -> Principal:
        """The caller behind the request's headers, at the moment `now` (UTC)."""
        ...


@dataclass(frozen=True)
class Edge:
    """The service's database, its way of knowing callers, its clock. Lives in `app.state.edge`."""

    service: str
    database: Database
    authenticator: Authenticator
    settings: Settings
    clock: Callable[[], datetime]
    store: MediaStore | None = None
    limiter: Limiter = field(default_factory=Limiter)
    _coalescers: dict[str, Coalescer[Any, Any]] = field(default_factory=dict)

    @cached_property
    def visitors(self) -> Limiter:
        """How much an address may read without signing in."""
        return Limiter(self.settings.visits_per_second)

    @cached_property
    def guesses(self) -> Limiter:
        """How often an address may ask for a number that is not there."""
        return Limiter(self.settings.guesses_per_second)

    def coalescer(self, name: str, work: Work[Any, Any]) -> Coalescer[Any, Any]:
        """The one coalescer of that name, made by the first who asks."""
        if name not in self._coalescers:
            self._coalescers[name] = Coalescer(self.database, work)
        return self._coalescers[name]


def edge_of(request: Request) -> Edge:
    """The edge of the app that the request came to."""
    edge = request.app.state.edge
    assert isinstance(edge, Edge)
    return edge
