"""Timed work of the tallies."""

from __future__ import annotations

from datetime import timedelta

from libs.common.service import Job
from services.grid.tallies import service

JOBS = (Job("count-on", timedelta(seconds=5), service.count_on),)
