"""The same parsers under atheris, which follows coverage; each in a process of its own.

    python -m tests.fuzz.coverage_guided RUNS SEED [PARSER]

Atheris has wheels for Linux on x86-64 only and is no part of `make test`: `make fuzz` installs it by
`requirements-fuzz.lock`. It ends at the first finding and names the file that holds the input.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LONGEST = 4096
PARSERS = "tests.fuzz.parsers"


def main(runs: str, seed: str, name: str = "") -> int:
    """Drive one parser, which never returns, or all; answers how many found something."""
    if name:
        drive(runs, seed, name)
    if find_spec("atheris") is None:
        sys.stderr.write(
            "atheris has no wheel for this machine: the parsers were driven by Hypothesis only\n"
        )
        return 0
    command = [sys.executable, "-m", "tests.fuzz.coverage_guided", runs, seed]
    targets = import_module(PARSERS).TARGETS
    return sum(subprocess.run([*command, target]).returncode != 0 for target in targets)


def drive(runs: str, seed: str, name: str) -> None:
    """Follow the coverage of our own code and of Pillow from the kept seeds."""
    # Named at run time: type checking and tests do without the package.
    atheris: Any = import_module("atheris")
    with atheris.instrument_imports(include=["libs", "PIL"]):
        parsers = import_module(PARSERS)
    corpus = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    for number, content in enumerate(parsers.seeds(name)):
        (corpus / f"seed-{number}").write_bytes(content)
    told = {
        "runs": runs,
        "seed": seed,
        "max_len": LONGEST,
        "timeout": 20,
        "artifact_prefix": f"{corpus}/found-",
    }
    options = [f"-{option}={value}" for option, value in told.items()]
    atheris.Setup([name, *options, str(corpus)], parsers.TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
