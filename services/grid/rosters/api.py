"""Routes of the rota."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.clocks import local_date, start_of_local_day
from libs.common.coordinates import Crs
from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import Day, Instant
from libs.common.policy import require_area
from services.grid.fields import AREA
from services.grid.rosters import service
from services.grid.rosters.schemas import (
    ContactRead,
    GapList,
    GapRead,
    OnDutyList,
    OnDutyRead,
    TurnChange,
    TurnHistory,
    TurnList,
    TurnRead,
    TurnStep,
    TurnsWrite,
    Why,
)

router = command_router("/grid/v1/rosters", tags=["rosters 值班表"])

READ = permit("grid.roster.read")
WRITE = permit("grid.roster.write")
BY_START = Keyset("turns-by-start", datetime, UUID)
Area = Annotated[str, Query(pattern=AREA, description="区划代码", examples=["310101002001"])]
RoleAsked = Annotated[str | None, Query(pattern=r"^[a-z_]{1,30}$", description="值班角色")]


@router.get("", response_model=Page[TurnRead], summary="值班表 List the rota", **READ)
async def list_turns(
    call: QueryDep,
    paging: PageDep,
    area: Annotated[str | None, Query(pattern=AREA, description="区划代码")] = None,
    since: Annotated[Day | None, Query(description="起始日；默认今天")] = None,
    until: Annotated[Day | None, Query(description="截止日(含)；默认起始日起七天")] = None,
    role: RoleAsked = None,
) -> Slice[TurnRead]:
    """Turns that meet the days, the earliest first. 按起始时间排列"""
    first = since or local_date(call.now)
    last = until or first + timedelta(days=6)
    until_at = start_of_local_day(last + timedelta(days=1))
    wanted = service.Between(start_of_local_day(first), until_at, area, role)
    rows = await service.list_turns(
        call.session, call.principal, wanted, after=BY_START.after(paging), limit=paging.limit + 1
    )
    page = BY_START.slice(rows, paging, key=lambda row: (row.starts_at, row.id))
    return Slice([TurnRead.model_validate(row) for row in page.items], page.next)


@router.post("", response_model=TurnList, status_code=201, summary="排班 Register turns", **WRITE)
async def register_turns(body: TurnsWrite, call: CommandDep) -> TurnList:
    """A rota, taken as a whole or not at all. 整批登记"""
    wanted = [item.fields() for item in body.items]
    made = await service.register(call.session, wanted, viewer=call.principal, actor=call.actor, now=call.now)
    return TurnList(items=[TurnRead.model_validate(turn) for turn in made])


@router.get("/on-duty", response_model=OnDutyList, summary="当前值班 Who is on duty", **READ)
async def on_duty(
    call: QueryDep,
    area: Area,
    at: Annotated[Instant | None, Query(description="时点；默认现在 instant, now if left out")] = None,
) -> OnDutyList:
    """By role: whoever has the area, else whoever has the nearest area around it. 逐级向上查找"""
    require_area(call.principal, area)
    return await _duty_list(call, area, at or call.now)


@router.get(
    "/on-duty/point", response_model=OnDutyList, summary="位置当前值班 Who is on duty for a point", **READ
)
async def on_duty_at_point(
    call: QueryDep,
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)],
    lat: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)],
    crs: Annotated[Crs, Query(description="坐标系，必填 coordinate system, required")],
    at: Annotated[Instant | None, Query(description="时点；默认现在 instant, now if left out")] = None,
) -> OnDutyList:
    """Whoever has its responsibility grid, else the nearest area around it. 按责任网格查找"""
    instant = at or call.now
    code = await service.unit_grid_at(call.session, (lon, lat, crs), instant)
    require_area(call.principal, code)
    return await _duty_list(call, code, instant)


async def _duty_list(call: QueryDep, area: str, at: datetime) -> OnDutyList:
    items = [_on_duty(found) for found in await service.on_duty(call.session, area, at)]
    grid_id = await service.grid_of(call.session, area, at)
    return OnDutyList(area=area, responsibility_grid_id=grid_id, at=at, items=items)


def _on_duty(found: service.OnDuty) -> OnDutyRead:
    return OnDutyRead(
        role=found.role,
        role_zh=found.watch.zh,
        role_en=found.watch.en,
        area=found.turns[0].area if found.turns else None,
        turns=[TurnRead.model_validate(turn) for turn in found.turns],
    )


@router.get("/gaps", response_model=GapList, summary="值班空档检查 Gaps of a week", **READ)
async def list_gaps(
    call: QueryDep,
    area: Area,
    week: Annotated[Day | None, Query(description="起始日；默认今天 first of the seven days")] = None,
    above: Annotated[bool, Query(description="上级值班也算 those above count too")] = False,
) -> GapList:
    """When nobody is on duty for the area in seven days, by role. 七日内无人值班的时段"""
    require_area(call.principal, area)
    found = await service.list_gaps(call.session, area, week or local_date(call.now), above=above)
    return GapList(items=[GapRead.model_validate(gap) for gap in found])


@router.get("/{turn_id}", response_model=TurnRead, summary="查看值班 Read a turn", **READ)
async def read_turn(turn_id: UUID, call: QueryDep) -> service.Turn:
    """One turn, its contact masked. 联系方式脱敏"""
    return await service.find(call.session, turn_id, call.principal)


@router.get("/{turn_id}/history", response_model=TurnHistory, summary="调班记录 History of a turn", **READ)
async def read_history(turn_id: UUID, call: QueryDep) -> TurnHistory:
    """Every change, the first one first. 每次变更"""
    rows = await service.history(call.session, turn_id, call.principal)
    return TurnHistory(items=[TurnStep.model_validate(row) for row in rows])


@router.patch("/{turn_id}", response_model=TurnRead, summary="调班 Change a turn", **WRITE)
async def change_turn(turn_id: UUID, body: TurnChange, expect: IfMatch, call: CommandDep) -> service.Turn:
    """Another person, other times, a substitute. 更换人员、时间、替班人"""
    turn = await service.locked(call.session, turn_id, call.principal, expect)
    return await service.change(call.session, turn, body.changes(), actor=call.actor, now=call.now)


@router.post("/{turn_id}/cancel", response_model=TurnRead, summary="取消值班 Cancel a turn", **WRITE)
async def cancel_turn(turn_id: UUID, body: Why, expect: IfMatch, call: CommandDep) -> service.Turn:
    """It stays in the history and counts no more. 保留记录，不再计入"""
    turn = await service.locked(call.session, turn_id, call.principal, expect)
    return await service.cancel(call.session, turn, body.reason, actor=call.actor, now=call.now)


@router.post(
    "/{turn_id}/contact",
    response_model=ContactRead,
    summary="联系方式 Contact in full",
    **permit("grid.roster.contact"),
)
async def reveal_contact(turn_id: UUID, body: Why, call: CommandDep) -> service.Turn:
    """Name and telephone, with a recorded reason. 查看须填写理由并留痕"""
    turn = await service.find(call.session, turn_id, call.principal)
    return await service.reveal(call.session, turn, body.reason, actor=call.actor, now=call.now)
