"""`CommandRoute`: one request, one transaction, one answer (命令路由).

A dependency cannot do this: it never sees the response, so it could not store it for a repeat in the same
transaction, and what it does after `yield` may run after the reply.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from enum import Enum
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.http.calls import Caller, Command, Query, if_match, unchanged
from libs.common.http.edge import Edge, edge_of
from libs.common.http.idempotency import repeat_of, store, stored
from libs.common.http.parsing import StrictRequest, check_target, fingerprint
from libs.common.policy import GRANTS, Principal, allows, require

Inner = Callable[[Request], Awaitable[Response]]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
KEYED = "POST"
"""The method whose repeats are known by a key."""
PERMISSION = "x-permission"
NEEDS_MATCH = "x-needs-if-match"
HAS_ETAG = "x-has-etag"
TAKES_KEY = "x-takes-idempotency-key"
IS_OPEN = "x-open"


class UndeclaredPermission(RuntimeError):
    """A route without a permission, or with one that nobody grants: a mistake of the programmer."""


def permit(
    *permissions: str, extra: Mapping[str, Any] | None = None, example: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Keyword arguments of a route: the caller must hold one of the permissions. `extra` goes to OpenAPI.

    `example`: a body, where the one made of its fields would not fit this step.
    """
    told: dict[str, Any] = {PERMISSION: list(permissions), **(extra or {})}
    if example is not None:
        named = {"example": {"value": dict(example)}}
        told["requestBody"] = {"content": {"application/json": {"examples": named}}}
    return {"openapi_extra": told}


def declared_permissions(route: APIRoute) -> list[str]:
    """The permissions that the route names. Raises `UndeclaredPermission`."""
    named = (route.openapi_extra or {}).get(PERMISSION) or []
    unknown = [name for name in named if name not in GRANTS]
    if not named or unknown:
        raise UndeclaredPermission(
            f"{sorted(route.methods or ())} {route.path}: {unknown or 'none declared'}"
        )
    return list(named)


class GuardedRoute(APIRoute):
    """A route that lets in only callers who hold its permission. It opens no transaction."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self.versioned = "version" in getattr(self.response_model, "model_fields", {})
        needs_match = any(needed.call is if_match for needed in self.dependant.dependencies)
        told = {NEEDS_MATCH: needs_match, HAS_ETAG: self.versioned}
        self.openapi_extra = {**(self.openapi_extra or {}), **told}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Authenticate, authorise, then `run`."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            edge = edge_of(request)
            check_target(request.url.path, request.scope["query_string"])
            strict = StrictRequest(request.scope, request.receive)
            strict.body_limit = edge.settings.body_limit
            now = edge.clock()
            principal = await edge.authenticator.authenticate(strict.headers, now)
            edge.limiter.take(principal.subject)
            permission = held_permission(principal, declared_permissions(self))
            caller = Caller(principal, principal.actor(permission), now)
            if self.body_field is not None:
                # Before FastAPI does: it would tell every refusal as a body that cannot be parsed.
                await strict.json()
            return await self.run(inner, strict, edge, caller)

        return handle

    async def run(self, inner: Inner, request: StrictRequest, edge: Edge, caller: Caller) -> Response:
        """Call the route's function."""
        request.state.call = caller
        return await inner(request)


class CommandRoute(GuardedRoute):
    """A route whose function runs inside one transaction, or one read session if the method is safe."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self.openapi_extra = {**(self.openapi_extra or {}), TAKES_KEY: KEYED in (self.methods or ())}

    async def run(self, inner: Inner, request: StrictRequest, edge: Edge, caller: Caller) -> Response:
        """Read the body, then work, commit and reply."""
        if request.method in SAFE:
            return await self._read(inner, request, edge, caller)
        told = fingerprint(await request.body())
        return await self._change(inner, request, edge, (caller, told))

    async def _read(self, inner: Inner, request: StrictRequest, edge: Edge, caller: Caller) -> Response:
        async def work(session: AsyncSession) -> Response:
            request.state.call = Query(caller.principal, caller.actor, caller.now, session)
            return self._tagged(await inner(request))

        response = await edge.database.read(work)
        tag = response.headers.get("etag")
        same = tag and unchanged(tag, request.headers.get("if-none-match", ""))
        response = same or response
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    async def _change(
        self, inner: Inner, request: StrictRequest, edge: Edge, asked: tuple[Caller, bytes]
    ) -> Response:
        caller, body = asked
        keyed = request.method == KEYED
        repeat = repeat_of(request, caller.principal.subject, self.path, body) if keyed else None

        async def work(session: AsyncSession) -> Response:
            first = await stored(session, repeat) if repeat else None
            if first is not None:
                return first
            request.state.call = Command(caller.principal, caller.actor, caller.now, session, body)
            response = self._tagged(await inner(request))
            await session.flush()
            if repeat:
                await store(session, repeat, response, caller.now)
            return response

        return await edge.database.transact(work)

    def _tagged(self, response: Response) -> Response:
        """Give the answer an `ETag` if it shows a version."""
        if self.versioned and response.body and "etag" not in response.headers:
            version = orjson.loads(response.body)["version"]
            response.headers["ETag"] = f'"{version}"'
        return response


def held_permission(principal: Principal, permissions: Sequence[str]) -> str:
    """The first of the permissions that the caller holds. Raises `NotPermitted`, naming the first."""
    held = next((name for name in permissions if allows(principal, name)), None)
    if held is None:
        require(principal, permissions[0])
    return held or permissions[0]


def command_router(prefix: str, *, tags: Sequence[str | Enum]) -> APIRouter:
    """A router whose routes are `CommandRoute`s. `prefix` is `/<service>/v1` or deeper."""
    return APIRouter(prefix=prefix, tags=list(tags), route_class=CommandRoute)
