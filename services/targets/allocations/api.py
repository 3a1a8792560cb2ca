"""Routes of allocations."""

from __future__ import annotations

from uuid import UUID

from libs.common.clocks import local_date
from libs.common.http.calls import Command, CommandDep, IfMatch, Query, QueryDep
from libs.common.http.route import command_router, permit
from services.targets.allocations import service
from services.targets.allocations.schemas import AllocateWrite, AllocationRead, SheetRead
from services.targets.allocations.service import Sheet
from services.targets.directory import service as directory
from services.targets.plans.service import By

router = command_router("/targets/v1/targets", tags=["allocations 分解"])

READ = permit("targets.allocation.read")
WRITE = permit("targets.allocation.write")


@router.get("/{target_id}/allocations", response_model=SheetRead, summary="分解表 Read the shares", **READ)
async def read_allocations(target_id: UUID, call: QueryDep) -> SheetRead:
    """The shares in the caller's areas or of the caller's unit, and how all add up. 本辖区、本单位的分解项"""
    return await _shape(call, await service.sheet(call.session, target_id, call.principal))


@router.put("/{target_id}/allocations", response_model=SheetRead, summary="分解目标 Share out", **WRITE)
async def allocate(target_id: UUID, body: AllocateWrite, expect: IfMatch, call: CommandDep) -> SheetRead:
    """What is left out is taken back; a shortfall or an excess is told, not refused. 未列入的分解项即取消"""
    by = By(call.actor, call.now, call.principal, expect)
    shares = [each.plain() for each in body.items]
    return await _shape(call, await service.allocate(call.session, target_id, shares, body.reserve, by))


async def _shape(call: Query | Command, sheet: Sheet) -> SheetRead:
    ids = {row.unit_id for row in sheet.items}
    names = await directory.unit_names(call.session, ids, local_date(call.now))
    items = []
    for row in sheet.items:
        shown = AllocationRead.model_validate(row)
        known = names.get(row.unit_id)
        items.append(shown.model_copy(update={"unit_name": known.name_zh if known else None}))
    return SheetRead(
        target_id=sheet.target.id,
        version=sheet.target.version,
        items=items,
        reserve=sheet.target.reserve,
        total=sheet.total,
        balance=sheet.balance,
    )
