"""Use cases of reading cases. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.contracts.grid import ReporterRevealed
from libs.common.events.record import Change, record_access
from libs.common.handover.models import OutgoingHandover
from libs.common.policy import Actor, Principal, allows, scoped_for, sees_area
from services.grid.cases import service as cases
from services.grid.cases.domain import CaseLike, may
from services.grid.cases.service import READ, Case, Wanted
from services.grid.catalogue import service as catalogue
from services.grid.dossiers import repository
from services.grid.dossiers.domain import (
    AROUND,
    COMPUTED,
    CaseItem,
    CaseRead,
    HistoryRead,
    MediationEnd,
    Purpose,
    RevealedReporter,
    from_outside,
    masked,
    masked_address,
    step_from_outside,
    unnamed,
)
from services.grid.dossiers.refusals import NoReporter, require_need
from services.grid.lifecycle.domain import AFTERWARDS, LIFE, PERMISSIONS, CaseAction, CaseState, is_late
from services.grid.questions import service as questions
from services.grid.questions.domain import Kind
from services.grid.routing import service as routing


@dataclass(frozen=True)
class Viewing:
    """Who looks, and when (UTC)."""

    viewer: Principal
    now: datetime

    @cached_property
    def _reader(self) -> Principal:
        return scoped_for(self.viewer, READ)

    def inside(self, area: str) -> bool:
        """Whether the viewer reads a case there as who works on it or leads it, not as firm or committee."""
        return sees_area(self._reader, area)


NOT_OFFERED = AFTERWARDS | {CaseAction.SELF_HANDLE, CaseAction.DECIDE}
"""What belongs to the report itself, or judges the work when it is done: those have lists of their own."""


@lru_cache(maxsize=1000)
def _steps(viewer: Principal, state: str) -> tuple[tuple[CaseAction, Actor], ...]:
    """The steps of the state that the viewer's roles hold, in order, and who takes them."""
    actions = sorted(LIFE.allowed(CaseState(state)) & PERMISSIONS.keys() - NOT_OFFERED)
    held = [action for action in actions if allows(viewer, PERMISSIONS[action])]
    return tuple((action, viewer.actor(PERMISSIONS[action])) for action in held)


def allowed_actions(case: CaseLike, viewing: Viewing) -> list[CaseAction]:
    """The steps that the viewer may take now: by state, permission and what stands against the person."""
    steps = _steps(viewing.viewer, case.state)
    return [action for action, actor in steps if may(case, action, actor, viewing.now)]


async def listed(
    session: AsyncSession, wanted: Wanted, viewing: Viewing, *, after: tuple[Any, ...] | None, limit: int
) -> list[dict[str, Any]]:
    """The latest cases that the viewer may see, as rows for `shown`."""
    viewer, now = viewing.viewer, viewing.now
    frequent = wanted.text is not None and await cases.is_frequent(session, wanted.text)
    # A firm or committee must not guess the reporter: that is asked of each case that it finds.
    if frequent and not viewer.estates:
        chosen = cases.walked(viewer, wanted, now, after=after, limit=limit)
        rows = await repository.page(session, chosen)
        if len(rows) == limit:
            return rows
    rare = wanted.text is not None and not frequent
    chosen = cases.latest(viewer, wanted, now, after=after, limit=limit, rare=rare)
    return await repository.page(session, chosen)


async def shown(
    session: AsyncSession, rows: Sequence[dict[str, Any]], viewing: Viewing
) -> list[dict[str, Any]]:
    """The rows as lists show them: what `CaseItem` describes, ready for JSON."""
    return await _as_seen(session, [_item(row, viewing) for row in rows], viewing)


def _item(row: dict[str, Any], viewing: Viewing) -> dict[str, Any]:
    item = repository.item_of(row)
    item["overdue"] = is_late(row["state"], repository.instant(row["due_at"]), viewing.now)
    offered = viewing.inside(row["area"]) and _steps(viewing.viewer, row["state"])
    item["allowed_actions"] = allowed_actions(repository.case_of(row), viewing) if offered else []
    return item


async def items(session: AsyncSession, rows: Sequence[Case], viewing: Viewing) -> list[CaseItem]:
    """Cases as other rooms' lists show them."""
    names = await catalogue.names(session, {case.category for case in rows})
    units = await routing.names(session, {case.unit_id for case in rows if case.unit_id is not None})
    made = [
        {
            **{key: getattr(case, key) for key in CaseItem.model_fields if key not in COMPUTED},
            "category_zh": names[case.category].name_zh,
            "category_en": names[case.category].name_en,
            "unit_zh": units[case.unit_id].name_zh if case.unit_id in units else None,
            "overdue": is_late(case.state, case.due_at, viewing.now),
            "address": masked_address(case.address),
            "allowed_actions": allowed_actions(case, viewing) if viewing.inside(case.area) else [],
        }
        for case in rows
    ]
    return [CaseItem(**columns) for columns in await _as_seen(session, made, viewing)]


class OfCase(Protocol):
    """A row that belongs to a case."""

    case_id: Any


R = TypeVar("R", bound=OfCase)


async def with_cases(session: AsyncSession, rows: Sequence[R], viewing: Viewing) -> list[tuple[R, CaseItem]]:
    """Each row with its case, as lists show it."""
    found = await cases.many(session, [row.case_id for row in rows])
    shown = await items(session, [found[row.case_id] for row in rows], viewing)
    return list(zip(rows, shown, strict=True))


