"""The service `targets` 目标, on one screen."""

from __future__ import annotations

from libs.common.handover.restating import restaters
from libs.common.http.access import access_router
from libs.common.service import Service
from libs.common.toolbox import JOBS as TOOLBOX_JOBS
from services.targets.base import Base

SERVICE = Service(
    name="targets",
    title_zh="目标",
    title_en="targets",
    metadata=Base.metadata,
    routers=(access_router("targets"),),
    handlers={},
    jobs=TOOLBOX_JOBS,
    loaders={},
    restaters=restaters("targets"),
)
