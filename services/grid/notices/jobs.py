"""Timed work of the notices."""

from __future__ import annotations

from datetime import timedelta

from libs.common.service import Job
from services.grid.notices import service

JOBS = (
    Job("write-notices", timedelta(seconds=2), service.tell),
    Job("remind-of-patrols", timedelta(minutes=5), service.remind),
    Job("forget-notices", timedelta(hours=1), service.forget),
)
