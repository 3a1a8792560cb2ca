"""Coverage of the toolbox 覆盖率, where the variable `JIAYUAN_MEASURED` names a folder for it.

To be imported before anything of the toolbox: that is instrumented as it is imported, and instruments itself
no more where it has been. A trace function, as coverage.py needs one before Python 3.12, would make the
toolbox's tests take twice the time.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from slipcover import FileMatcher, ImportManager, Slipcover

FOLDER = "JIAYUAN_MEASURED"
TOOLBOX = Path(__file__).resolve().parents[2] / "libs"
# What no run can reach: imports for the type checker, bodies of protocols, methods that only subclasses have.
NOT_MEANT = ["if TYPE_CHECKING:", r"\.\.\.$", "raise NotImplementedError"]


def _begin() -> Slipcover | None:
    hands_out = "-n" in sys.argv and "PYTEST_XDIST_WORKER" not in os.environ  # and runs no test itself
    if FOLDER not in os.environ or hands_out:
        return None
    measure = Slipcover(branch=True, source=[str(TOOLBOX)], exclude_also=NOT_MEANT)
    ImportManager(measure, FileMatcher(sources=[TOOLBOX])).__enter__()
    return measure


_measure = _begin()


def end() -> None:
    """Write down where this process has been."""
    if _measure is not None:
        folder = Path(os.environ[FOLDER])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{os.getpid()}.json").write_text(json.dumps(_measure.get_coverage()), "utf-8")
