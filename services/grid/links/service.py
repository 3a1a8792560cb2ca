"""Use cases of the links: issue, show how far it is, take what the reporter says. Nothing here commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.policy import Actor
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.disclosures import service as disclosures
from services.grid.disclosures.service import Progress
from services.grid.lifecycle.domain import RATED, CaseState
from services.grid.links import repository
from services.grid.links.domain import LinkUnknown, check_round, digest_of, new_token
from services.grid.links.models import CaseLink
from services.grid.satisfactions import service as satisfactions
from services.grid.satisfactions.service import Rating, Told

VISITOR = Actor("public:link", "public")
"""Who acts by a link: nobody asks who they are."""
AT_ONCE = 1000


@dataclass(frozen=True)
class Opened:
    """What a link shows (链接内容): the case's number, how far it is, whether one may still rate it."""

    receipt_number: str
    progress: Progress
    can_rate: bool
    rated: bool


async def issue(session: AsyncSession, case_id: UUID, *, until: datetime, now: datetime) -> str:
    """A new link to the present round of the case; answers its token, which is kept nowhere."""
    case = await cases.get(session, case_id)
    assert case is not None, "a message is about a case"
    token = new_token()
    row = CaseLink(digest=digest_of(token), case_id=case_id, round=case.round, made_at=now, expires_at=until)
    await repository.add(session, row)
    return token


async def _found(session: AsyncSession, token: str, now: datetime) -> tuple[CaseLink, Case]:
    link = await repository.get(session, digest_of(token), now)
    case = await cases.get(session, link.case_id) if link else None
    if link is None or case is None:
        raise LinkUnknown
    return link, case


async def show(session: AsyncSession, token: str, now: datetime) -> Opened:
    """How far the case is (办理进度), as the public view tells it. Raises `LinkUnknown`."""
    link, case = await _found(session, token, now)
    told = await disclosures.progress(session, case.receipt_number)
    rated = any(
        (row.round, row.told_by) == (link.round, case.id)
        for row in await satisfactions.ratings_of(session, case)
    )
    ended = CaseState(case.state) in RATED and case.round == link.round
    return Opened(case.receipt_number, told, ended and not rated, rated)


async def rate(session: AsyncSession, token: str, told: Told, now: datetime) -> Rating:
    """What the reporter says of the round that the message told of, once (满意度评价).

    Raises `LinkUnknown`, `LinkOutdated`, `RatedTooLate`, `RatedAlready`, `IllegalTransition`.
    """
    link, case = await _found(session, token, now)
    check_round(link, case)
    return await satisfactions.rate_by_link(session, case.id, told, by=By(VISITOR, now))


async def forget(session: AsyncSession, now: datetime) -> int:
    """Delete links that have expired."""
    return await repository.forget(session, now, AT_ONCE)
