"""Life cycles under many hands: a small run here, a large one by `make fuzz`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fuzz.budget import Amount
from tests.fuzz.lives import Lives
from tests.fuzz.stage import Stage
from tests.support.databases import Databases


def test_life_cycles(
    databases: Databases, tmp_path: Path, amount: Amount, record_property: Callable[[str, object], None]
) -> None:
    """No answer of class 5xx, no step that was refused and counted, no broken invariant."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        Lives.runner, Lives.steps, Lives.taken = runner, 0, 0
        try:
            Lives.stage = runner.run(Stage.open(databases, tmp_path, stack))
            while Lives.steps < amount.steps:
                machine = hypothesis.seed(amount.seed + Lives.steps)(Lives)
                run_state_machine_as_test(machine, settings=_settings(amount.stories))
        finally:
            runner.run(stack.aclose())
    record_property("figures", f"fuzz lives: seed {amount.seed}, {Lives.steps} steps, {Lives.taken} taken")


def _settings(stories: int) -> settings:
    return settings(
        max_examples=stories,
        stateful_step_count=40,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
