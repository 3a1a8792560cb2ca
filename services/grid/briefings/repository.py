"""The statement of the briefings."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.handover.models import OutgoingHandover


async def withheld_from(session: AsyncSession, case_id: UUID, unit_id: UUID) -> bool:
    """Whether a handover of the case has left the reporter out for this unit."""
    handed = exists().where(
        OutgoingHandover.subject_id == case_id,
        OutgoingHandover.unit_id == unit_id,
        OutgoingHandover.reporter_withheld,
    )
    return bool(await session.scalar(select(handed)))
