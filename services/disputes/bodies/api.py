"""Routes of the mediation bodies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from libs.common.clocks import local_date
from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import Day
from libs.common.policy import require_area
from services.disputes.bodies import service
from services.disputes.bodies.domain import BodyKind, Tier
from services.disputes.bodies.schemas import BodyChange, BodyCreate, BodyRead

router = command_router("/disputes/v1/bodies", tags=["bodies 调解组织"])

READ = permit("disputes.reference.read")
WRITE = permit("disputes.reference.write")

Area = Annotated[str | None, Query(pattern=r"^[0-9]{2,15}$", description="区划代码前缀")]


async def _narrow(
    area: Area = None,
    tier: Annotated[Tier | None, Query(description="层级")] = None,
    kind: Annotated[BodyKind | None, Query(description="组织类别")] = None,
    q: Annotated[str | None, Query(max_length=100, description="名称检索")] = None,
    on: Annotated[Day | None, Query(description="在该日有效；默认今天")] = None,
    ended: Annotated[bool, Query(description="包括已停用组织")] = False,
) -> Callable[[date], service.BodyFilter]:
    return lambda today: service.BodyFilter(area, tier, kind, None if ended else on or today, q)


Narrow = Annotated[Callable[[date], service.BodyFilter], Depends(_narrow)]


@router.get("", response_model=Page[BodyRead], summary="调解组织列表 List mediation bodies", **READ)
async def list_bodies(call: QueryDep, paging: PageDep, narrow: Narrow) -> Slice[service.Body]:
    """Bodies by code; those in force today unless asked otherwise. 默认只列现行组织"""
    return await service.list_bodies(call.session, narrow(local_date(call.now)), paging)


@router.get("/{body_id}", response_model=BodyRead, summary="查看调解组织 Read a mediation body", **READ)
async def read_body(body_id: UUID, call: QueryDep) -> service.Body:
    """One body with the committee whose seal and number it uses. 含所用印章、案号的人民调解委员会"""
    return await service.read(call.session, body_id)


@router.post("", response_model=BodyRead, status_code=201, summary="登记调解组织 Register a body", **WRITE)
async def register_body(body: BodyCreate, call: CommandDep) -> service.Body:
    """A new body, e.g. a social organisation; other services hear of it. 登记后通知各服务"""
    require_area(call.principal, body.area)
    return await service.register(call.session, body.fields(), actor=call.actor, now=call.now)


@router.patch("/{body_id}", response_model=BodyRead, summary="变更调解组织 Change a body", **WRITE)
async def change_body(body_id: UUID, body: BodyChange, expect: IfMatch, call: CommandDep) -> service.Body:
    """Rename, another committee, an end; running disputes stay where they are. 在办纠纷不受影响"""
    require_area(call.principal, (await service.read(call.session, body_id)).area)
    return await service.change(
        call.session, body_id, body.changes(), expect=expect, actor=call.actor, now=call.now
    )
