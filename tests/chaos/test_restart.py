"""Stopped, killed and started again: what was answered stays."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from uuid import UUID

import httpx
import pytest

from libs.common.policy import Role
from tests.chaos.callers import Caller, Callers
from tests.chaos.conftest import Note
from tests.chaos.journeys import report
from tests.chaos.ledger import Account, Ledger, accounts
from tests.chaos.load import Load
from tests.chaos.platform import Running

REPORTS = 40
FIRST_RECEIPT_SECONDS = 30.0
"""The promise is 10 s; a machine that tests in parallel gets more."""


async def one(load: Load) -> None:
    """A journey of one step."""
    await load.send(report(load))


async def unread(load: Load, told: Mapping[UUID, Account]) -> list[str]:
    """Receipts that were answered and cannot be read."""
    missing = []
    for account in told.values():
        shown = await load.read(Caller(Role.ACCEPTOR), "grid", f"/grid/v1/cases/{account.write.subject}")
        if account.acknowledged and shown["receipt_number"] != account.answers[0].receipt:
            missing.append(f"{account}: {shown['receipt_number']}")
    return missing


@pytest.mark.timeout(900)
async def test_every_receipt_outlives_a_kill_and_an_orderly_stop(
    platform: Running, tmp_path: Path, note: Note
) -> None:
    book = tmp_path / "ledger"
    platform.start()
    figures = [f"start {await asyncio.to_thread(platform.await_answer):.1f} s"]
    async with httpx.AsyncClient(timeout=15) as client:
        with Ledger(book) as ledger:
            load = Load(client, {"grid": platform.url}, ledger, Callers(platform.root / "keys"), Random(1))
            await load.run(one, writes=REPORTS)
            servers = platform.servers()

            await asyncio.to_thread(platform.kill)
            killed_at = time.monotonic()
            platform.start()
            await load.run(one, writes=1, workers=1)
            first = time.monotonic() - killed_at
            figures.append(f"first receipt after kill -9 {first:.1f} s")
            assert first < FIRST_RECEIPT_SECONDS, platform.said()
            assert platform.servers() == servers, "the running database is adopted"
            assert await unread(load, accounts(book)) == []

            stopped_at = time.monotonic()
            assert await asyncio.to_thread(platform.stop, signal.SIGINT) == 0, platform.said()
            figures.append(f"Ctrl-C {time.monotonic() - stopped_at:.1f} s")
            assert platform.servers() == []
            platform.start()
            figures.append(f"start {await asyncio.to_thread(platform.await_answer):.1f} s")
            assert await unread(load, accounts(book)) == []

    kept = [account for account in accounts(book).values() if account.acknowledged]
    assert len(kept) == load.acknowledged > REPORTS
    note("figures", f"restart: {', '.join(figures)}")
