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

from services.cli import DEMO_UNIT
from tests.chaos.conftest import Note
from tests.chaos.ledger import Account, Ledger, Step, accounts
from tests.chaos.load import Load
from tests.chaos.platform import Running

REPORTS = 40
FIRST_RECEIPT_SECONDS = 30.0
"""The promise is 10 s; a machine that tests in parallel gets more."""


async def unread(client: httpx.AsyncClient, platform: Running, told: Mapping[UUID, Account]) -> list[str]:
    """Receipts that were answered and cannot be read."""
    headers = {"Authorization": f"Bearer {platform.tokens()['acceptor']}"}
    missing = []
    for account in told.values():
        response = await client.get(f"/grid/v1/cases/{account.write.case_id}", headers=headers)
        kept = response.json().get("receipt_number")
        if account.acknowledged and kept != account.answers[0].receipt:
            missing.append(f"{account}: {response.status_code} {kept}")
    return missing


@pytest.mark.timeout(900)
async def test_every_receipt_outlives_a_kill_and_an_orderly_stop(
    platform: Running, tmp_path: Path, note: Note
) -> None:
    book = tmp_path / "ledger"
    platform.start()
    figures = [f"start {await asyncio.to_thread(platform.await_answer):.1f} s"]
    async with httpx.AsyncClient(base_url=platform.url, timeout=15) as client:
        with Ledger(book) as ledger:
            load = Load(client, ledger, platform.tokens(), DEMO_UNIT, Random(1))
            await load.run([1] * REPORTS)
            servers = platform.servers()

            await asyncio.to_thread(platform.kill)
            killed_at = time.monotonic()
            platform.start()
            await load.run([1], workers=1)
            first = time.monotonic() - killed_at
            figures.append(f"first receipt after kill -9 {first:.1f} s")
            assert first < FIRST_RECEIPT_SECONDS, platform.said()
            assert platform.servers() == servers, "the running database is adopted"
            assert await unread(client, platform, accounts(book)) == []

            stopped_at = time.monotonic()
            assert await asyncio.to_thread(platform.stop, signal.SIGINT) == 0, platform.said()
            figures.append(f"Ctrl-C {time.monotonic() - stopped_at:.1f} s")
            assert platform.servers() == []
            platform.start()
            figures.append(f"start {await asyncio.to_thread(platform.await_answer):.1f} s")
            assert await unread(client, platform, accounts(book)) == []

    steps = [account.write.step for account in accounts(book).values() if account.acknowledged]
    assert steps == [Step.REPORT] * (REPORTS + 1)
    note("figures", f"restart: {', '.join(figures)}")
