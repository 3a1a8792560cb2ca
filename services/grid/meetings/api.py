"""Routes of the joint meeting."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.route import command_router, permit
from services.grid.cases import service as cases
from services.grid.cases.service import By
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseRead
from services.grid.dossiers.service import Viewing
from services.grid.meetings import service
from services.grid.meetings.schemas import HoldMeeting, MeetingList, MeetingRead

router = command_router("/grid/v1/cases", tags=["meetings 居民联席会议"])


@router.get(
    "/{case_id}/meetings",
    response_model=MeetingList,
    summary="联席会议记录 Meetings on a case",
    **permit("grid.case.follow"),
)
async def list_meetings(case_id: UUID, call: QueryDep) -> MeetingList:
    """Every meeting, the first one first. 全部会议"""
    case = await cases.find(call.session, case_id, call.principal)
    rows = await service.meetings_on(call.session, case)
    return MeetingList(items=[MeetingRead.model_validate(row) for row in rows])


@router.post(
    "/{case_id}/hold-meeting",
    response_model=CaseRead,
    summary="居民联席会议 Record a joint meeting",
    **permit("grid.case.hold_meeting"),
)
async def hold_meeting(case_id: UUID, body: HoldMeeting, version: IfMatch, call: CommandDep) -> CaseRead:
    """In the self loop: the residents handle it, or the next level is called. 居民自治或提请升级"""
    by = By(call.actor, call.now, call.principal, version)
    case = await service.hold(call.session, case_id, body.decided(), body.held_at, by=by)
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))
