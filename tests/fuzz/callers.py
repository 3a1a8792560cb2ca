"""Three callers per service: who decides, who works on the ground, and somebody with no business there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from libs.common.clocks import utc_now
from libs.common.http.dev_tokens import DemoScope, DevIssuer
from libs.common.ids import new_id
from libs.common.policy import Role
from libs.common.settings import Settings
from tests.flows.reference import DISTRICT, TOWN

NEIGHBOURHOOD = "310107005001"
OFFICE: Mapping[str, frozenset[Role]] = {
    "grid": frozenset({Role.ADMINISTRATOR, Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER}),
    "tasks": frozenset({Role.ADMINISTRATOR, Role.SUPERVISION_OFFICE, Role.LEADER, Role.TARGET_OFFICER}),
    "disputes": frozenset({Role.ADMINISTRATOR, Role.CENTRE_COORDINATOR, Role.DISTRICT_MEDIATION}),
    "targets": frozenset({Role.ADMINISTRATOR, Role.TARGET_OFFICER, Role.LEADER}),
}
"""Who decides. A small town's office holds several roles, so that one caller reaches deep."""
FIELD: Mapping[str, frozenset[Role]] = {
    "grid": frozenset({Role.INSPECTOR, Role.HOTLINE_OFFICER}),
    "tasks": frozenset({Role.UNIT_CLERK, Role.UNIT_LEADER}),
    "disputes": frozenset({Role.MEDIATOR}),
    "targets": frozenset({Role.UNIT_CLERK}),
}
"""Who works on the ground."""
STRANGER: Mapping[str, frozenset[Role]] = {
    "grid": frozenset({Role.MEDIATOR}),
    "tasks": frozenset({Role.COMMITTEE_MEMBER}),
    "disputes": frozenset({Role.INSPECTOR}),
    "targets": frozenset({Role.FIRM_MANAGER}),
}
"""Who has no business there."""
CALLERS: Mapping[str, Mapping[str, frozenset[Role]]] = {
    "office": OFFICE,
    "field": FIELD,
    "stranger": STRANGER,
}


class Callers:
    """Mints tokens for the callers; `unit_id` and `body_id` are where those of the field belong."""

    def __init__(self, folder: Path) -> None:
        settings = Settings()
        self._issuer = DevIssuer.open(folder, issuer=settings.issuer, audience=settings.audience)
        self._field = DemoScope("演示", (NEIGHBOURHOOD,))

    def token(self, caller: str, service: str) -> str:
        """A fresh token of a caller, for the service."""
        roles = sorted(CALLERS[caller][service])
        scope = self._field if caller != "office" else DemoScope("演示", (DISTRICT,))
        now = utc_now()
        claims: dict[str, Any] = {
            "iss": Settings().issuer,
            "aud": Settings().audience,
            "sub": f"fuzz:{caller}",
            "jti": new_id().hex,
            "iat": int(now.timestamp()),
            "exp": int(now.timestamp()) + 900,
            "roles": roles,
            "areas": list(scope.areas),
            "unit": scope.unit_id and str(scope.unit_id),
            "body": scope.body_id and str(scope.body_id),
        }
        return self._issuer.sign({name: value for name, value in claims.items() if value is not None})

    def settle(self, url: str) -> None:
        """Enter the unit that those of the field work in, and the body that they mediate for."""
        unit = {
            "code": f"{TOWN}.fuzz",
            "name_zh": "演示单位",
            "name_en": "demo unit",
            "kind": "office",
            "area": TOWN,
            "source": "演示",
        }
        made = httpx.post(f"{url}/tasks/v1/units", json=unit, headers=self._headers("tasks"))
        assert made.status_code == 201, made.text
        bodies = httpx.get(f"{url}/disputes/v1/bodies", headers=self._headers("disputes"))
        assert bodies.status_code == 200, bodies.text
        unit_id, body_id = UUID(made.json()["id"]), UUID(bodies.json()["items"][0]["id"])
        self._field = replace(self._field, unit_id=unit_id, body_id=body_id)

    def _headers(self, service: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token('office', service)}",
            "Idempotency-Key": str(new_id()),
        }
