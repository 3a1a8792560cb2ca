"""Routes of verifying and checking."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from libs.common.policy import sees_area
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.checks import service
from services.grid.checks.domain import CheckMode, Finding
from services.grid.checks.schemas import AssignInspector, CheckList, CheckRead, CheckTask
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseRead
from services.grid.dossiers.service import Viewing
from services.grid.requests import Checked, Verified

router = command_router("/grid/v1", tags=["checks 核实与核查"])
BY_DEADLINE = Keyset("checks-by-deadline", datetime, UUID)


def _by(call: CommandDep, version: int) -> By:
    return By(call.actor, call.now, call.principal, version)


async def _shown(call: CommandDep, case: Case) -> CaseRead:
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


@router.get(
    "/checks", response_model=Page[CheckTask], summary="我的核实核查 My checks", **permit("grid.check.read")
)
async def list_my_checks(call: QueryDep, paging: PageDep) -> Slice[CheckTask]:
    """What the caller has to verify and check now, the earliest deadline first. 按时限排列"""
    rows = await service.open_of(
        call.session, call.principal.subject, after=BY_DEADLINE.after(paging), limit=paging.limit + 1
    )
    page = BY_DEADLINE.slice(rows, paging, key=lambda row: (row.due_at, row.id))
    pairs = await dossiers.with_cases(call.session, page.items, Viewing(call.principal, call.now))
    # Who has left the area since has it no more: the next assignment takes it away.
    tasks = [
        CheckTask(check=CheckRead.model_validate(row), case=item)
        for row, item in pairs
        if sees_area(call.principal, item.area)
    ]
    return Slice(tasks, page.next)


@router.get(
    "/cases/{case_id}/checks",
    response_model=CheckList,
    summary="核实核查记录 Checks of a case",
    **permit("grid.case.follow"),
)
async def list_checks(case_id: UUID, call: QueryDep) -> CheckList:
    """Every verification and check, the first one first. 全部核实、核查"""
    case = await cases.find(call.session, case_id, call.principal)
    rows = await service.checks_of(call.session, case)
    return CheckList(items=[CheckRead.model_validate(row) for row in rows])


@router.post(
    "/cases/{case_id}/request-verification",
    response_model=CaseRead,
    summary="要求核实 Request verification",
    **permit("grid.case.request_verification"),
)
async def request_verification(
    case_id: UUID, body: AssignInspector, version: IfMatch, call: CommandDep
) -> CaseRead:
    """Have an inspector verify the report on site; asked again, another one has it. 派网格员现场核实"""
    by = _by(call, version)
    return await _shown(
        call, await service.request_verification(call.session, case_id, body.inspector, by=by)
    )


@router.post(
    "/cases/{case_id}/verify", response_model=CaseRead, summary="核实 Verify", **permit("grid.case.verify")
)
async def verify(case_id: UUID, body: Verified, version: IfMatch, call: CommandDep) -> CaseRead:
    """What was found on site; the acceptor decides on it. 核实结果"""
    found = Finding(body.confirmed, CheckMode.ON_SITE, body.note, tuple(body.photos))
    return await _shown(call, await service.verify(call.session, case_id, found, by=_by(call, version)))


@router.post(
    "/cases/{case_id}/assign-check",
    response_model=CaseRead,
    summary="派核查 Assign the check",
    **permit("grid.check.assign"),
)
async def assign_check(case_id: UUID, body: AssignInspector, version: IfMatch, call: CommandDep) -> CaseRead:
    """To an inspector who did not handle it; assigned again, another one has it. 处置人不得核查"""
    by = _by(call, version)
    return await _shown(call, await service.assign(call.session, case_id, body.inspector, by=by))


@router.post(
    "/cases/{case_id}/check", response_model=CaseRead, summary="核查 Check", **permit("grid.case.check")
)
async def check(case_id: UUID, body: Checked, version: IfMatch, call: CommandDep) -> CaseRead:
    """Failed = rework by the same unit or squad, without a fresh clock. 不通过即返工"""
    found = Finding(body.passed, body.mode, body.note, tuple(body.photos), tuple(body.unit_ids))
    return await _shown(call, await service.check(call.session, case_id, found, by=_by(call, version)))