async def _as_seen(
    session: AsyncSession, made: list[dict[str, Any]], viewing: Viewing
) -> list[dict[str, Any]]:
    """The same, less what those outside may not see."""
    outside = [columns["id"] for columns in made if not viewing.inside(columns["area"])]
    if not outside:
        return made
    reporters = await cases.reporters_of(session, outside)
    names = {str(key): row.name for key, row in reporters.items()}
    return [
        columns if viewing.inside(columns["area"]) else from_outside(columns, names.get(str(columns["id"])))
        for columns in made
    ]


async def read(session: AsyncSession, case_id: UUID, viewing: Viewing) -> CaseRead:
    """The case, if it lies in the viewer's scope. Raises `CaseNotFound`."""
    return await view(session, await _found(session, case_id, viewing), viewing)


async def read_by_number(session: AsyncSession, number: str, viewing: Viewing) -> CaseRead:
    """The case with this receipt number or case number. Raises `CaseNotFound`."""
    found = await cases.find_by_number(session, number, viewing.viewer, viewing.now)
    return await view(session, found, viewing)


async def _found(session: AsyncSession, case_id: UUID, viewing: Viewing) -> Case:
    return await cases.find_to_read(session, case_id, viewing.viewer, viewing.now)


async def view(session: AsyncSession, case: Case, viewing: Viewing) -> CaseRead:
    """The case as the viewer may see it."""
    inside = viewing.inside(case.area)
    found = await repository.around(session, case, local_date(viewing.now))
    columns = {key: getattr(case, key) for key in CaseRead.model_fields if key not in COMPUTED}
    columns |= {key: found[key] for key in AROUND}
    reporter = found["reporter"]
    if not inside:
        columns = from_outside(columns, reporter and reporter["name"])
    return CaseRead(
        **columns,
        overdue=is_late(case.state, case.due_at, viewing.now),
        address=masked_address(case.address),
        allowed_actions=allowed_actions(case, viewing) if inside else [],
        mine=case.reported_by == viewing.viewer.subject,
        mediation=await _mediation_end(session, case) if inside else None,
        reporter=masked(reporter) if inside else None,
    )


async def _mediation_end(session: AsyncSession, case: Case) -> MediationEnd | None:
    """What the source of the case reads of the mediation that closed it."""
    if case.state != CaseState.CLOSED or case.handover_id is None or case.unit_id is not None:
        return None
    handover = await session.get(OutgoingHandover, case.handover_id)
    if handover is None or handover.answer is None:
        return None
    return MediationEnd.model_validate({**handover.answer, "answered_at": handover.answered_at})


async def count(session: AsyncSession, wanted: Wanted, viewing: Viewing) -> int:
    """How many cases the list holds."""
    return await cases.count(session, viewing.viewer, wanted, viewing.now)


async def history(session: AsyncSession, case_id: UUID, viewing: Viewing) -> list[HistoryRead]:
    """Every step of the case as the viewer may see it. Raises `CaseNotFound`."""
    case = await _found(session, case_id, viewing)
    steps = [HistoryRead.model_validate(row) for row in await cases.history_of(session, case_id)]
    inside = viewing.inside(case.area)
    return steps if inside else [step_from_outside(step) for step in steps]


async def answers(session: AsyncSession, case_id: UUID, viewing: Viewing) -> list[dict[str, Any]]:
    """What was answered about the case, as the viewer may see it. Raises `CaseNotFound`.

    What people wrote follows the rule of the description: outside, the reporter is not named.
    """
    case = await _found(session, case_id, viewing)
    rows = await questions.answers_of(session, case.id)
    name = None
    if not viewing.inside(case.area):
        reporter = await cases.reporter_of(session, case.id)
        name = reporter.name if reporter else None
    return [
        {
            "serial": given.serial,
            "category": given.category,
            "form_version": given.form_version,
            "current": given is rows[-1][0] and given.category == case.category,
            "given_at": given.given_at,
            "answers": _answered(given, form, name),
        }
        for given, form in rows
    ]


def _answered(
    given: questions.CaseAnswers, form: questions.CategoryForm, name: str | None
) -> list[dict[str, Any]]:
    found = []
    for question in questions.questions_of(form):
        if question.code in given.answers:
            answer = given.answers[question.code]
            told = unnamed(answer, name) if question.kind is Kind.TEXT else answer
            found.append({"question": question, "answer": told})
    return found


async def reveal(
    session: AsyncSession, case_id: UUID, purpose: Purpose, reason: str, *, actor: Actor, viewing: Viewing
) -> RevealedReporter:
    """The reporter in full, with a recorded reason (查看完整信息). Raises `NoReporter`, `NotNeededNow`."""
    case = await cases.find(session, case_id, viewing.viewer)
    require_need(case, viewing.viewer, purpose)
    reporter = await cases.reporter_of(session, case.id)
    if reporter is None:
        raise NoReporter
    event = ReporterRevealed(
        happened_at=viewing.now, subject_type="case", subject_id=case.id,
        fields=("name", "phone", "address", "description"), purpose=purpose.value,
    )  # fmt: skip
    change = Change("reveal", note=reason, fields={"case": case.receipt_number, "purpose": purpose})
    await record_access(session, event, actor=actor, now=viewing.now, change=change)
    return RevealedReporter(
        case_id=case.id, name=reporter.name, phone=reporter.phone, address=case.address,
        description=case.description, secret=reporter.secret,
    )  # fmt: skip
