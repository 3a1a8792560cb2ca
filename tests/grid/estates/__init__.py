"""Callers whose scope is estates: firms' managers and members of owners' committees."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from libs.common.policy import Role
from tests.grid.factories import as_


def bound(
    role: Role, *estates: UUID, until: datetime | None = None, areas: Sequence[str] = ()
) -> dict[str, str]:
    """Headers of a caller who is bound to estates, until the term ends."""
    headers = as_(role, areas=areas)
    told = json.loads(headers["x-test-caller"]) | {"estates": [str(estate) for estate in estates]}
    told["until"] = until.isoformat() if until else None
    return headers | {"x-test-caller": json.dumps(told)}
