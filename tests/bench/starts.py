"""The start 启动: `make run` on a folder that was started before, until the first receipt."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import httpx

from libs.common.clocks import utc_now
from libs.common.embedded.processes import LOOPBACK, free_port
from libs.common.ids import new_id
from libs.common.tree import repository_root
from tests.bench.plan import Bench

FIRST_SECONDS = 600.0
BODY = {
    "channel": "leader",
    "category": "0202",
    "description": "楼道堆物",
    "place": {"area": "310107005001", "address": "武宁路100弄3号"},
}


def measure(bench: Bench) -> None:
    """`start`."""
    root = bench.stage.folder / "platform"
    root.mkdir(exist_ok=True)
    root.chmod(0o711)
    with bench.step("first start"):
        _start(root)
    for _ in bench.each_round("start"):
        bench.board.add("start", _start(root))


def _start(root: Path) -> float:
    """Seconds from the command to the receipt of a report; stops the platform again."""
    port, tokens = free_port(), root / "tokens.json"
    tokens.unlink(missing_ok=True)
    with (root / "make.log").open("ab") as log:
        began = time.monotonic()
        made = subprocess.Popen(
            ["make", "run", f"PORT={port}"],
            cwd=repository_root(),
            env={**os.environ, "JIAYUAN_VAR": str(root)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        while not _reported(f"http://{LOOPBACK}:{port}", tokens):
            if made.poll() is not None or time.monotonic() - began > FIRST_SECONDS:
                raise RuntimeError(f"the platform does not start, see {root / 'make.log'}")
            time.sleep(0.02)
        return time.monotonic() - began
    finally:
        os.killpg(made.pid, signal.SIGTERM)
        made.wait(60)


def _reported(url: str, tokens: Path) -> bool:
    """Whether a report was taken."""
    try:
        token = json.loads(tokens.read_text("utf-8"))["acceptor"]
        answer = httpx.put(
            f"{url}/grid/v1/cases/{new_id()}",
            json={**BODY, "found_at": utc_now().isoformat()},
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )
    except (OSError, ValueError, httpx.TransportError):
        return False
    return answer.status_code == httpx.codes.CREATED
