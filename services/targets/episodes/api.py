"""Routes of present lights and red episodes."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from libs.common.http.calls import QueryDep
from libs.common.http.paging import Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.targets.episodes import service
from services.targets.episodes.schemas import EpisodeList, EpisodeRead, LightRead
from services.targets.episodes.service import LightFilter, TargetLight
from services.targets.lights.domain import Light
from services.targets.targets import service as targets

router = command_router("/targets/v1", tags=["lights 红绿灯"])

READ = permit("targets.progress.read")


async def _narrow(
    light: Annotated[Light | None, Query(description="红绿灯")] = None,
    plan: Annotated[UUID | None, Query(description="计划")] = None,
    area: Annotated[str | None, Query(pattern=r"^[0-9]{2,15}$", description="区划代码前缀")] = None,
) -> LightFilter:
    return LightFilter(light, plan, area)


@router.get("/lights", response_model=Page[LightRead], summary="现灯列表 Present lights", **READ)
async def list_lights(
    call: QueryDep, paging: PageDep, narrow: Annotated[LightFilter, Depends(_narrow)]
) -> Slice[TargetLight]:
    """What is judged now, by the target's code. 执行中计划及存续目标的现灯"""
    return await service.list_lights(call.session, narrow, paging)


@router.get(
    "/targets/{target_id}/episodes", response_model=EpisodeList, summary="红灯督办 Red episodes", **READ
)
async def list_episodes(target_id: UUID, call: QueryDep) -> EpisodeList:
    """Each red light and what came of the supervision that it proposed. 历次红灯及督办结果"""
    target = await targets.read(call.session, target_id, call.principal)
    rows = await service.of_target(call.session, target.id)
    return EpisodeList(items=[EpisodeRead.model_validate(row) for row in rows])
