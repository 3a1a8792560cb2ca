"""Budgets that signal a split, not a waiver: function 40 lines, file 400, `domain.py` 250, parameters 6."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

FUNCTION_LINES = 40
FILE_LINES = 400
DOMAIN_LINES = 250
PARAMETERS = 6
NO_NAMES = frozenset({"utils", "helpers", "manager"})
WRITTEN_BY_TOOLS = "versions"
"""Migrations are generated, long lists of columns: they are exempt."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def over_budget(path: Path, source: str) -> Iterator[str]:
    """Each thing in the file that is over its budget, in words."""
    lines = source.count("\n")
    limit = DOMAIN_LINES if path.name == "domain.py" else FILE_LINES
    if lines > limit:
        yield f"{path}: {lines} lines, the budget is {limit}"
    if path.stem in NO_NAMES:
        yield f"{path}: a file is named after its role, never {path.stem}"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Function):
            yield from _function_over_budget(path, node)


def _function_over_budget(path: Path, node: Function) -> Iterator[str]:
    length = (node.end_lineno or node.lineno) - node.lineno + 1
    if length > FUNCTION_LINES:
        yield f"{path}:{node.lineno} {node.name}: {length} lines, the budget is {FUNCTION_LINES}"
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    count = len([name for name in names if name not in {"self", "cls"}])
    if count > PARAMETERS and "tests" not in path.parts:
        yield f"{path}:{node.lineno} {node.name}: {count} parameters, the budget is {PARAMETERS}"


def sources(root: Path) -> Iterator[Path]:
    """Every Python file of the project that people write."""
    for top in ("libs", "services", "tests"):
        yield from (p for p in sorted((root / top).rglob("*.py")) if WRITTEN_BY_TOOLS not in p.parts)
