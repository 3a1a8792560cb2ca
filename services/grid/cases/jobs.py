"""Timed sweeps of cases."""

from __future__ import annotations

from datetime import timedelta

from libs.common.service import Job
from services.grid.cases import service

JOBS = (Job("mark-overdue-cases", timedelta(seconds=30), service.mark_overdue),)
