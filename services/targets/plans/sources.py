"""Plans from the project's files: those of the public documents, and the demonstration of the year. Pure.

The demonstration's texts say `{year}`: it is made anew for each year.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from libs.common.errors import DomainError
from libs.common.ids import stable_id
from libs.common.service import Refused
from services.targets.plans.domain import Basis, Origin, ParentPlanInvalid, PlanFields, PlanLevel, check_plan

PLANS = "plans.yaml"
DEMONSTRATION = "demonstration.yaml"


class PlanRow(BaseModel):
    """A row of the file (计划行)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    zh: str
    en: str
    level: PlanLevel
    area: str
    doc_no: str | None = None
    issued: date | None = None
    period_from: date | None = None
    period_to: date | None = None
    period_inferred: bool = False
    parent: str | None = None
    parent_basis: Basis | None = None
    sources: tuple[str, ...] = ()
    missing: str = ""


def id_of_plan(code: str) -> UUID:
    """The id of the plan with this code in the files."""
    return stable_id("plan", code)


def read_yaml(path: Path) -> Any:
    """What the file says."""
    return yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)


def read_plans(folder: Path, year: int) -> tuple[list[tuple[UUID, PlanFields]], list[Refused]]:
    """The plans of the files by id, parents first, and the rows that cannot be taken."""
    taken: dict[UUID, PlanFields] = {}
    refused: list[Refused] = []
    for file, row, origin in _rows(folder, year):
        try:
            fields = _fields(row, origin)
            _check(fields, taken)
        except (ValidationError, DomainError) as error:
            refused.append(Refused(file, str(row.get("code", row)), reason_of(error)))
        else:
            taken[id_of_plan(fields.code)] = fields
    return list(taken.items()), refused


def reason_of(error: ValidationError | DomainError) -> str:
    """Why a row cannot be taken, in one line."""
    if isinstance(error, DomainError):
        return f"{error.text('zh')} · {error.text('en')}"
    return "; ".join(f"{'.'.join(map(str, told['loc']))}: {told['msg']}" for told in error.errors())


def for_year(told: Any, year: int) -> Any:
    """The same with `{year}` replaced in every text."""
    if isinstance(told, str):
        return told.replace("{year}", str(year))
    if isinstance(told, Mapping):
        return {key: for_year(value, year) for key, value in told.items()}
    return [for_year(each, year) for each in told] if isinstance(told, Sequence) else told


def _rows(folder: Path, year: int) -> Iterator[tuple[str, Mapping[str, Any], Origin]]:
    for row in read_yaml(folder / PLANS)["plans"]:
        yield PLANS, row, Origin.DOCUMENT
    yield (
        DEMONSTRATION,
        for_year(read_yaml(folder / DEMONSTRATION)["plan"], year),
        Origin.DEMONSTRATION,
    )


def _check(fields: PlanFields, taken: Mapping[UUID, PlanFields]) -> None:
    check_plan(id_of_plan(fields.code), fields)
    if fields.parent_id is not None and fields.parent_id not in taken:
        raise ParentPlanInvalid(pointer="/parent")


def _fields(told: Mapping[str, Any], origin: Origin) -> PlanFields:
    row = PlanRow.model_validate(told)
    return PlanFields(
        code=row.code,
        title_zh=row.zh,
        title_en=row.en,
        level=row.level,
        area=row.area,
        doc_no=row.doc_no,
        issued=row.issued,
        period_from=row.period_from,
        period_to=row.period_to,
        period_inferred=row.period_inferred,
        parent_id=id_of_plan(row.parent) if row.parent else None,
        parent_basis=row.parent_basis,
        sources=row.sources,
        missing=row.missing,
        origin=origin,
        demonstration=origin is Origin.DEMONSTRATION,
    )
