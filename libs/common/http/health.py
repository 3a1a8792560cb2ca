"""Probes 健康检查: alive = event loop and watchdogs; ready = database, migrations at head, not draining.

Kafka is not asked: while it is away the outbox keeps what is to be sent, and the service goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import text

from libs.common.db import Database
from libs.common.migration import at_head

Watchdog = Callable[[], str | None]
"""Answers what is wrong with a background task, or None."""


@dataclass
class Health:
    """One service's state as the orchestrator asks. Workers add their watchdogs; `drain` on SIGTERM."""

    service: str
    database: Database
    watchdogs: dict[str, Watchdog] = field(default_factory=dict)
    draining: bool = False
    _migrated: bool = False

    def drain(self) -> None:
        """Ask for no new requests: readiness fails from now on, serving goes on."""
        self.draining = True

    def alive(self) -> dict[str, str]:
        """What is wrong, by watchdog; empty if the process should live on."""
        asked = {name: watch() for name, watch in self.watchdogs.items()}
        return {name: fault for name, fault in asked.items() if fault is not None}

    async def ready(self) -> dict[str, str]:
        """Why no request should come here now; empty if it should."""
        if self.draining:
            return {"draining": "the process is stopping"}
        try:
            async with self.database.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
                if not self._migrated:
                    self._migrated = await connection.run_sync(at_head, self.service)
        except Exception as error:
            return {"database": type(error).__name__}
        return {} if self._migrated else {"migrations": "not at head"}
