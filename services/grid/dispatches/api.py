"""Routes of the command hand."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.route import command_router, permit
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.dispatches import service
from services.grid.dispatches.domain import is_late
from services.grid.dispatches.schemas import (
    DispatchList,
    DispatchRead,
    DutyRule,
    Note,
    ProposedUnit,
    ProposedUnitList,
    Reason,
    ReturnsRead,
)
from services.grid.dispatches.service import Dispatch
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseRead
from services.grid.dossiers.service import Viewing
from services.grid.requests import DispatchCase, SupplementCase

router = command_router("/grid/v1/cases", tags=["cases 案件"])


def _by(call: CommandDep, version: int) -> By:
    return By(call.actor, call.now, call.principal, version)


async def _shown(call: CommandDep, case: Case) -> CaseRead:
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


def _read(row: Dispatch, call: QueryDep) -> DispatchRead:
    late = is_late(row.arrive_due_at, row.arrived_at, row.ended_at or call.now)
    return DispatchRead.model_validate(row).model_copy(update={"arrival_overdue": late})


@router.get(
    "/{case_id}/proposed-units",
    response_model=ProposedUnitList,
    summary="拟派单位 Proposed units",
    **permit("grid.case.dispatch"),
)
async def proposed_units(
    case_id: UUID,
    call: QueryDep,
    relation: Annotated[str | None, Query(max_length=30, description="位置关系，如 after_meter")] = None,
) -> ProposedUnitList:
    """By the duty list, with the rule in words and the returns; the most specific row wins. 依据职责清单"""
    case = await cases.find(call.session, case_id, call.principal)
    found = await service.propose(call.session, case, relation, call.now)
    returns = await service.returns_here(call.session, case, call.now)
    return ProposedUnitList(
        items=[
            ProposedUnit(
                unit_id=proposed.unit.unit.id,
                code=proposed.unit.unit.code,
                name_zh=proposed.unit.unit.name_zh,
                name_en=proposed.unit.unit.name_en,
                role=proposed.unit.proposal.role,
                rule=DutyRule.model_validate(proposed.unit.proposal.rule),
                words=proposed.words,
                returned=[_read(row, call) for row in proposed.returned_here],
                returns_in_a_year=proposed.returns_in_a_year,
            )
            for proposed in found
        ],
        unknown=not found,
        returns=[ReturnsRead.model_validate(row) for row in returns],
    )


@router.get(
    "/{case_id}/dispatches",
    response_model=DispatchList,
    summary="派遣记录 Dispatches of a case",
    **permit("grid.case.follow"),
)
async def list_dispatches(case_id: UUID, call: QueryDep) -> DispatchList:
    """Every dispatch with its verdict on time, the first one first. 每次派遣及是否按时"""
    case = await cases.find(call.session, case_id, call.principal)
    rows = await service.dispatches_of(call.session, case)
    return DispatchList(items=[_read(row, call) for row in rows])


@router.post(
    "/{case_id}/dispatch", response_model=CaseRead, summary="派遣 Dispatch", **permit("grid.case.dispatch")
)
async def dispatch(case_id: UUID, body: DispatchCase, version: IfMatch, call: CommandDep) -> CaseRead:
    """The handling clock starts with the first dispatch and is not reset by a return. 时限自首次派遣起算"""
    by = _by(call, version)
    return await _shown(call, await service.dispatch(call.session, case_id, body.order(), by=by))


@router.post(
    "/{case_id}/designate",
    response_model=CaseRead,
    summary="指定处置 Designate",
    **permit("grid.case.designate"),
)
async def designate(case_id: UUID, body: Reason, version: IfMatch, call: CommandDep) -> CaseRead:
    """Who returned it must do it and may not return it again. 指定后不得再次退单"""
    by = _by(call, version)
    return await _shown(call, await service.designate(call.session, case_id, reason=body.reason, by=by))


@router.post(
    "/{case_id}/send-back",
    response_model=CaseRead,
    summary="退回立案 Send back",
    **permit("grid.case.send_back", example={"reason": "退单单位所述属实，应重新确定类别"}),
)
async def send_back(case_id: UUID, body: Reason, version: IfMatch, call: CommandDep) -> CaseRead:
    """Back to be filed anew. 退回值班长重新立案"""
    by = _by(call, version)
    return await _shown(call, await service.send_back(call.session, case_id, reason=body.reason, by=by))


@router.post(
    "/{case_id}/recall",
    response_model=CaseRead,
    summary="撤回派遣 Recall",
    **permit("grid.case.recall", example={"reason": "派遣单位有误，另行派遣"}),
)
async def recall(case_id: UUID, body: Reason, version: IfMatch, call: CommandDep) -> CaseRead:
    """Take it back from unit or squad; a later answer is recorded, not applied. 其后反馈仅作记录"""
    by = _by(call, version)
    return await _shown(call, await service.recall(call.session, case_id, reason=body.reason, by=by))


@router.post("/{case_id}/urge", response_model=CaseRead, summary="催办 Urge", **permit("grid.case.urge"))
async def urge(case_id: UUID, body: Note, version: IfMatch, call: CommandDep) -> CaseRead:
    """Urge who has it. 催促处置单位或人员"""
    by = _by(call, version)
    return await _shown(call, await service.urge(call.session, case_id, note=body.note, by=by))


@router.post(
    "/{case_id}/supplement",
    response_model=CaseRead,
    summary="补充 Supplement",
    **permit("grid.case.supplement"),
)
async def supplement(case_id: UUID, body: SupplementCase, version: IfMatch, call: CommandDep) -> CaseRead:
    """Add what has become known; who has it is told. 补充情况"""
    by = _by(call, version)
    case = await service.supplement(call.session, case_id, text=body.text, photos=body.photos, by=by)
    return await _shown(call, case)
