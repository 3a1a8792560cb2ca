"""Databases with the event path's tables."""

from __future__ import annotations

import pytest

from libs.common.db import Database
from tests.support.stores import NewStore, new_store

__all__ = ["new_store", "store"]


@pytest.fixture
async def store(new_store: NewStore) -> Database:
    """One database for the test alone."""
    return await new_store("grid")
