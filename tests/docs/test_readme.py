"""Every snippet of both READMEs runs, and both tell the same story."""

from __future__ import annotations

import re
import subprocess
import sys

from libs.common.tree import repository_root
from tests.chaos.platform import Running

READMES = ("README.md", "README.zh-CN.md")


def snippets(name: str) -> str:
    """The shell blocks of a document, one after the other."""
    found = re.findall(r"^```bash\n(.*?)^```", (repository_root() / name).read_text("utf-8"), re.M | re.S)
    assert found, f"{name} has no snippet"
    return "\n".join(found)


def test_both_readmes_show_the_same_calls() -> None:
    english, chinese = (re.sub(r"#.*", "", snippets(name)) for name in READMES)
    assert english == chinese


def test_the_first_case_closes(platform: Running) -> None:
    """The calls of one README: the other's are the same."""
    platform.start()
    platform.await_answer()
    script = snippets(READMES[0]).replace(".venv/bin/jiayuan", f"{sys.executable} -m services.cli")
    ran = subprocess.run(
        ["bash", "-eu", "-c", script],
        cwd=repository_root(),
        env={
            "PATH": "/usr/bin:/bin",
            "BASE": platform.url,
            "TOKENS": str(platform.root / "tokens.json"),
            "JIAYUAN_VAR": str(platform.root),
        },
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = ran.stdout.splitlines()
    assert [word for word in said if word in ("filed", "signed", "done", "checked", "closed")] == [
        "filed",
        "signed",
        "done",
        "checked",
        "closed",
    ]
