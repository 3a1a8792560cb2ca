"""Targets from the project's files: those of the public documents, and the year's demonstration. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from libs.common.errors import DomainError
from libs.common.ids import stable_id
from libs.common.service import Refused
from services.targets.plans.domain import Basis, Origin, PlanFields, PlanNotFound
from services.targets.plans.service import DEMONSTRATION, for_year, id_of_plan, read_yaml, reason_of
from services.targets.rules.domain import RhythmName
from services.targets.targets.domain import (
    Aggregation,
    Comparator,
    Kind,
    Milestone,
    Recurrence,
    Relation,
    Responsible,
    Role,
    TargetFields,
    Wanted,
    YearSlice,
)
from services.targets.targets.refusals import RelationImpossible, check_relation, check_target

FILE = "targets.yaml"

Figure = Annotated[Decimal, BeforeValidator(lambda given: str(given) if isinstance(given, int) else given)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ActorRow(_Row):
    """An actor that the source names (责任主体)."""

    name: str
    role: Role = Role.RESPONSIBLE
    unit: str | None = None


class MilestoneRow(_Row):
    """A step on the way (里程碑)."""

    zh: str
    en: str
    by: date
    value: Figure | None = None
    inferred: bool = False


class SliceRow(_Row):
    """What a year asks for (年度安排)."""

    year: int
    value: Figure | None = None
    zh: str | None = None
    en: str | None = None
    inferred: bool = False


class DenominatorRow(_Row):
    """Of what a rate is a rate (分母)."""

    zh: str
    en: str
    stated: bool = True


class TargetRow(_Row):
    """A row of the file (目标行)."""

    code: str
    plan: str
    theme: str = ""
    zh: str
    en: str
    kind: Kind
    value: Figure | None = None
    value_min: Figure | None = None
    value_max: Figure | None = None
    comparator: Comparator | None = None
    unit: str | None = None
    aggregation: Aggregation = Aggregation.ADD
    baseline: Figure | None = None
    already_met: bool = False
    denominator: DenominatorRow | None = None
    strength: str = ""
    soft: bool = False
    start: date | None = None
    deadline: date | None = None
    deadline_text: str = ""
    deadline_inferred: bool = False
    recurrence: Recurrence | None = None
    milestones: tuple[MilestoneRow, ...] = ()
    annual: tuple[SliceRow, ...] = ()
    parent: str | None = None
    relation: Relation | None = None
    relation_basis: Basis | None = None
    via: str = ""
    responsible: tuple[ActorRow, ...] = ()
    responsible_basis: Basis | None = None
    rhythm: RhythmName | None = None
    clause: str = ""
    also_in: tuple[str, ...] = ()
    note: str = ""


def target_id(code: str) -> UUID:
    """The id of the target with this code in the files."""
    return stable_id("target", code)


def read_targets(
    folder: Path, year: int, plans: Mapping[UUID, PlanFields]
) -> tuple[list[tuple[UUID, TargetFields]], list[Refused]]:
    """The targets of the files by id, parents first, and the rows that cannot be taken."""
    taken: dict[UUID, TargetFields] = {}
    refused: list[Refused] = []
    for file, told in rows(folder, year):
        try:
            fields = _fields(TargetRow.model_validate(told), plans)
            _check(fields, taken)
        except (ValidationError, DomainError) as error:
            refused.append(Refused(file, str(told.get("code", told)), reason_of(error)))
        else:
            taken[target_id(fields.code)] = fields
    return list(taken.items()), refused


def rows(folder: Path, year: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rows of both files, each with the name of its file."""
    for row in read_yaml(folder / FILE)["targets"]:
        yield FILE, row
    told = for_year(read_yaml(folder / DEMONSTRATION), year)
    for row in told["targets"]:
        kept = {name: value for name, value in row.items() if name not in SHARING}
        yield DEMONSTRATION, {"plan": told["plan"]["code"], **kept}


SHARING = frozenset({"unit_kind", "shares", "towns_of", "town_kind", "reserve"})
"""How a target of the demonstration is allocated: read by the room of allocations."""


def _check(fields: TargetFields, taken: Mapping[UUID, TargetFields]) -> None:
    check_target(fields)
    if fields.parent_id is None:
        return
    parent = taken.get(fields.parent_id)
    if parent is None:
        relation = fields.relation.value if fields.relation else ""
        raise RelationImpossible(
            relation=relation, reason_zh="上级目标未装载", reason_en="the parent is not loaded before it"
        )
    check_relation(fields, parent, ())


def _fields(row: TargetRow, plans: Mapping[UUID, PlanFields]) -> TargetFields:
    plan = plans.get(id_of_plan(row.plan))
    if plan is None:
        raise PlanNotFound
    denominator = row.denominator or DenominatorRow(zh="", en="")
    same = {name: getattr(row, name) for name in _SAME}
    return TargetFields(
        **same,
        plan_id=id_of_plan(row.plan),
        title_zh=row.zh,
        title_en=row.en,
        level=plan.level,
        area=plan.area,
        wanted=Wanted(row.value, row.value_min, row.value_max, row.comparator, row.unit),
        denominator_zh=denominator.zh,
        denominator_en=denominator.en,
        denominator_stated=denominator.stated,
        start=row.start or plan.period_from,
        milestones=tuple(Milestone(m.zh, m.en, m.by, m.value, m.inferred) for m in row.milestones),
        annual=tuple(YearSlice(s.year, s.value, s.zh, s.en, s.inferred) for s in row.annual),
        parent_id=target_id(row.parent) if row.parent else None,
        responsible=tuple(_actor(each) for each in row.responsible),
        origin=plan.origin,
        demonstration=plan.origin is Origin.DEMONSTRATION,
    )


_SAME = (
    "code", "theme", "kind", "aggregation", "baseline", "already_met", "strength", "soft", "deadline",
    "deadline_text", "deadline_inferred", "recurrence", "relation", "relation_basis", "via",
    "responsible_basis", "rhythm", "clause", "also_in", "note",
)  # fmt: skip


def _actor(row: ActorRow) -> Responsible:
    return Responsible(row.name, row.role, stable_id("unit", row.unit) if row.unit else None)
