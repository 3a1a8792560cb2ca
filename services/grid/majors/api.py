"""Routes of major matters."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from libs.common.policy import Principal, allows
from libs.common.text import mask_address
from services.grid.cases.service import By
from services.grid.fields import AREA
from services.grid.majors import service
from services.grid.majors.domain import MajorState
from services.grid.majors.schemas import (
    KIND,
    CasualtiesList,
    CasualtiesRead,
    MajorItem,
    MajorList,
    MajorRead,
    MoreToTell,
    NoticeRead,
    ReportMajor,
    ReportRead,
    Why,
)
from services.grid.majors.service import Dossier, Major, MajorNotice, MajorReport, Wanted

router = command_router("/grid/v1", tags=["majors 重大事项"])
READ = permit(service.READ)
CASUALTIES = "grid.major.casualties"
LATEST = Keyset("majors-by-time", datetime, UUID)
BY_LIMIT = Keyset("major-notices-by-limit", datetime, UUID)
Area = Annotated[str | None, Query(pattern=AREA, description="区划代码")]


def _by(call: CommandDep, version: int | None = None) -> By:
    return By(call.actor, call.now, call.principal, version)


def _notice(row: MajorNotice, names: dict[UUID, str]) -> NoticeRead:
    columns = {name: getattr(row, name) for name in NoticeRead.model_fields if name != "node"}
    return NoticeRead(**columns, node=names[row.node_id])


def _report(row: MajorReport, viewer: Principal) -> ReportRead:
    shown = ReportRead.model_validate(row)
    if allows(viewer, CASUALTIES):
        return shown
    return shown.model_copy(update={"dead": None, "injured": None, "missing": None})


def _shown(found: Dossier, viewer: Principal) -> MajorRead:
    item = MajorItem.model_validate(found.major).model_dump()
    return MajorRead(
        **item,
        address=mask_address(found.major.address) if found.major.address else None,
        reported_by=found.major.reported_by,
        reports_made=[_report(row, viewer) for row in found.reports],
        notices=[_notice(row, found.nodes) for row in found.notices],
    )


async def _told(call: CommandDep, major: Major) -> MajorRead:
    return _shown(await service.dossier_of(call.session, major), call.principal)


@router.get("/majors", response_model=Page[MajorItem], summary="重大事项列表 List major matters", **READ)
async def list_majors(
    call: QueryDep,
    paging: PageDep,
    area: Area = None,
    state: Annotated[MajorState | None, Query(description="状态")] = None,
    kind: Annotated[str | None, Query(pattern=KIND, description="类别")] = None,
) -> Slice[Major]:
    """In the caller's area, or of their estates, the latest first. 最新在前"""
    wanted = Wanted(area, state, kind)
    rows = await service.latest(
        call.session, wanted, call.principal, call.now, after=LATEST.after(paging), limit=paging.limit + 1
    )
    return LATEST.slice(rows, paging, key=lambda row: (row.reported_at, row.id))


@router.post(
    "/majors",
    response_model=MajorRead,
    status_code=201,
    summary="重大事项初报 Report a major matter",
    **permit(service.REPORT),
)
async def report_major(body: ReportMajor, call: CommandDep) -> MajorRead:
    """At once up the line: a notice to the node of every level, with receipts. 逐级即时通知，限时签收"""
    return await _told(call, await service.report(call.session, body.plain(), by=_by(call)))


@router.get(
    "/major-notices",
    response_model=Page[NoticeRead],
    summary="待签收的重大事项 Notices not received",
    **permit(service.RECEIVE),
)
async def list_waiting_notices(
    call: QueryDep,
    paging: PageDep,
    area: Area = None,
    overdue: Annotated[bool, Query(description="Only what is late (仅超时)")] = False,
) -> Slice[NoticeRead]:
    """What no officer has received in the caller's area, the earliest limit first. 按签收时限排列"""
    late_at, after = call.now if overdue else None, BY_LIMIT.after(paging)
    rows = await service.waiting(
        call.session, call.principal, asked=area, late_at=late_at, after=after, limit=paging.limit + 1
    )
    page = BY_LIMIT.slice(rows, paging, key=lambda row: (row.due_at, row.id))
    names = await service.node_names(call.session, {row.node_id for row in page.items})
    return Slice([_notice(row, names) for row in page.items], page.next)


@router.get(
    "/majors/{major_id}", response_model=MajorRead, summary="查看重大事项 Read a major matter", **READ
)
async def read_major(major_id: UUID, call: QueryDep) -> MajorRead:
    """With its reports and notices; how many were hurt for duty chief and leader alone. 伤亡人数限权查看"""
    found = await service.find(call.session, major_id, call.principal, call.now)
    return _shown(found, call.principal)


@router.get(
    "/cases/{case_id}/majors",
    response_model=MajorList,
    summary="案件的重大事项 Major matters of a case",
    **READ,
)
async def list_majors_of_case(case_id: UUID, call: QueryDep) -> MajorList:
    """What was reported up the line on the case, the first one first. 案件的重大事项报告"""
    rows = await service.on_case(call.session, case_id, call.principal, call.now)
    return MajorList(items=[MajorItem.model_validate(row) for row in rows])


@router.post(
    "/majors/{major_id}/follow-up",
    response_model=MajorRead,
    summary="续报 Follow-up report",
    **permit(service.REPORT),
)
async def follow_up(major_id: UUID, body: MoreToTell, version: IfMatch, call: CommandDep) -> MajorRead:
    """What has become known since; the nodes are told again. 续报，再次逐级通知"""
    by = _by(call, version)
    return await _told(call, await service.follow_up(call.session, major_id, body.plain(), by=by))


@router.post(
    "/majors/{major_id}/conclude",
    response_model=MajorRead,
    summary="终报 Final report",
    **permit(
        "grid.major.conclude",
        example={"text": "处置完毕，已恢复供电，起火原因由消防认定", "casualties": {"dead": 0, "injured": 2}},
    ),
)
async def conclude(major_id: UUID, body: MoreToTell, version: IfMatch, call: CommandDep) -> MajorRead:
    """Nothing is reported after it. 终报后不再续报"""
    by = _by(call, version)
    return await _told(call, await service.conclude(call.session, major_id, body.plain(), by=by))


@router.post(
    "/majors/{major_id}/notices/{major_notice_id}/receive",
    response_model=NoticeRead,
    summary="签收 Receive a notice",
    **permit(service.RECEIVE),
)
async def receive(major_id: UUID, major_notice_id: UUID, call: CommandDep) -> NoticeRead:
    """An officer of the node has the report; late is marked, not refused. 节点人员签收，超时留痕"""
    row = await service.receive(call.session, major_id, major_notice_id, by=_by(call))
    return _notice(row, await service.node_names(call.session, {row.node_id}))


@router.post(
    "/majors/{major_id}/casualties",
    response_model=CasualtiesList,
    summary="查看伤亡情况 Who was hurt, in full",
    **permit(CASUALTIES),
)
async def read_casualties(major_id: UUID, body: Why, call: CommandDep) -> CasualtiesList:
    """With a recorded reason. 查看须填写理由并留痕"""
    found = await service.casualties(call.session, major_id, body.reason, by=_by(call))
    return CasualtiesList(items=[CasualtiesRead.model_validate(row) for row in found.reports])
