"""Timed work of the links."""

from __future__ import annotations

from datetime import timedelta

from libs.common.service import Job
from services.grid.links import service

JOBS = (Job("forget-links", timedelta(hours=1), service.forget),)
