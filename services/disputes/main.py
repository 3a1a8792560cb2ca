"""The service `disputes` 纠纷, on one screen."""

from __future__ import annotations

from libs.common.handover.restating import restaters
from libs.common.http.access import access_router
from libs.common.service import Service
from libs.common.toolbox import JOBS as TOOLBOX_JOBS
from services.disputes.base import Base

SERVICE = Service(
    name="disputes",
    title_zh="纠纷",
    title_en="disputes",
    metadata=Base.metadata,
    routers=(access_router("disputes"),),
    handlers={},
    jobs=TOOLBOX_JOBS,
    loaders={},
    restaters=restaters("disputes"),
)
