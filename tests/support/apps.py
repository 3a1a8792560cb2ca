"""Apps for tests: made once per worker and lent out, since making one costs more than most tests do.

What a test sets is the edge (database, clock, callers, store) and the state of the probes; all else of an app
is the same for everybody who is given the service.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import ModuleType
from typing import cast

from libs.common.clocks import utc_now
from libs.common.db import Database
from libs.common.http.app import ServiceApp, create_app
from libs.common.http.edge import Authenticator, Edge
from libs.common.http.limits import Limiter
from libs.common.media.store import MediaStore
from libs.common.service import Service
from libs.common.settings import Settings

# httpx asks for it at every request in a process, and what is not there is looked for in every folder.
sys.modules.setdefault("sniffio", cast(ModuleType, None))

_FREE: dict[int, list[ServiceApp]] = {}
"""Apps that nobody has now, by the identity of their service, which an app keeps alive."""


@contextmanager
def lent_app(
    service: Service,
    *,
    database: Database,
    authenticator: Authenticator,
    clock: Callable[[], datetime] = utc_now,
    store: MediaStore | None = None,
    settings: Settings | None = None,
) -> Iterator[ServiceApp]:
    """The service's app over this database, as `create_app` makes it; nobody else has it meanwhile."""
    chosen = settings or Settings()
    free = _FREE.setdefault(id(service), [])
    if not free:
        made = create_app(service, settings=chosen, database=database, authenticator=authenticator)
        made.state.service = service
        free.append(made)
    app = free.pop()
    limiter = Limiter(chosen.requests_per_second)
    app.state.edge = Edge(service.name, database, authenticator, chosen, clock, store, limiter)
    health = app.health
    health.database, health.draining = database, False
    health.watchdogs.clear()
    try:
        yield app
    finally:
        app.dependency_overrides.clear()
        free.append(app)
