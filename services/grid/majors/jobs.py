"""Timed sweeps of major matters."""

from __future__ import annotations

from datetime import timedelta

from libs.common.service import Job
from services.grid.majors import service

JOBS = (Job("mark-overdue-receipts", timedelta(seconds=30), service.mark_overdue),)
