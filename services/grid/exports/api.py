"""Routes of exports. A file is written while it is fetched, or comes from the store: in no transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from libs.common.http.calls import CallerDep, CommandDep, QueryDep
from libs.common.http.edge import Edge, edge_of
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import GuardedRoute, command_router, permit
from libs.common.media.api import store_of
from libs.common.tables import MEDIA_TYPE as XLSX
from libs.common.tables import write_workbook
from libs.common.tables.lines import MEDIA_TYPE as CSV
from libs.common.tables.lines import head_line, lines
from services.grid.exports import service
from services.grid.exports.domain import SHEETS, ExportFormat, ExportKind, ExportUnknown, file_name
from services.grid.exports.schemas import ExportAsked, ExportRead
from services.grid.exports.service import Export

TAGS = ["exports 导出"]
router = command_router("/grid/v1/exports", tags=[*TAGS])
files = APIRouter(prefix="/grid/v1/exports", tags=[*TAGS], route_class=GuardedRoute)
MAKE = permit("grid.export.make")
LATEST = Keyset("exports-by-time", datetime, UUID)
_BINARY = {"schema": {"type": "string", "format": "binary"}}
SHOWN: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": _BINARY, XLSX: _BINARY}, "description": "文件 The file"}
}


@router.post("", response_model=ExportRead, status_code=201, summary="导出列表 Export a list", **MAKE)
async def ask_export(body: ExportAsked, call: CommandDep) -> Export:
    """Cases by the list's filter, or statistics; masked as they are on the screen, on record. 脱敏、留痕"""
    return await service.ask(call.session, body.told(), viewer=call.principal, actor=call.actor, now=call.now)


@router.get("", response_model=Page[ExportRead], summary="我的导出 My exports", **MAKE)
async def list_exports(call: QueryDep, paging: PageDep) -> Slice[Export]:
    """What one has exported, the latest first. 最新在前"""
    rows = await service.list_mine(
        call.session, call.principal.subject, after=LATEST.after(paging), limit=paging.limit + 1
    )
    return LATEST.slice(rows, paging, key=lambda row: (row.asked_at, row.id))


@router.get("/{export_id}", response_model=ExportRead, summary="导出进度 How far an export is", **MAKE)
async def read_export(export_id: UUID, call: QueryDep) -> Export:
    """One's own. 仅本人可见"""
    return await service.find(call.session, export_id, call.principal)


@files.get(
    "/{export_id}/file",
    response_class=Response,
    responses=SHOWN,
    summary="下载导出文件 Fetch an export",
    **MAKE,
)
async def fetch_export(export_id: UUID, request: Request, call: CallerDep) -> Response:
    """The file, as long as it is kept. 在保留期内下载"""
    edge = edge_of(request)
    find = partial(service.find_ready, export_id=export_id, viewer=call.principal, now=call.now)
    export = await edge.database.read(find)
    name = file_name(export.kind, export.format, export.asked_at)
    kind = XLSX if export.format == ExportFormat.XLSX else CSV
    told = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    if not export.direct:
        pieces = await store_of(edge).stream(edge.service, export.id.hex)
        if pieces is None:
            raise ExportUnknown
        return StreamingResponse(pieces, media_type=kind, headers=told)
    if export.format == ExportFormat.CSV:
        return StreamingResponse(_streamed(edge, export), media_type=kind, headers=told)
    rows = [row async for part in _parts(edge, export) for row in part.rows]
    sheet = SHEETS[ExportKind(export.kind)]
    content = await asyncio.to_thread(write_workbook, [(sheet, rows)])
    return Response(content, media_type=kind, headers=told)


async def _parts(edge: Edge, export: Export) -> AsyncIterator[service.Part]:
    after = None
    while True:
        part = await edge.database.read(partial(service.part_of, export=export, after=after))
        yield part
        after = part.after
        if after is None:
            return


async def _streamed(edge: Edge, export: Export) -> AsyncIterator[bytes]:
    """Page after page, so that no more than one is ever held."""
    sheet = SHEETS[ExportKind(export.kind)]
    yield head_line(sheet)
    async for part in _parts(edge, export):
        yield b"".join(lines(sheet, part.rows))
