"""No file over its budget; and the check itself turns red when one is."""

from __future__ import annotations

from pathlib import Path

import pytest

from libs.common.tree import repository_root
from tests.gate.budgets import over_budget, sources


def test_every_file_keeps_its_budget() -> None:
    root = repository_root()
    found = [line for p in sources(root) for line in over_budget(p.relative_to(root), p.read_text("utf-8"))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "path, source, says",
    [
        ("libs/a.py", "x = 1\n" * 401, "401 lines, the budget is 400"),
        ("services/grid/cases/domain.py", "x = 1\n" * 251, "251 lines, the budget is 250"),
        ("libs/utils.py", "x = 1\n", "never utils"),
        ("libs/a.py", "def f():\n" + "    x = 1\n" * 40, "f: 41 lines"),
        ("libs/a.py", "def f(a, b, c, d, e, *, f, g): ...\n", "f: 7 parameters"),
    ],
)
def test_a_planted_violation_is_found(path: str, source: str, says: str) -> None:
    found = list(over_budget(Path(path), source))
    assert len(found) == 1
    assert says in found[0]
