"""The snippets of the catalogue's guide run, and both languages show the same calls."""

from __future__ import annotations

import asyncio
import re
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from tests.docs.test_hotline import snippets

GUIDES = ("catalogue.md", "catalogue.zh-CN.md")


def test_both_guides_show_the_same_calls() -> None:
    english, chinese = (re.sub(r" *#.*", "", snippets(name)) for name in GUIDES)
    assert english == chinese
    assert english


async def test_every_snippet_runs(served: str, tmp_path: Path) -> None:
    where = {"BASE": served, "TOKENS": str(tmp_path / "tokens.json"), "PYTHON": sys.executable}
    ran = await asyncio.create_subprocess_exec(
        "bash", "-eu", "-o", "pipefail", "-c", snippets(GUIDES[0]), cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", **where}, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    out, faults = await asyncio.wait_for(ran.communicate(), 60)
    assert ran.returncode == 0, (out + faults).decode()
    examined, taken = out.decode().splitlines()
    assert examined == taken == "0399:added 0202/found:changed 0399/found:added"
