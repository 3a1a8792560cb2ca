"""Readings that need no sign-in 公众查询: bounded by address, cached for a minute, alike for everybody.

Only permissions of `policy.OPEN` can be had like this; credentials that come along are not looked at. What
changes something (`OpenCommand`) takes effect once by its own nature and needs no Idempotency-Key.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Work
from libs.common.http.calls import unchanged
from libs.common.http.edge import Edge, edge_of
from libs.common.http.limits import Limiter
from libs.common.http.parsing import StrictRequest, check_target
from libs.common.http.route import IS_OPEN, KEYED, SAFE, UndeclaredPermission, declared_permissions
from libs.common.policy import OPEN

CACHED = "public, max-age=60"
"""A minute: the same question of many costs one reading, and nobody sees what is long past."""


@dataclass(frozen=True)
class Visit:
    """A reading by nobody in particular. `now` is UTC; the session is for reading only."""

    now: datetime
    session: AsyncSession
    address: str
    guesses: Limiter

    @contextmanager
    def guessing(self) -> Iterator[None]:
        """What fails in here counts as a guess of the address. Raises `TooManyRequests` before it is tried.

        Who has no guess left is told nothing more of right ones either, so that the refusal says nothing.
        """
        self.guesses.take(self.address)
        yield
        self.guesses.give_back(self.address)


async def _visit(request: Request) -> Visit:
    call = request.state.call
    assert isinstance(call, Visit)
    return call


VisitDep = Annotated[Visit, Depends(_visit)]


class OpenRoute(APIRoute):
    """A `GET` that lets in everybody. Raises `UndeclaredPermission` for what is not open by the policy."""

    only = SAFE

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        methods = self.methods or set()
        if not OPEN.issuperset(declared_permissions(self)) or not self.only.issuperset(methods):
            raise UndeclaredPermission(f"{sorted(methods)} {path} is not open to everybody")
        self.openapi_extra = {**(self.openapi_extra or {}), IS_OPEN: True}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Take the visit from the address's share, then read and tag the answer."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            edge = edge_of(request)
            check_target(request.url.path, request.scope["query_string"])
            address = address_of(request, edge.settings.address_header)
            edge.visitors.take(address)
            now = edge.clock()
            strict = StrictRequest(request.scope, request.receive)
            strict.body_limit = edge.settings.body_limit
            if self.body_field is not None:
                await strict.json()

            async def work(session: AsyncSession) -> Response:
                request.state.call = Visit(now, session, address, edge.guesses)
                return await inner(strict)

            return await self.run(edge, work, request.headers.get("if-none-match", ""))

        return handle

    async def run(self, edge: Edge, work: Work[Response], held: str) -> Response:
        """Read, and tag the answer."""
        answer = await edge.database.read(work)
        tag = f'"{sha256(answer.body).hexdigest()[:32]}"'
        answer = unchanged(tag, held) or answer
        answer.headers.setdefault("Cache-Control", CACHED)
        answer.headers["ETag"] = tag
        return answer


class OpenCommand(OpenRoute):
    """A `POST` that lets in everybody: one transaction, like every command."""

    only = frozenset({KEYED})

    async def run(self, edge: Edge, work: Work[Response], held: str) -> Response:
        """Work, commit and reply."""
        return await edge.database.transact(work)


def address_of(request: Request, header: str) -> str:
    """Where the visit comes from: what the gateway's header says, or the other end of the connection."""
    told = request.headers.get(header, "") if header else ""
    return told or (request.client.host if request.client else "")


def open_router(prefix: str, *, tags: Sequence[str | Enum]) -> APIRouter:
    """A router whose routes are `OpenRoute`s. `prefix` is `/<service>/v1/public`."""
    return APIRouter(prefix=prefix, tags=list(tags), route_class=OpenRoute)


def open_commands(prefix: str, *, tags: Sequence[str | Enum]) -> APIRouter:
    """The same of `OpenCommand`s."""
    return APIRouter(prefix=prefix, tags=list(tags), route_class=OpenCommand)
