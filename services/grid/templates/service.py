"""Use cases of the templates: look up, edit, try, load, restate. Nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.contracts.notices import NoticeTemplateChanged
from libs.common.events.models import History
from libs.common.events.record import Change, record, restate
from libs.common.policy import Actor, system_actor
from libs.common.text import written_instant
from libs.common.versions import check_version
from services.grid.cases.service import Case
from services.grid.catalogue import service as catalogue
from services.grid.disclosures.domain import WORDS, public_state
from services.grid.dossiers.domain import masked_address
from services.grid.routing import service as routing
from services.grid.templates import repository
from services.grid.templates.domain import (
    Audience,
    Channel,
    Occasion,
    TemplateUnknown,
    Wording,
    check_length,
    check_wording,
    render,
    samples,
)
from services.grid.templates.models import Template as Template

FILE = "templates.yaml"
GRID = system_actor("grid")

list_all = repository.list_all
enabled = repository.list_enabled
"""Statements that others need as they are."""


async def find(session: AsyncSession, template_id: UUID) -> Template:
    """The template. Raises `TemplateUnknown`."""
    found = await repository.get(session, template_id)
    if found is None:
        raise TemplateUnknown
    return found


async def history(session: AsyncSession, template_id: UUID) -> Sequence[History]:
    """Every version of the template. Raises `TemplateUnknown`."""
    await find(session, template_id)
    return await repository.list_history(session, template_id)


async def change(
    session: AsyncSession,
    template_id: UUID,
    changes: Mapping[str, Any],
    *,
    expect: int,
    actor: Actor,
    now: datetime,
) -> Template:
    """Other words, or on and off (修改模板): for notices from now on; what is written already stays.

    Raises `TemplateUnknown`, `Stale`, and what stands against the words.
    """
    found = await repository.get_for_update(session, template_id)
    if found is None:
        raise TemplateUnknown
    check_version(found, expect)
    told = {name: {"from": getattr(found, name), "to": value} for name, value in changes.items()}
    for name, value in changes.items():
        setattr(found, name, value)
    _check(found)
    await _tell(session, found, Change("change", fields=told), actor, now)
    return found


def _check(row: Template) -> None:
    wording = Wording(row.subject, row.body)
    check_wording(Occasion(row.occasion), Audience(row.audience), Channel(row.channel), wording)


async def _tell(session: AsyncSession, row: Template, step: Change, actor: Actor, now: datetime) -> None:
    await record(session, row, _state(row, now), actor=actor, now=now, change=step)


def _state(row: Template, now: datetime) -> NoticeTemplateChanged:
    return NoticeTemplateChanged(
        happened_at=now, occasion=row.occasion, audience=row.audience, channel=row.channel,
        enabled=row.enabled, urgent=row.urgent,
    )  # fmt: skip


async def preview(session: AsyncSession, row: Template, wording: Wording, case: Case | None) -> Wording:
    """How the words would read, of a case or of samples (预览). Raises what stands against them."""
    occasion, audience, channel = Occasion(row.occasion), Audience(row.audience), Channel(row.channel)
    check_wording(occasion, audience, channel, wording)
    values = samples()
    if case is not None:
        values |= (await values_of(session, [case]))[case.id]
    made = Wording(wording.subject and render(wording.subject, values), render(wording.body, values))
    check_length(channel, made.body)
    return made


async def values_of(session: AsyncSession, cases: Sequence[Case]) -> dict[UUID, dict[str, str]]:
    """What the names stand for in each of the cases: no person, and the address down to the house."""
    categories = await catalogue.names(session, {case.category for case in cases})
    units = await routing.names(session, {case.unit_id for case in cases if case.unit_id is not None})
    return {
        case.id: {
            "receipt_number": case.receipt_number,
            "number": case.number or case.receipt_number,
            "category": categories[case.category].name_zh,
            "address": masked_address(case.address) or "",
            "progress": WORDS[public_state(case.state, case.outcome)][0],
            "reason": "",
            "due": written_instant(case.due_at) if case.due_at else "",
            "unit": units[case.unit_id].name_zh if case.unit_id in units else case.squad or "",
        }
        for case in cases
    }


async def load_templates(session: AsyncSession, folder: Path) -> str:
    """Load `templates.yaml`: what is not there yet. What the office has edited is its own."""
    file = yaml.safe_load((folder / FILE).read_text("utf-8"))
    known = {(row.occasion, row.audience, row.channel) for row in await repository.list_all(session)}
    made = [
        Template(**{"subject": None, "enabled": True, "urgent": False, "source": file["source"], **told})
        for told in file["templates"]
        if (told["occasion"], told["audience"], told["channel"]) not in known
    ]
    for row in made:
        row.version = 0
        _check(row)
        await repository.add(session, row)
        await _tell(session, row, Change("load"), GRID, utc_now())
    return f"templates: {len(file['templates'])} read, {len(made)} made"


async def restate_templates(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next templates stand. Answers the last id, None at the end."""
    rows = await repository.list_after(session, after, limit)
    for row in rows:
        await restate(session, row, _state(row, utc_now()), actor=GRID)
    return rows[-1].id if rows else None
