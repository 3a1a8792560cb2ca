"""The repository names no path of a machine, no package registry and no host that a reader cannot reach."""

from __future__ import annotations

import re
import subprocess

from libs.common.tree import repository_root

# Split, so that this file does not match itself.
FORBIDDEN = re.compile(
    "|".join(
        (
            r"\.\./sha" + "red",
            r"/wo" + r"rk/(main|shared|\.library)",
            r"pypi\.o" + "rg|pythonho" + "sted|registry\\.npm" + r"js|repo1?\.ma" + "ven|deb\\.deb" + "ian",
            r"/ro" + "ot/",
        )
    )
)


def test_no_machine_path_and_no_registry_host() -> None:
    root = repository_root()
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    found = []
    for name in filter(None, listed.split("\0")):
        path = root / name
        if not path.is_file() or path.suffix in {".png", ".woff2", ".gz"}:
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            if FORBIDDEN.search(line):
                found.append(f"{name}:{number}: {line.strip()[:120]}")
    assert not found, "\n".join(found)
