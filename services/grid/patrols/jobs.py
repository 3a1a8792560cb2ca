"""Timed work of the patrols."""

from __future__ import annotations

from datetime import timedelta

from libs.common.service import Job
from services.grid.patrols import service

JOBS = (
    Job("make-patrols", timedelta(minutes=5), service.make_due),
    Job("mark-missed-patrols", timedelta(minutes=5), service.mark_missed),
)
