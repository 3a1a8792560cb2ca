"""A migration is written from what the models have and the database lacks: here, nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from libs.common.embedded.revising import write_migration


@pytest.mark.parametrize("history", ["toolbox", "grid"])
async def test_models_and_migrations_agree(history: str, tmp_path: Path) -> None:
    await asyncio.to_thread(write_migration, history, "nothing to do", of="grid", into=tmp_path)
    (written,) = await asyncio.to_thread(lambda: [file.read_text("utf-8") for file in tmp_path.glob("*.py")])
    assert "def upgrade" in written
    assert "op." not in written
