"""The people 人员: callers by role, with tokens of the platform's development key."""

from __future__ import annotations

import hashlib
import io
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from PIL import Image

from libs.common.http.dev_tokens import DemoScope, DevIssuer
from libs.common.policy import Role
from services.demo.client import Answer, Client, Refused

CITY = "31"
RENEW_SECONDS = 300.0
STALE_TRIES = 6
STALE = "stale-version"


@dataclass
class Person:
    """Somebody with a role and a scope."""

    client: Client
    issuer: DevIssuer
    role: Role
    scope: DemoScope
    _token: str = ""
    _until: float = 0.0

    @property
    def subject(self) -> str:
        """Who it is at the identity provider."""
        return self.scope.subject

    async def get(self, path: str, **query: Any) -> Any:
        """Read."""
        asked = {name: value for name, value in query.items() if value is not None}
        return (await self.client.send("GET", path, self._bearer(), params=asked)).body

    async def every(self, path: str, **query: Any) -> list[Any]:
        """All items of a list, page by page."""
        page = await self.get(path, limit=100, **query)
        items = list(page["items"])
        while page.get("next"):
            page = await self.get(path, limit=100, after=page["next"], **query)
            items += page["items"]
        return items

    async def put(self, path: str, body: Any, version: int | None = None) -> Answer:
        """Send a record under an id of our own; on `version`, if it is there already."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return await self.client.send("PUT", path, self._bearer(), json=body, headers=headers)

    async def post(self, path: str, body: Any = None, version: int | None = None) -> Any:
        """Take a step, on `version` if it needs one."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return (await self.client.send("POST", path, self._bearer(), json=body or {}, headers=headers)).body

    async def step(self, record: str, verb: str, **body: Any) -> Any:
        """Take a step on the record's present version; again if somebody else was quicker."""
        tried = 0
        while True:
            version = (await self.client.send("GET", record, self._bearer())).version
            try:
                return await self.post(f"{record}/{verb}", body, version)
            except Refused as refused:
                tried += 1
                if refused.code != STALE or tried == STALE_TRIES:
                    raise

    async def photo(self, service: str, random: Random) -> str:
        """Take and upload a photo of its own; answers the name that records use."""
        content = _picture(random)
        name = hashlib.sha256(content).hexdigest()
        path, headers = f"/{service}/v1/media/{name}", {"Content-Type": "image/jpeg"}
        await self.client.send("PUT", path, self._bearer(), content=content, headers=headers)
        return name

    def _bearer(self) -> str:
        if time.monotonic() > self._until:
            self._token = self.issuer.mint(self.role, self.scope, datetime.now(UTC))
            self._until = time.monotonic() + RENEW_SECONDS
        return self._token


@dataclass
class People:
    """Everybody who takes part, made when first asked for."""

    client: Client
    issuer: DevIssuer
    _known: dict[tuple[Any, ...], Person] = field(default_factory=dict)

    def one(
        self,
        role: Role,
        *areas: str,
        unit_id: str | None = None,
        body_id: str | None = None,
        number: int = 1,
    ) -> Person:
        """Number so and so of those with this role in these areas, this unit or this mediation body."""
        key = (role, areas, unit_id, body_id, number)
        if key not in self._known:
            place = unit_id or body_id or "-".join(areas)
            scope = DemoScope(
                f"演示{role}",
                areas,
                unit_id=UUID(unit_id) if unit_id else None,
                body_id=UUID(body_id) if body_id else None,
                subject=f"demo:{role}:{place}:{number}",
            )
            self._known[key] = Person(self.client, self.issuer, role, scope)
        return self._known[key]


def _picture(random: Random) -> bytes:
    """A small picture that nobody has taken before."""
    image = Image.frombytes("RGB", (16, 12), random.randbytes(16 * 12 * 3)).resize((160, 120))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=60)
    return out.getvalue()
