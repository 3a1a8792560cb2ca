"""Every snippet of the hotline's guide runs, and both languages show the same calls."""

from __future__ import annotations

import asyncio
import re
from asyncio.subprocess import PIPE
from pathlib import Path

from libs.common.tree import repository_root
from tests.grid.factories import NEIGHBOURHOOD

GUIDES = ("hotline.md", "hotline.zh-CN.md")
SAID = [
    "received", "linked", "received", "ORDER", "handling", "asked", "DUE", "rejected", "replied",
    "received", "received", "repeated", "linked", "supplemented", "urged", "contacted", "extension-asked",
    "extended", "replied", "closed", "handling",
]  # fmt: skip


def snippets(name: str) -> str:
    """The shell blocks of a guide, one after the other."""
    told = (repository_root() / "docs/guides" / name).read_text("utf-8")
    return "\n".join(re.findall(r"^```bash\n(.*?)^```", told, re.M | re.S))


def test_both_guides_show_the_same_calls() -> None:
    english, chinese = (re.sub(r" *#.*", "", snippets(name)) for name in GUIDES)
    assert english == chinese
    assert english


async def test_every_snippet_runs(served: str, tmp_path: Path) -> None:
    where = {"BASE": served, "TOKENS": str(tmp_path / "tokens.json"), "AREA": NEIGHBOURHOOD}
    ran = await asyncio.create_subprocess_exec(
        "bash", "-eu", "-o", "pipefail", "-c", snippets(GUIDES[0]),
        env={"PATH": "/usr/bin:/bin", **where}, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    out, faults = await asyncio.wait_for(ran.communicate(), 60)
    assert ran.returncode == 0, (out + faults).decode()
    said = out.decode().split()
    assert len(said) == len(SAID), said
    told = ["ORDER" if word.startswith("SH") else "DUE" if word[0].isdigit() else word for word in said]
    assert told == SAID
