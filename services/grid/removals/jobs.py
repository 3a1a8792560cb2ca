"""Timed work of the removals."""

from __future__ import annotations

from datetime import timedelta

from libs.common.service import Job
from services.grid.removals import service

JOBS = (
    Job("make-removals", timedelta(minutes=5), service.make_agreed),
    Job("mark-overdue-removals", timedelta(minutes=1), service.mark_overdue),
    Job("report-overdue-removals", timedelta(minutes=1), service.report_overdue),
)
