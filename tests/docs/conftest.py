"""A platform of the test's own, as `make run` starts it."""

from __future__ import annotations

from tests.chaos.conftest import bus, platform, prepared

__all__ = ["bus", "platform", "prepared"]
