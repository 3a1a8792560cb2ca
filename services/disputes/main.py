"""The service `disputes` 纠纷, on one screen."""

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
from services.disputes.base import Base
from services.disputes.bodies import api as bodies_api
from services.disputes.bodies import service as bodies
from services.disputes.closings import api as closings
from services.disputes.directory import consumers as directory
from services.disputes.disputes import jobs as disputes_jobs
from services.disputes.disputes import service as disputes
from services.disputes.dossiers import api as dossiers_api
from services.disputes.dossiers import service as dossiers
from services.disputes.mediations import api as mediations
from services.disputes.referrals import api as referrals
from services.disputes.referrals import consumers as referrals_consumers
from services.disputes.registrations import api as registrations
from services.disputes.routes import api as routes
from services.disputes.rules import api as rules_api
from services.disputes.rules import service as rules
from services.disputes.types import api as types_api
from services.disputes.types import service as types


async def may_read(session: AsyncSession, viewer: Principal, record: Record, now: datetime) -> bool:
    """Photos are seen through their dispute, by its own people."""
    return record.type == "dispute" and await dossiers.may_see_photos(session, record.id, viewer, now)


MEDIA = media_router(
    "disputes", may_read, read=["disputes.dispute.read"], write=["disputes.dispute.register"]
)

SERVICE = Service(
    name="disputes",
    title_zh="纠纷",
    title_en="disputes",
    metadata=Base.metadata,
    routers=(
        types_api.router,
        bodies_api.router,
        rules_api.router,
        dossiers_api.router,
        registrations.router,
        routes.router,
        mediations.router,
        closings.router,
        referrals.router,
        MEDIA,
        access_router("disputes"),
    ),
    handlers={**directory.HANDLERS, **referrals_consumers.HANDLERS},
    jobs=(*disputes_jobs.JOBS, *TOOLBOX_JOBS),
    loaders={"types": types.load, "bodies": bodies.load, "rules": rules.load},
    restaters={
        "type": types.restate_types,
        "body": bodies.restate_bodies,
        "rule": rules.restate_rules,
        "dispute": disputes.restate_disputes,
        **restaters("disputes"),
    },
)
