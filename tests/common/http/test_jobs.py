"""The edge's sweeps, as the worker runs them."""

from __future__ import annotations

from libs.common.db import Database
from libs.common.http.jobs import JOBS
from libs.common.jobs import run_once
from tests.common.http.conftest import NOW


async def test_every_sweep_runs(database: Database) -> None:
    assert [await run_once(database, "sample", job, now=NOW) for job in JOBS] == [0, 0]
