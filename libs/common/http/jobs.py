"""Timed sweeps of the HTTP edge: what no longer says anything is deleted."""

from __future__ import annotations

from datetime import timedelta

from libs.common.http.denials import forget_denials
from libs.common.http.idempotency import forget_answers
from libs.common.service import Job

JOBS = (
    Job("forget_answers", timedelta(minutes=10), forget_answers),
    Job("forget_denials", timedelta(minutes=10), forget_denials),
)
