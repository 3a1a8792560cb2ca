"""Timed sweeps of dispatches."""

from __future__ import annotations

from datetime import timedelta

from libs.common.service import Job
from services.grid.dispatches import service

JOBS = (Job("mark-unsigned-cases", timedelta(minutes=1), service.mark_unsigned),)
