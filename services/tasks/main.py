"""The service `tasks` 任务, on one screen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.handover.consumers import handlers
from libs.common.handover.restating import restaters
from libs.common.http.access import access_router
from libs.common.media.api import media_router
from libs.common.media.links import Record
from libs.common.policy import Principal
from libs.common.service import Service
from libs.common.toolbox import JOBS as TOOLBOX_JOBS
from services.tasks.assignments import consumers as assignments
from services.tasks.base import Base
from services.tasks.calendars import api as calendars_api
from services.tasks.calendars import service as calendars
from services.tasks.cooperation import api as cooperation
from services.tasks.directs import api as directs
from services.tasks.dossiers import api as dossiers
from services.tasks.duties import api as duties_api
from services.tasks.duties import consumers as duties_consumers
from services.tasks.duties import service as duties
from services.tasks.measures import api as measures_api
from services.tasks.measures import consumers as measures_consumers
from services.tasks.measures import service as measures
from services.tasks.repairs import api as repairs_api
from services.tasks.repairs import jobs as repairs_jobs
from services.tasks.supervisions import api as supervisions_api
from services.tasks.supervisions import consumers as supervisions_consumers
from services.tasks.supervisions import service as supervisions
from services.tasks.tasks import jobs as tasks_jobs
from services.tasks.tasks import service as tasks
from services.tasks.units import api as units_api
from services.tasks.units import service as units
from services.tasks.work import api as work


async def may_read(session: AsyncSession, viewer: Principal, record: Record, now: datetime) -> bool:
    """Photos are seen through their task."""
    return record.type == "task" and await tasks.may_read(session, record.id, viewer)


MEDIA = media_router("tasks", may_read, read=["tasks.task.read"], write=["tasks.task.work"])

RECEIVES = {**assignments.RECEIVES, **supervisions_consumers.RECEIVES}

SERVICE = Service(
    name="tasks",
    title_zh="任务",
    title_en="tasks",
    metadata=Base.metadata,
    routers=(
        units_api.router,
        duties_api.router,
        calendars_api.router,
        measures_api.router,
        dossiers.router,
        directs.router,
        work.router,
        repairs_api.router,
        cooperation.router,
        supervisions_api.router,
        MEDIA,
        access_router("tasks"),
    ),
    handlers={
        **duties_consumers.HANDLERS,
        **measures_consumers.HANDLERS,
        **handlers("tasks", sends={}, receives=RECEIVES),
    },
    jobs=(*tasks_jobs.JOBS, *repairs_jobs.JOBS, *TOOLBOX_JOBS),
    loaders={
        "units": units.load,
        "duties": duties.load,
        "calendar": calendars.load,
        "measures": measures.load,
    },
    restaters={
        "unit": units.restate_units,
        "duty": duties.restate_duties,
        "calendar": calendars.restate_calendar,
        "measure": measures.restate_measures,
        "task": tasks.restate_tasks,
        "supervision": supervisions.restate_supervisions,
        **restaters("tasks"),
    },
)
