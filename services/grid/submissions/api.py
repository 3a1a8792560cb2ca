"""Routes of submissions."""

from __future__ import annotations

from libs.common.http.calls import CommandDep
from libs.common.http.route import command_router, permit
from services.grid.cases.service import By
from services.grid.submissions import service
from services.grid.submissions.schemas import MakeSubmission, SubmissionMade

router = command_router("/grid/v1", tags=["submissions 小区上报"])


@router.post(
    "/submissions",
    response_model=SubmissionMade,
    status_code=201,
    summary="小区上报 Report of the own estate",
    **permit(service.MAKE),
)
async def make_submission(body: MakeSubmission, call: CommandDep) -> SubmissionMade:
    """A firm's repair request, or what a committee reports: a case, with its receipt. 物业报修、业委会反映"""
    by = By(call.actor, call.now, call.principal)
    case = await service.make(
        call.session, body.estate_id, body.report(), fingerprint=call.fingerprint, by=by
    )
    return SubmissionMade(
        case_id=case.id, receipt_number=case.receipt_number, reported_at=case.reported_at, state=case.state
    )
