"""Timed sweeps of escalations."""

from __future__ import annotations

from datetime import timedelta

from libs.common.service import Job
from services.grid.escalations import service

JOBS = (Job("escalate-cases", timedelta(seconds=30), service.escalate_due),)
