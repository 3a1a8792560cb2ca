"""A migrated database is the one that the models describe, constraints and indexes included."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from libs.common.embedded.processes import blocking
from libs.common.service import Service
from libs.common.toolbox import METADATA as TOOLBOX_METADATA
from services.cli import SERVICES
from tests.gate.schema import schema_of
from tests.support.databases import Databases


def create_all(service: Service, url: str) -> None:
    """Make the tables straight from the models."""

    async def run() -> None:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(TOOLBOX_METADATA.create_all)
            await connection.run_sync(service.metadata.create_all)
        await engine.dispose()

    blocking(run)


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.name)
async def test_migrated_schema_is_the_models(databases: Databases, service: Service) -> None:
    migrated, migrated_url = await asyncio.to_thread(
        lambda: databases.clone(databases.of_service(service.name), "migrated")
    )
    modelled = await asyncio.to_thread(
        databases.template, f"{service.name}_models", lambda url: create_all(service, url)
    )
    modelled_url = databases.postgres.url_for(modelled, f"{service.name}_models")
    in_migrations, in_models = await schema_of(migrated_url), await schema_of(modelled_url)
    await asyncio.to_thread(databases.drop, migrated)
    assert sorted(in_models - in_migrations) == [], "in the models only: write a migration"
    assert sorted(in_migrations - in_models) == [], "in the migrations only"


async def test_a_planted_difference_is_found(databases: Databases) -> None:
    name, url = await asyncio.to_thread(lambda: databases.clone(databases.of_service("grid"), "planted"))
    before = await schema_of(url)
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE outbox ADD CONSTRAINT planted CHECK (version > 0)"))
        await connection.execute(text("CREATE INDEX planted_index ON outbox (topic) WHERE version > 1"))
    await engine.dispose()
    after = await schema_of(url)
    await asyncio.to_thread(databases.drop, name)
    assert len(after - before) == 2
