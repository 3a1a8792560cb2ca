"""Routes of what tasks bring to a target."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import QueryDep
from libs.common.http.paging import Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.targets.contributions import service
from services.targets.contributions.schemas import ContributionRead, LinkRead, MeasureList, MeasureRead
from services.targets.contributions.service import Contribution, KnownMeasure
from services.targets.targets import service as targets

router = command_router("/targets/v1/targets", tags=["contributions 任务计入"])

READ = permit("targets.progress.read")


@router.get(
    "/{target_id}/contributions",
    response_model=Page[ContributionRead],
    summary="任务计入 Contributions of tasks",
    **READ,
)
async def list_contributions(target_id: UUID, call: QueryDep, paging: PageDep) -> Slice[Contribution]:
    """What verified tasks brought, counted or not, the latest first. 已核验任务，含未计入及原因"""
    target = await targets.read(call.session, target_id, call.principal)
    return await service.of_target(call.session, target.id, paging)


@router.get(
    "/{target_id}/measures", response_model=MeasureList, summary="关联举措 Measures that serve it", **READ
)
async def list_measures(target_id: UUID, call: QueryDep) -> MeasureList:
    """The measures of the plans that are linked to the target. 各计划中关联的举措"""
    target = await targets.read(call.session, target_id, call.principal)
    rows = await service.measures_of(call.session, target.id)
    return MeasureList(items=[_measure(row, target_id) for row in rows])


def _measure(row: KnownMeasure, target_id: UUID) -> MeasureRead:
    link = next(each for each in row.links if each["target_id"] == str(target_id))
    named = (name for name in MeasureRead.model_fields if name != "link")
    told = {name: getattr(row, name) for name in named}
    return MeasureRead(**told, link=LinkRead.model_validate(link))
