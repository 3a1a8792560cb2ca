"""The matrix: no operation is forgotten, and every role gets from every place what the table says."""

from __future__ import annotations

import pytest
import structlog

from libs.common.http.app import create_app
from libs.common.policy import GRANTS, Role
from libs.common.service import Service
from libs.common.settings import Settings
from tests.authorisation.access import SERVICES
from tests.authorisation.calls import World, differences, operations
from tests.authorisation.places import Named
from tests.authorisation.table import FILE, read_table
from tests.authorisation.undone import Undone

TABLE = read_table(FILE.read_text("utf-8"))


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_no_operation_is_forgotten(service: Service) -> None:
    nowhere = Undone("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    app = create_app(service, settings=Settings(), database=nowhere, authenticator=Named())
    offered = set(operations(app.openapi(), service.name))
    judged = {operation.partition(" [")[0] for operation in TABLE.rows[service.name]}
    assert offered - judged == set(), "not in the table"
    assert judged - offered == set(), "in the table, but not offered"


def test_the_table_knows_every_role() -> None:
    named = {role for rows in TABLE.rows.values() for row in rows.values() for role in row}
    assert named == set(Role)


def test_no_permission_is_granted_to_nobody() -> None:
    assert [name for name, roles in GRANTS.items() if not roles] == []


async def judge(world: World) -> None:
    """Send everything; every difference is a line of the failure."""
    with structlog.testing.capture_logs():
        found = await differences(world, TABLE)
    assert found == [], "\n" + "\n".join(found)
    unsent = set(world.calls) - set(TABLE.rows[world.service])
    assert unsent == set(), "calls that the table does not judge"


async def test_grid(grid: World) -> None:
    await judge(grid)


async def test_tasks(tasks: World) -> None:
    await judge(tasks)


async def test_disputes(disputes: World) -> None:
    await judge(disputes)


async def test_targets(targets: World) -> None:
    await judge(targets)
