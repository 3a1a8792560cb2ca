"""Use case of problem lists: take. Nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.errors import DomainError
from libs.common.ids import new_id
from services.grid.cases.service import By, Case
from services.grid.problem_lists import repository
from services.grid.reports import service as reports
from services.grid.reports.domain import Report

TAKE = "grid.problem_list.take"
CHANNEL = "list"


@dataclass(frozen=True)
class Taken:
    """What became of a row (处理结果): its case, and whether the list made it."""

    case: Case
    made: bool


Outcome = Taken | DomainError


async def take(session: AsyncSession, given: Sequence[Report], *, by: By) -> list[Outcome]:
    """Report every row (清单导入), each with its outcome in order; who takes a list with errors rolls back.

    A number that came before is answered with its case, whatever the row says now.
    """
    numbers = [one.source_number for one in given if one.source_number is not None]
    known = await repository.known(session, CHANNEL, numbers)
    return [await _outcome(session, one, known, by) for one in given]


async def _outcome(session: AsyncSession, given: Report, known: Mapping[str, Case], by: By) -> Outcome:
    if (before := known.get(given.source_number or "")) is not None:
        return Taken(before, made=False)
    try:
        async with session.begin_nested():
            told = await reports.report(session, new_id(), given, fingerprint=_fingerprint(given), by=by)
    except DomainError as error:
        return error
    return Taken(told.case, told.made)


def _fingerprint(given: Report) -> bytes:
    return sha256(orjson.dumps(given)).digest()
