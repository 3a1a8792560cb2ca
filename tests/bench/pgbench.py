"""pgbench: what the database does by itself, the limit of a figure (极限)."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from libs.common.embedded.postgres import Postgres, pg_bin
from libs.common.embedded.processes import LOOPBACK

_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


class PgbenchFailed(RuntimeError):
    """It ended with an error, or transactions failed."""


class Pgbench:
    """Runs scripts against one database as its owner."""

    def __init__(self, postgres: Postgres, database: str, role: str = "grid") -> None:
        self._address = postgres.address(role, database)

    def tps(
        self, scripts: Sequence[Path], *, clients: int, seconds: float, first: int = 0, init: str = ""
    ) -> float:
        """Transactions per second; each takes one of the scripts. `first` is `:run`, different in every call.

        Raises `PgbenchFailed`.
        """
        done = subprocess.run(
            [
                str(pg_bin() / "pgbench"), "-n", "-M", "prepared", "-c", str(clients),
                "-j", str(min(2, clients)), "-T", str(max(1, round(seconds))), "-D", f"run={first}",
                "-D", "n=0", *[word for script in scripts for word in ("-f", str(script))],
                "-h", LOOPBACK, "-p", str(self._address.port), "-U", self._address.role,
                self._address.database,
            ],
            env={**os.environ, "PGPASSWORD": self._address.password},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        found = _TPS.search(done.stdout)
        failed = re.search(r"number of failed transactions: ([1-9]\d*)", done.stdout)
        if done.returncode or found is None or failed:
            raise PgbenchFailed(f"{done.stdout[:1000]}\n{done.stderr[:2000]}")
        return float(found[1])
