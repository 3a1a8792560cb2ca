"""Databases with the event path's tables."""

from __future__ import annotations

from tests.support.stores import new_store

__all__ = ["new_store"]
