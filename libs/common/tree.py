"""Where the project's own files lie.

>>> (repository_root() / "pyproject.toml").exists()
True
"""

from __future__ import annotations

from pathlib import Path


def repository_root() -> Path:
    """The folder that holds `libs` and `services`."""
    return Path(__file__).resolve().parents[2]
