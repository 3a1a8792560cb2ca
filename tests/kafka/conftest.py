"""Databases for tests on Kafka."""

from __future__ import annotations

from tests.support.stores import new_store

__all__ = ["new_store"]
