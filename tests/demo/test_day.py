"""`make demo` against a platform: every story is told, and the day adds up."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from libs.common.embedded.processes import LOOPBACK, free_port
from libs.common.tree import repository_root
from services.demo.main import ACTS
from tests.chaos.platform import Running


def demo(url: str, root: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run it as `make demo` does."""
    return subprocess.run(
        [sys.executable, "-m", "services.demo", "--url", url, *options],
        cwd=repository_root(),
        env={**os.environ, "JIAYUAN_VAR": root, "COLUMNS": "160"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.mark.timeout(900)
def test_a_working_day_adds_up(platform: Running) -> None:
    platform.start()
    platform.await_answer()
    ran = demo(platform.url, str(platform.root))
    assert ran.returncode == 0, ran.stdout + ran.stderr + platform.said()
    for act in ACTS:
        assert ran.stdout.count(act.title) >= 2, act.title
    assert "✗" not in ran.stdout


def test_without_a_platform_it_says_what_to_do(tmp_path: object) -> None:
    ran = demo(f"http://{LOOPBACK}:{free_port()}", str(tmp_path))
    assert ran.returncode == 1
    assert "make run" in ran.stdout
