"""Use cases of telling: the request to a unit, and words on the way. Nothing here commits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.handover import Contents, MediaRef, Person, Place
from libs.common.handover.orders import Order
from services.grid.briefings import repository
from services.grid.briefings.domain import tells_reporter, without_reporter
from services.grid.cases import service as cases
from services.grid.cases.service import Case, Reporter
from services.grid.catalogue import service as catalogue
from services.grid.lifecycle.domain import PhotoStage
from services.grid.rules import service as rules


@dataclass(frozen=True)
class Asked:
    """Which unit is to have the case, and what it is told (派单要求). `withhold`: it is the accused."""

    unit_id: UUID | None
    note: str = ""
    withhold: bool = False


async def order_for(session: AsyncSession, case: Case, asked: Asked) -> Order:
    """The request to the unit: by the case's deadline, without the reporter where it must not know them."""
    limits = await rules.rules(session)
    known = await cases.reporter_of(session, case.id)
    withhold = asked.withhold or (known is not None and await kept_from(session, known, asked.unit_id))
    return Order(
        contents=await _contents(session, case, withhold),
        unit_id=asked.unit_id,
        due_at=case.due_at,
        late=True,
        reporter_withheld=withhold,
        extension_limit=limits.extension.most - case.extension_count,
        note=asked.note,
    )


async def told(session: AsyncSession, case: Case) -> Contents:
    """What whoever is given the case must know of it: what and where, with the photos; no person."""
    standard = await _standard(session, case)
    category, _ = await catalogue.category(session, case.category, standard.effective_from)
    return Contents(
        title=category.name_zh,
        description=case.description,
        category=case.category,
        place=Place(
            area=case.area, address=case.address or "", lon=case.lon, lat=case.lat,
            crs="CGCS2000" if case.lon is not None else None, estate_id=case.estate_id,
        ),
        media=tuple(
            MediaRef(hash=photo.hash, purpose="before")
            for photo in await cases.photos_at(session, case, PhotoStage.BEFORE, PhotoStage.VERIFY)
        ),
        details={"source": case.channel, "round": case.round},
    )  # fmt: skip


async def _contents(session: AsyncSession, case: Case, withhold: bool) -> Contents:
    """What the unit must know to act, and no more."""
    standard, contents = await _standard(session, case), await told(session, case)
    details = {
        "standard": standard.code,
        "condition": standard.condition_zh,
        "closing": standard.closing_zh,
        "limit_amount": standard.limit_amount,
        "limit_unit": standard.limit_unit,
        "photos_after": standard.photos_after,
    }
    known = await cases.reporter_of(session, case.id)
    spoken_to = case.channel in (await rules.rules(session)).sources.spoken_to
    added: dict[str, Any] = {"details": contents.details | details, "reporter": None}
    if known is not None and tells_reporter(spoken_to, known.secret, withhold):
        added["reporter"] = Person(name=known.name, phone=known.phone, role="reporter")
    elif known is not None:
        added["description"] = without_reporter(case.description, known.name)
    return contents.model_copy(update=added)


async def _standard(session: AsyncSession, case: Case) -> catalogue.Standard:
    assert case.standard_id is not None, "a filed case has a standard"
    return await catalogue.standard(session, case.standard_id)


async def for_unit(session: AsyncSession, case: Case, unit_id: UUID | None, text: str) -> str:
    """What may be said to who has the case: without the reporter, where they must not be known."""
    known = await cases.reporter_of(session, case.id)
    if known is None or not (known.secret or await kept_from(session, known, unit_id)):
        return text
    return without_reporter(text, known.name)


async def kept_from(session: AsyncSession, known: Reporter, unit_id: UUID | None) -> bool:
    """Whether the unit must never learn of this reporter: the complained-of one, or once dispatched to so."""
    if unit_id is None:
        return False
    return known.accused_unit_id == unit_id or await repository.withheld_from(session, known.case_id, unit_id)
