"""Use cases of printing: gather what a reader may see of a case. Nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.access import ADMINISTERED
from libs.common.events.deeds import tell
from libs.common.events.record import Change
from libs.common.policy import Actor
from libs.common.text import written_instant
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.service import Viewing
from services.grid.prints.domain import MOST_PHOTOS, sheet
from services.grid.rules import service as rules


@dataclass(frozen=True)
class Sheet:
    """What the layout is filled with, and the photos by hash, in the order of their captions (案件单)."""

    number: str
    data: Mapping[str, Any]
    photos: list[str]


async def gather(session: AsyncSession, case_id: UUID, viewing: Viewing, photos: list[str]) -> Sheet:
    """The case as the viewer may see it, with those of its photos that are there. Raises `CaseNotFound`."""
    case = await dossiers.read(session, case_id, viewing)
    steps = await dossiers.history(session, case_id, viewing)
    found = await rules.rules(session)
    names = {code: row.zh for code, row in (*found.channels.items(), *found.levels.items())}
    shown = [photo for photo in case.photos if photo.hash in photos]
    who = viewing.viewer.name or viewing.viewer.subject
    printed = f"{who} 打印于 {written_instant(viewing.now)}　内部资料，注意保密"
    data = sheet(case, steps, shown, names, printed)
    return Sheet(case.number or case.receipt_number, data, [photo.hash for photo in shown])


async def photos_of(session: AsyncSession, case_id: UUID, viewing: Viewing) -> list[str]:
    """The latest photos of the case that a sheet shows. Raises `CaseNotFound`."""
    case = await dossiers.read(session, case_id, viewing)
    return list(dict.fromkeys(photo.hash for photo in case.photos[-MOST_PHOTOS:]))


async def tell_printed(session: AsyncSession, case_id: UUID, *, actor: Actor, viewing: Viewing) -> None:
    """That somebody took the case away on paper (打印留痕)."""
    event = ADMINISTERED["grid"](
        happened_at=viewing.now, action="printed", subject_type="case", subject_id=case_id, count=1
    )
    await tell(session, event, actor=actor, now=viewing.now, change=Change("print"))
