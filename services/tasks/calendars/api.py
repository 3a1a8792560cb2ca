"""Routes of the calendar."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import EARLIEST, LATEST
from services.tasks.calendars import service
from services.tasks.calendars.schemas import YearRead, YearWrite

router = command_router("/tasks/v1/calendar", tags=["calendar 工作日历"])

READ = permit("tasks.reference.read")
WRITE = permit("tasks.reference.write")

Year = Annotated[int, Path(ge=EARLIEST, le=LATEST, description="年度", examples=[2026])]


@router.get("/{year}", response_model=YearRead, summary="年度工作日历 Read a year", **READ)
async def read_year(year: Year, call: QueryDep) -> service.YearView:
    """Workdays and what differs from the statutory days; version 0 if nothing was entered. 年度工作日安排"""
    return await service.read(call.session, year)


@router.put("/{year}", response_model=YearRead, summary="修改年度工作日历 Change a year", **WRITE)
async def change_year(year: Year, body: YearWrite, expect: IfMatch, call: CommandDep) -> service.YearView:
    """Counts at once for what begins; deadlines that run stay. 即时生效，在办事项时限不变"""
    return await service.change(call.session, body.row(year), expect=expect, actor=call.actor, now=call.now)
