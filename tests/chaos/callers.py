"""Who sends the load 调用方: tokens of the platform's development key, fresh whenever they are needed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

from libs.common.clocks import utc_now
from libs.common.embedded.platform import DEFAULTS
from libs.common.http.dev_tokens import DevIssuer
from libs.common.policy import Role
from services.cli import demo_scopes

CITY = ("31",)
RENEW_SECONDS = 300.0


@dataclass(frozen=True)
class Caller:
    """Somebody: a role with the demonstration's scope, of another unit or of another name if said so."""

    role: Role
    unit_id: UUID | None = None
    number: int = 0


@dataclass
class Callers:
    """Mints tokens and keeps them for some minutes."""

    folder: Path
    """Where the platform keeps its keys."""
    _kept: dict[Caller, tuple[float, str]] = field(default_factory=dict)

    def token(self, caller: Caller) -> str:
        """A token that is good for some minutes more."""
        until, token = self._kept.get(caller, (0.0, ""))
        if time.monotonic() > until:
            token = self._mint(caller)
            self._kept[caller] = time.monotonic() + RENEW_SECONDS, token
        return token

    def _mint(self, caller: Caller) -> str:
        issuer = DevIssuer.open(self.folder, issuer=DEFAULTS.issuer, audience=DEFAULTS.audience)
        scope = demo_scopes()[caller.role]
        if caller.unit_id is not None:
            scope = replace(scope, unit_id=caller.unit_id, areas=())
        if caller.role is Role.TARGET_OFFICER:
            scope = replace(scope, areas=CITY)
        if caller.number:
            scope = replace(scope, subject=f"demo:{caller.role}:{caller.number}")
        return issuer.mint(caller.role, scope, utc_now())
