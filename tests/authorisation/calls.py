"""Sends one call as one caller, and says what class of answer came."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import httpx

from libs.common.ids import new_id
from libs.common.policy import Role
from tests.authorisation.places import Home, Named, Place
from tests.authorisation.table import PLACES, Table

ORIGIN = "http://matrix.test"
NEW = "new"
"""A path parameter that is a fresh id in every call."""

UNFIT = frozenset({400, 401, 405, 413, 415, 428})
"""Statuses that say nothing of rights: the test's own call is wrong."""
OUTSIDE = frozenset({"area-outside-scope"})
"""Codes of 422 that refuse an area for being outside the caller's."""


@dataclass(frozen=True)
class Call:
    """What is sent to an operation: `names` fill its path; `body` may be a function that makes a fresh one.

    `shows` must be in the answer, or the record counts as hidden; `area`: where it lies, if not at home.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    version: int = 1
    params: Mapping[str, Any] = field(default_factory=dict)
    shows: str = ""
    subject: str | None = None
    area: str = ""
    photo: bytes = b""
    kind: str = "image/jpeg"


@dataclass
class World:
    """One service with its records: what is sent to each operation, and where the records lie.

    `names`: path parameters where a call does not say otherwise.
    """

    service: str
    transport: httpx.ASGITransport
    callers: Named
    home: Home
    now: datetime
    calls: dict[str, Call]
    names: dict[str, str]

    async def letters(self, operation: str, role: Role) -> str:
        """What the role gets, a letter per place."""
        call = self.calls.get(operation, Call())
        return "".join([await self.letter(operation, call, role, place) for place in PLACES])

    async def letter(self, operation: str, call: Call, role: Role, place: Place) -> str:
        """`+`, `x` or `.` of one call; `?` and the answer if it says nothing of rights."""
        return letter_of(await self.answer(operation, call, role, place), call.shows)

    async def answer(self, operation: str, call: Call, role: Role, place: Place) -> httpx.Response:
        """What the role gets from the place."""
        home = replace(self.home, area=call.area) if call.area else self.home
        principal = home.principal(role, place, self.now, call.subject)
        return await self._send(operation, call, self.callers.headers(principal))

    async def _send(self, operation: str, call: Call, who: dict[str, str]) -> httpx.Response:
        method, path = operation.split()[:2]
        names = {**self.names, **call.names}
        names = {name: str(new_id()) if value == NEW else value for name, value in names.items()}
        headers = {**who, "idempotency-key": str(new_id()), "if-match": f'"{call.version}"'}
        body = call.body() if callable(call.body) else call.body
        sent: dict[str, Any] = {"json": body} if body is not None else {}
        if call.photo:
            sent = {"content": call.photo}
            headers["content-type"] = call.kind
        target = f"/{self.service}/v1" + re.sub(r"\{(\w+)\}", lambda found: names[found.group(1)], path)
        request = httpx.Request(method, ORIGIN + target, params=call.params, headers=headers, **sent)
        # Without a client: tens of thousands of calls need no cookies and no redirects.
        answer = await self.transport.handle_async_request(request)
        await answer.aread()
        return answer


def letter_of(answer: httpx.Response, shows: str) -> str:
    """The class of the answer. A list that leaves the record out hides it as well as a 404 does."""
    status, code = answer.status_code, ""
    if status >= 400:
        code = answer.json()["code"]
    if status >= 500 or status in UNFIT or code in {"content-invalid", "route-not-found"}:
        return f"?{status} {answer.text[:300]}?"
    if status == 403 or code in OUTSIDE:
        return "x"
    if status == 404 or (status < 400 and shows not in answer.text):
        return "."
    return "+"


async def differences(world: World, table: Table) -> list[str]:
    """Every operation × role whose letters are not those of the table, a line each."""
    found = []
    for operation in table.rows[world.service]:
        for role in Role:
            expected = table.expected(world.service, operation, role)
            came = await world.letters(operation, role)
            if came != expected:
                found.append(f"{operation:60} {role:20} table {_spaced(expected)}   came {_spaced(came)}")
    return found


def _spaced(letters: str) -> str:
    return letters if "?" in letters else " ".join(letters)


def operations(document: Mapping[str, Any], service: str) -> Iterator[str]:
    """`METHOD /path` of every operation, without the service's prefix."""
    for path, item in document["paths"].items():
        for method in item:
            yield f"{method.upper()} {path.removeprefix(f'/{service}/v1')}"
