"""Databases with the event path's tables."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from libs.common.db import Database
from libs.common.embedded.postgres import Postgres
from tests.common.events.test_bus_local import LocalRig, local_rig
from tests.support.stores import NewStore, new_store

__all__ = ["new_store", "store"]


@pytest.fixture
async def store(new_store: NewStore) -> Database:
    """One database for the test alone."""
    return await new_store("grid")


@pytest.fixture
async def rig(new_store: NewStore, postgres: Postgres) -> AsyncIterator[LocalRig]:
    """Producer and consumer over the local bus."""
    async with local_rig(new_store, postgres) as made:
        yield made
