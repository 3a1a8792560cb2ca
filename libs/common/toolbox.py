"""What the toolbox brings into every service: its tables, complete, and its sweeps.

Importing this module registers every table.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common import loading
from libs.common.events import ddl, models, park
from libs.common.handover import models as handover_models
from libs.common.handover.jobs import JOBS as HANDOVER_JOBS
from libs.common.http import models as http_models
from libs.common.http.jobs import JOBS as HTTP_JOBS
from libs.common.service import Job

TABLES = (loading, ddl, models, handover_models, http_models)
METADATA = models.ToolboxBase.metadata


async def purge_parked(session: AsyncSession, now: datetime) -> int:
    """Drop what is parked beyond its retention."""
    return await park.purge(session, now=now)


JOBS = (*HANDOVER_JOBS, *HTTP_JOBS, Job("purge-parked", timedelta(hours=1), purge_parked))
"""The sweeps that every service runs."""
