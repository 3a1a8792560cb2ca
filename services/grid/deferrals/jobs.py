"""Timed sweeps of deferrals."""

from __future__ import annotations

from datetime import timedelta

from libs.common.service import Job
from services.grid.deferrals import service

JOBS = (Job("resume-suspended-cases", timedelta(minutes=1), service.resume_due),)
