"""Timed sweeps of reminders."""

from __future__ import annotations

from datetime import timedelta

from libs.common.service import Job
from services.grid.reminders import service

JOBS = (Job("tell-cases-due-soon", timedelta(seconds=30), service.tell_due_soon),)
