"""A return is asked for once, before the classification."""

from __future__ import annotations

import httpx
import pytest

from libs.common.db import Database
from libs.common.policy import Role
from tests.disputes.factories import Clock, create_bodies
from tests.disputes.matters import Desk, Sender

BODY = {"reason": "not-our-area", "note": "属邻镇"}


@pytest.mark.parametrize("role", [Role.MEDIATOR, Role.CENTRE_COORDINATOR, Role.DISTRICT_MEDIATION])
async def test_whoever_would_have_classified_it_may_return_it(
    client: httpx.AsyncClient, database: Database, clock: Clock, role: Role
) -> None:
    await create_bodies(database)
    desk = Desk(client, database)
    await desk.take((await Sender(database, clock).request()).id)
    assert (await desk.does("return", BODY, role)).state == "returning"
    assert await desk.refused("return", BODY, role) == "409 illegal-transition"


async def test_once_classified_it_stays(client: httpx.AsyncClient, database: Database, clock: Clock) -> None:
    await create_bodies(database)
    desk = Desk(client, database)
    await desk.take((await Sender(database, clock).request()).id)
    await desk.classify()
    assert await desk.refused("return", BODY) == "409 illegal-transition"
