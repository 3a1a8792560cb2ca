"""Use cases of the joint study: call, decide, list. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.contracts.cases import CaseStudyDecided, CaseStudyOpened
from libs.common.ids import new_id
from libs.common.rules.domain import RuleUnknown
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.dispatches import service as dispatches
from services.grid.dispatches.domain import Order
from services.grid.joints import service as joints
from services.grid.lifecycle.domain import CaseAction
from services.grid.routing import service as routing
from services.grid.studies import repository
from services.grid.studies.domain import (
    AlreadyStudied,
    Decision,
    NoOpenStudy,
    StudyOutcome,
    check_decision,
)
from services.grid.studies.models import Study as Study
from services.grid.terms.service import terms

STAGE = "study"
list_open = repository.list_open


async def call(
    session: AsyncSession, case_id: UUID, participant_ids: Sequence[UUID], question: str, *, by: By
) -> Case:
    """Call the units concerned to study whose duty the returned case is (提请会商); no clock moves.

    Raises `UnitUnknown`, `AlreadyStudied`, `RuleUnknown` where no limit has been loaded.
    """
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.STUDY, by)
    if await repository.of_return(session, case) is not None:
        raise AlreadyStudied
    await routing.check_in_force(session, participant_ids, local_date(by.now), "/participant_ids")
    found = await terms(session)
    if STAGE not in found.rules.stages:
        raise RuleUnknown(key=f"stage.{STAGE}")
    row = Study(
        case_id=case.id, round=case.round, return_count=case.return_count, question=question,
        participant_ids=list(dict.fromkeys(participant_ids)), opened_at=by.now, opened_by=by.actor.subject,
        due_at=found.due(by.now, found.rules.stage(STAGE)), unit_ids=[],
    )  # fmt: skip
    await repository.add(session, row)
    facts = {"study_due_at": row.due_at}
    return await cases.finish(session, step, CaseStudyOpened, note=question, fields=facts, facts=facts)


async def decide(session: AsyncSession, case_id: UUID, decision: Decision, *, by: By) -> Case:
    """Record what was decided (会商结论), and do it: the record is the reason of what follows.

    Who returned it and is named is designated and may not return it again; another unit is given it; what is
    split goes to the lead and the others beside it, who are told the record; what is not ours goes back to
    be filed anew. Raises `NoOpenStudy`, `StudyUnitsWrong`, `StudyTimeImplausible`, `UnitUnknown`, and what
    dispatching raises.
    """
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.DECIDE, by)
    row = await repository.of_return(session, case)
    if row is None or row.decided_at is not None:
        raise NoOpenStudy
    check_decision(decision, row.opened_at, by.now)
    await routing.check_in_force(session, decision.unit_ids, local_date(by.now), "/unit_ids")
    row.outcome, row.unit_ids, row.record = decision.outcome, list(decision.unit_ids), decision.record
    row.held_at, row.decided_at, row.decided_by = decision.held_at, by.now, by.actor.subject
    facts = {"outcome": decision.outcome.value}
    units = {"unit_ids": [str(unit_id) for unit_id in decision.unit_ids]}
    await cases.finish(
        session, step, CaseStudyDecided, note=decision.record, fields=facts | units, facts=facts
    )
    await _carry_out(session, case, row, decision, By(by.actor, by.now))
    return case


async def _carry_out(session: AsyncSession, case: Case, row: Study, decision: Decision, by: By) -> None:
    if decision.outcome is StudyOutcome.NOT_OURS:
        await dispatches.send_back(session, case.id, reason=decision.record, by=by)
        return
    lead = decision.unit_ids[0]
    if lead == case.unit_id:
        await dispatches.designate(session, case.id, reason=decision.record, by=by)
    else:
        shared = new_id() if len(decision.unit_ids) > 1 else None
        order = Order(unit_id=lead, note=decision.record, joint_id=shared)
        await dispatches.dispatch(session, case.id, order, by=by)
    await joints.beside(session, case, decision.unit_ids[1:], decision.record, by)
    made = await dispatches.current(session, case.id)
    assert made is not None, "it was given to a unit"
    row.dispatch_id = made.id


async def studies_on(session: AsyncSession, case: Case) -> Sequence[Study]:
    """Every study on the case."""
    return await repository.list_of_case(session, case.id)
