"""What a route's function is given: who calls, when, and the open session (调用上下文)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.http.faults import Malformed, VersionMissing
from libs.common.http.parsing import StrictRequest
from libs.common.policy import Actor, Principal
from libs.common.versions import Stale


@dataclass(frozen=True)
class Caller:
    """A verified caller who holds the route's permission. `now` is UTC, taken once per request."""

    principal: Principal
    actor: Actor
    now: datetime


@dataclass(frozen=True)
class Query(Caller):
    """A read: the session is for reading only."""

    session: AsyncSession


@dataclass(frozen=True)
class Command(Caller):
    """A change: the session's transaction commits after the function has returned, before the reply.

    `fingerprint` is SHA-256 of the body (canonical JSON), for a `PUT` with the client's id.
    """

    session: AsyncSession
    fingerprint: bytes


async def _command(request: Request) -> Command:
    call = request.state.call
    assert isinstance(call, Command)
    return call


async def _query(request: Request) -> Query:
    call = request.state.call
    assert isinstance(call, Query)
    return call


async def _caller(request: Request) -> Caller:
    call = request.state.call
    assert isinstance(call, Caller)
    return call


async def if_match(request: Request) -> int:
    """The version in `If-Match`. Raises `VersionMissing`, `Stale` for a weak tag, `Malformed` otherwise."""
    header = request.headers.get("if-match")
    if header is None:
        raise VersionMissing
    found = re.fullmatch(r'(W/)?"(\d{1,9})"', header.strip())
    if found is None:
        raise Malformed(
            reason='If-Match is not a version like "3"', reason_zh='If-Match 应为版本号，例如 "3"'
        )
    if found.group(1):
        raise Stale(current="-", given=header)
    return int(found.group(2))


CommandDep = Annotated[Command, Depends(_command)]
QueryDep = Annotated[Query, Depends(_query)]
CallerDep = Annotated[Caller, Depends(_caller)]
IfNoneMatch = Annotated[
    str, Header(alias="If-None-Match", max_length=500, description="已有版本的 ETag the tag that you hold")
]
"""What the caller holds already, for answers whose tag costs less than they do."""


NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "未变化 Unchanged"}}
"""`responses` of such a route."""


def unchanged(tag: str, held: str) -> Response | None:
    """The answer to who holds this very tag; None for whoever must be told."""
    return Response(status_code=304, headers={"ETag": tag}) if tag in held else None


IfMatch = Annotated[int, Depends(if_match)]

__all__ = [
    "NOT_MODIFIED",
    "Caller",
    "CallerDep",
    "Command",
    "CommandDep",
    "IfMatch",
    "IfNoneMatch",
    "Query",
    "QueryDep",
    "StrictRequest",
    "if_match",
    "unchanged",
]
