"""A platform of the test's own, as `make run` starts it."""

from __future__ import annotations

from tests.chaos.conftest import platform, prepared

__all__ = ["platform", "prepared"]
