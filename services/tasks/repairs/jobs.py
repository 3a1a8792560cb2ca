"""Timed sweep of repair orders."""

from __future__ import annotations

from datetime import timedelta

from libs.common.service import Job
from services.tasks.repairs import service

JOBS = (Job("mark_absent_repairers", timedelta(seconds=30), service.mark_absent),)
