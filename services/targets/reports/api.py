"""Routes of reports."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.targets.plans.service import By
from services.targets.reports import service
from services.targets.reports.domain import LIFE, Action, State
from services.targets.reports.schemas import (
    Note,
    Reason,
    ReportCorrect,
    ReportDetail,
    ReportRead,
    ReportWrite,
    StepList,
    StepRead,
    VersionRead,
)
from services.targets.reports.service import Report, ReportFilter, Show
from services.targets.targets import service as targets

router = command_router("/targets/v1/reports", tags=["reports 填报"])

READ = permit("targets.report.read")
SUBMIT = permit("targets.report.submit")
ACCEPT = permit("targets.report.accept")


def _by(call: CommandDep, version: int) -> By:
    return By(call.actor, call.now, call.principal, version)


async def _narrow(
    show: Annotated[Show, Query(description="turn 待填报；waiting 待审定；missed 逾期未报")] = Show.ALL,
    target: Annotated[UUID | None, Query(description="目标")] = None,
    area: Annotated[str | None, Query(pattern=r"^[0-9]{2,15}$", description="区划代码前缀")] = None,
    state: Annotated[State | None, Query(description="状态")] = None,
) -> ReportFilter:
    return ReportFilter(show, target, area, state)


@router.get("", response_model=Page[ReportRead], summary="填报列表 List reports", **READ)
async def list_reports(
    call: QueryDep, paging: PageDep, narrow: Annotated[ReportFilter, Depends(_narrow)]
) -> Slice[Report]:
    """A unit's own, for others those of their areas. 单位只见本单位填报，其他按辖区"""
    return await service.list_reports(call.session, narrow, call.principal, paging)


@router.get("/{report_id}", response_model=ReportDetail, summary="查看填报 Read a report", **READ)
async def read_report(report_id: UUID, call: QueryDep) -> ReportDetail:
    """One report with every version of its figures. 填报及各版本数据"""
    report = await service.read(call.session, report_id, call.principal)
    target = await targets.read(call.session, report.target_id)
    versions = await service.versions(call.session, report)
    shown = ReportRead.model_validate(report).model_dump()
    return ReportDetail(
        **shown,
        target_title=target.title_zh,
        target_kind=target.kind,
        target_unit=target.unit,
        versions=[VersionRead.model_validate(each) for each in versions],
        allowed_actions=[each for each in Action if each in LIFE.allowed(State(report.state))],
    )


@router.get("/{report_id}/history", response_model=StepList, summary="操作历史 History", **READ)
async def read_report_history(report_id: UUID, call: QueryDep) -> StepList:
    """Who did what and when. 操作历史"""
    report = await service.read(call.session, report_id, call.principal)
    steps = await service.history(call.session, report)
    return StepList(items=[StepRead.model_validate(each) for each in steps])


@router.post("/{report_id}/submit", response_model=ReportRead, summary="提交 Submit", **SUBMIT)
async def submit(report_id: UUID, body: ReportWrite, expect: IfMatch, call: CommandDep) -> Report:
    """The unit's figures for the period, with evidence. 本单位填报"""
    return await service.submit(call.session, report_id, body.told(), _by(call, expect))


@router.post("/{report_id}/correct", response_model=ReportRead, summary="更正 Correct", **SUBMIT)
async def correct(report_id: UUID, body: ReportCorrect, expect: IfMatch, call: CommandDep) -> Report:
    """Another version of an accepted report; the accepted one counts until then. 审定前原数据仍计入"""
    return await service.correct(call.session, report_id, body.told(), body.reason, _by(call, expect))


@router.post("/{report_id}/accept", response_model=ReportRead, summary="审定 Accept", **ACCEPT)
async def accept(report_id: UUID, body: Note, expect: IfMatch, call: CommandDep) -> Report:
    """The figures count from now on. 审定后计入汇总"""
    return await service.accept(call.session, report_id, body.note or "", _by(call, expect))


@router.post("/{report_id}/send-back", response_model=ReportRead, summary="退回 Send back", **ACCEPT)
async def send_back(report_id: UUID, body: Reason, expect: IfMatch, call: CommandDep) -> Report:
    """Back to the unit, with the reason. 说明理由退回"""
    return await service.send_back(call.session, report_id, body.note, _by(call, expect))
