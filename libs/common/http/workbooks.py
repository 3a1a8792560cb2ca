"""Workbooks over HTTP 电子表格收发: one as a body, one as an answer, and how OpenAPI tells of both."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import Request, Response

from libs.common.http.faults import UnsupportedContent
from libs.common.tables import MEDIA_TYPE, Book, Limits, Sheet, read_workbook, write_workbook

_BINARY: dict[str, Any] = {"content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
TAKES: dict[str, Any] = {"requestBody": {"required": True, **_BINARY}}
"""The `extra` of a route that takes a workbook."""

GIVES: dict[int | str, dict[str, Any]] = {200: {"description": "An .xlsx workbook 电子表格", **_BINARY}}
"""The `responses` of a route that gives one."""


async def taken(
    request: Request, sheets: Sequence[Sheet], limits: Limits | None = None
) -> tuple[bytes, Book]:
    """The workbook of the body, and what was read of these sheets.

    Raises `UnsupportedContent`, and `TableRefused` where nothing can be read at all.
    """
    if (request.headers.get("content-type") or "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise UnsupportedContent(expected=MEDIA_TYPE)
    content = await request.body()
    return content, await asyncio.to_thread(read_workbook, content, sheets, limits)


async def given(sheets: Iterable[tuple[Sheet, Sequence[Mapping[str, Any]]]], name: str) -> Response:
    """A workbook of these rows as an attachment of this name."""
    made = await asyncio.to_thread(write_workbook, list(sheets))
    named = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(made, media_type=MEDIA_TYPE, headers=named)
