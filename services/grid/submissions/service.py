"""Use case of submissions: make. Nothing here commits."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.ids import new_id
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.dissuasions.service import check_bound
from services.grid.lifecycle.domain import PhotoStage
from services.grid.reports import service as reports
from services.grid.reports.domain import Report, check_told
from services.grid.rules import service as rules

MAKE = "grid.submission.make"


async def make(session: AsyncSession, estate_id: UUID, given: Report, *, fingerprint: bytes, by: By) -> Case:
    """Report something of the own estate (小区上报), through a channel of the own role.

    The scope is the estate, which is looked at here: no area is asked for. Raises `EstateUnknown`,
    `ChannelUnknown`, `ChannelNotYours`, `MediaUnknown`, and what `reports.service.report` raises.
    """
    assert by.viewer is not None, "a person reports"
    check_bound(by.viewer, MAKE, estate_id, by.now)
    check_told(given, await rules.rules(session), by.viewer, by.now)
    plain, unguarded = replace(given, photos=()), By(by.actor, by.now)
    told = await reports.report(session, new_id(), plain, fingerprint=fingerprint, by=unguarded)
    await cases.add_photos(session, told.case, given.photos, PhotoStage.BEFORE, by)
    return told.case
