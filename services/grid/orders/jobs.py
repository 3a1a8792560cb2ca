"""Timed sweeps of hotline orders."""

from __future__ import annotations

from datetime import timedelta

from libs.common.service import Job
from services.grid.orders import service

JOBS = (
    Job("mark-order-clocks", timedelta(seconds=30), service.mark),
    Job("follow-cases-of-orders", timedelta(seconds=30), service.follow),
)
