"""A command route with a shorter way 精简路由: for the few paths that are built for rate.

Route, document, permission, parsing and every answer stay those of `CommandRoute`. What is ordinary takes the
shorter way, which opens no session and solves no dependencies; whatever it does not settle, refusals above
all, goes the whole way, so that both say the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from fastapi import Response
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from libs.common.http.calls import Caller
from libs.common.http.edge import Edge
from libs.common.http.parsing import StrictRequest, fingerprint
from libs.common.http.route import CommandRoute, Inner


@dataclass(frozen=True, slots=True)
class Lean:
    """What the shorter way is given: the body as strict JSON, and its fingerprint."""

    request: StrictRequest
    edge: Edge
    caller: Caller
    value: Any
    fingerprint: bytes


Shorter = Callable[[Lean], Awaitable[Response | None]]
"""Answers after the commit, or None; errors of shape and of the database count as None."""


class LeanRoute(CommandRoute):
    """See `lean_route`."""

    shorter: ClassVar[Shorter]

    async def run(self, inner: Inner, request: StrictRequest, edge: Edge, caller: Caller) -> Response:
        """Read the body, try the shorter way, then the whole one."""
        digest = fingerprint(await request.body())
        asked = Lean(request, edge, caller, await request.json(), digest)
        try:
            answer = await type(self).shorter(asked)
        except (ValueError, ValidationError, DBAPIError, PoolTimeout, OSError):
            answer = None
        if answer is not None:
            return answer
        return await self._change(inner, request, edge, (caller, digest))


def lean_route(shorter: Shorter) -> type[LeanRoute]:
    """The class of a route that tries `shorter` first."""
    return type("LeanRoute", (LeanRoute,), {"shorter": staticmethod(shorter)})
