"""Routes of shifts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.grid.cases.service import By
from services.grid.fields import AREA
from services.grid.shifts import service
from services.grid.shifts.domain import ShiftUnknown
from services.grid.shifts.schemas import CoverRead, ShiftRead, SignIn, SignOut

router = command_router("/grid/v1/shifts", tags=["shifts 到岗与交接班"])

WORK = permit("grid.shift.work")
BY_TIME = Keyset("shifts-by-time", datetime, UUID)
BY_CASE = Keyset("cover-by-case", UUID)
HANDED = Keyset("handed-by-case", UUID)


@router.get("", response_model=Page[ShiftRead], summary="到岗记录 List shifts", **permit("grid.shift.read"))
async def list_shifts(
    call: QueryDep,
    paging: PageDep,
    area: Annotated[str | None, Query(pattern=AREA, description="区划代码")] = None,
    open: Annotated[bool, Query(description="仅在岗 those who are there only")] = False,
) -> Slice[ShiftRead]:
    """Who was there, the latest first. 按到岗时间倒序"""
    rows = await service.list_shifts(
        call.session,
        call.principal,
        service.Shown(area, open),
        after=BY_TIME.after(paging),
        limit=paging.limit + 1,
    )
    page = BY_TIME.slice(rows, paging, key=lambda row: (row.signed_in_at, row.id))
    return Slice([ShiftRead.model_validate(row) for row in page.items], page.next)


@router.get("/mine", response_model=ShiftRead, summary="我的班次 My latest shift", **WORK)
async def my_shift(call: QueryDep) -> service.Shift:
    """The caller's latest shift, open or ended. 本人最近班次"""
    shift = await service.last_of(call.session, call.principal.subject)
    if shift is None:
        raise ShiftUnknown
    return shift


@router.get("/cover", response_model=Page[CoverRead], summary="谁接手我的工作 Who has my work", **WORK)
async def who_has_my_work(call: QueryDep, paging: PageDep) -> Slice[CoverRead]:
    """What is with me now, and who would have it were I off. 本人在手案件及接手人"""
    after = BY_CASE.after(paging)
    found = await service.covers(
        call.session,
        call.principal.subject,
        call.now,
        after=after[0] if after else None,
        limit=paging.limit + 1,
    )
    items = [
        CoverRead(
            case_id=one.case.id, receipt_number=one.case.receipt_number, part=one.part,
            to_person=one.cover.person, how=one.cover.how,
        )
        for one in found
    ]  # fmt: skip
    return BY_CASE.slice(items, paging, key=lambda item: [item.case_id])


@router.get(
    "/{shift_id}/handed",
    response_model=Page[CoverRead],
    summary="交接明细 What was handed over",
    **permit("grid.shift.work", "grid.shift.read"),
)
async def list_handed(shift_id: UUID, call: QueryDep, paging: PageDep) -> Slice[CoverRead]:
    """Who has each case since the shift ended, and why. 交接去向及依据"""
    shift = await service.find(call.session, shift_id, call.principal)
    after = HANDED.after(paging)
    rows = await service.handed_of(
        call.session, shift, after=after[0] if after else None, limit=paging.limit + 1
    )
    items = [CoverRead.model_validate({**vars(row), "receipt_number": number}) for row, number in rows]
    return HANDED.slice(items, paging, key=lambda item: [item.case_id])


@router.post("/sign-in", response_model=ShiftRead, status_code=201, summary="到岗签到 Sign in", **WORK)
async def sign_in(body: SignIn, call: CommandDep) -> service.Shift:
    """From now on the caller is on duty there; the place is kept coarsely. 位置仅概略留存"""
    by = By(call.actor, call.now, call.principal)
    return await service.sign_in(call.session, body.arrival(), by=by)


@router.post("/sign-out", response_model=ShiftRead, summary="交班 Sign out and hand over", **WORK)
async def sign_out(body: SignOut, call: CommandDep) -> service.Shift:
    """What the caller has goes to who takes over; with nobody there, on the dispatcher's queue. 交接案件"""
    by = By(call.actor, call.now, call.principal)
    return await service.sign_out(call.session, body.departure(), by=by)


@router.post(
    "/{shift_id}/relieve",
    response_model=ShiftRead,
    summary="代为交接 Hand over for somebody",
    **permit("grid.shift.relieve"),
)
async def relieve(shift_id: UUID, body: SignOut, version: IfMatch, call: CommandDep) -> service.Shift:
    """For who went without a word, or whose cases still wait for somebody. 未交班或仍有待接手案件"""
    by = By(call.actor, call.now, call.principal, version)
    return await service.relieve(call.session, shift_id, body.departure(), by=by)
