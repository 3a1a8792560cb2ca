"""Route of printing: it reads, calls the store and sets the paper outside of any transaction."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.http.calls import CallerDep
from libs.common.http.edge import edge_of
from libs.common.http.route import GuardedRoute, permit
from libs.common.media.api import store_of
from libs.common.papers import make_paper
from services.grid.dossiers.service import Viewing
from services.grid.prints import service
from services.grid.prints.service import Sheet

router = APIRouter(prefix="/grid/v1/cases", tags=["prints 案件单"], route_class=GuardedRoute)
PDF = "application/pdf"
LAYOUT = Path(__file__).parent.parent / "data" / "case_sheet.typ"
SHOWN: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {PDF: {"schema": {"type": "string", "format": "binary"}}},
        "description": "案件单 The sheet",
    }
}


@router.get(
    "/{case_id}/sheet",
    response_class=Response,
    responses=SHOWN,
    summary="打印案件单 Print a case",
    **permit("grid.case.read"),
)
async def print_case(case_id: UUID, request: Request, call: CallerDep) -> Response:
    """A PDF of what the caller may see of the case, with steps and photos; it is on record. 打印留痕"""
    edge = edge_of(request)
    viewing = Viewing(call.principal, call.now)
    wanted = await edge.database.read(partial(service.photos_of, case_id=case_id, viewing=viewing))
    held = {name: await store_of(edge).get(edge.service, name) for name in wanted}
    pictures = {name: content for name, content in held.items() if content}

    async def work(session: AsyncSession) -> Sheet:
        await service.tell_printed(session, case_id, actor=call.actor, viewing=viewing)
        return await service.gather(session, case_id, viewing, list(pictures))

    made = await edge.database.transact(work)
    content = await make_paper(LAYOUT, made.data, [pictures[name] for name in made.photos])
    named = {"Content-Disposition": f'attachment; filename="{made.number}.pdf"', "Cache-Control": "no-store"}
    return Response(content, media_type=PDF, headers=named)
