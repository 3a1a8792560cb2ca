"""Timed sweep of lights."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.service import Job
from services.targets.episodes import service


async def look_at_lights(session: AsyncSession, now: datetime) -> int:
    """Compute the lights once a day and after figures came; what turned red proposes supervision."""
    return await service.look(session, now)


JOBS = (Job("look_at_lights", timedelta(seconds=30), look_at_lights),)
