"""The service `targets` 目标, on one screen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.handover.restating import restaters
from libs.common.http.access import access_router
from libs.common.media.api import media_router
from libs.common.media.links import Record
from libs.common.policy import Principal
from libs.common.service import Service
from libs.common.toolbox import JOBS as TOOLBOX_JOBS
from services.targets.allocations import api as allocations_api
from services.targets.allocations import loading as allocations_loading
from services.targets.allocations import service as allocations
from services.targets.base import Base
from services.targets.contributions import api as contributions_api
from services.targets.contributions import consumers as contributions_consumers
from services.targets.directory import consumers as directory_consumers
from services.targets.episodes import api as episodes_api
from services.targets.episodes import consumers as episodes_consumers
from services.targets.episodes import jobs as episodes_jobs
from services.targets.overviews import api as overviews_api
from services.targets.plans import api as plans_api
from services.targets.plans import service as plans
from services.targets.reports import api as reports_api
from services.targets.reports import jobs as reports_jobs
from services.targets.reports import service as reports
from services.targets.rules import api as rules_api
from services.targets.rules import service as rules
from services.targets.targets import api as targets_api
from services.targets.targets import loading as targets_loading
from services.targets.targets import service as targets


async def may_read(session: AsyncSession, viewer: Principal, record: Record, now: datetime) -> bool:
    """Evidence is seen through its report."""
    return record.type == "report" and await reports.may_read(session, record.id, viewer)


MEDIA = media_router("targets", may_read, read=["targets.report.read"], write=["targets.report.submit"])

SERVICE = Service(
    name="targets",
    title_zh="目标",
    title_en="targets",
    metadata=Base.metadata,
    routers=(
        plans_api.router,
        targets_api.router,
        allocations_api.router,
        rules_api.router,
        overviews_api.router,
        contributions_api.router,
        episodes_api.router,
        reports_api.router,
        MEDIA,
        access_router("targets"),
    ),
    handlers={
        **directory_consumers.HANDLERS,
        **contributions_consumers.HANDLERS,
        **episodes_consumers.HANDLERS,
    },
    jobs=(*reports_jobs.JOBS, *episodes_jobs.JOBS, *TOOLBOX_JOBS),
    loaders={
        "rules": rules.load,
        "plans": plans.load,
        "targets": targets_loading.load,
        "allocations": allocations_loading.load,
    },
    restaters={
        "plan": plans.restate_plans,
        "target": targets.restate_targets,
        "allocation": allocations.restate_allocations,
        "rule": rules.restate_rules,
        **restaters("targets"),
    },
)
