"""Both guides to repair orders and major matters show the same calls, and each call exists."""

from __future__ import annotations

import re

from libs.common.http.app import outline
from libs.common.tree import repository_root
from services.grid.main import SERVICE as GRID
from services.tasks.main import SERVICE as TASKS

CALL = re.compile(r"`(GET|POST) /(grid|tasks)(/v1/[^`?]*)")


def calls(name: str) -> list[tuple[str, str]]:
    """Method and path of each call that the guide shows, in order, whatever its parameters are called."""
    told = (repository_root() / "docs/guides" / name).read_text("utf-8")
    return [
        (verb, re.sub(r"\{\w+\}", "{}", f"/{service}{path}")) for verb, service, path in CALL.findall(told)
    ]


def test_both_guides_show_calls_that_exist() -> None:
    shown = calls("urgent.md")
    assert sorted(shown) == sorted(calls("urgent.zh-CN.md"))
    there = {
        (verb.upper(), re.sub(r"\{\w+\}", "{}", path))
        for service in (GRID, TASKS)
        for path, item in outline(service).openapi()["paths"].items()
        for verb in item
    }
    assert len(shown) == 8
    assert set(shown) <= there
