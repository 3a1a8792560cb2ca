"""Every step over HTTP in every state that people reach: what the table forbids changes nothing."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from libs.common.contracts import handover as said
from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.policy import Role
from services.disputes.disputes.domain import LIFE, Action, State
from tests.disputes.factories import MONDAY, Clock, create_bodies
from tests.disputes.matters import REMEDIES, WRITTEN, Desk, Sender

ALONE = {Action.BEGIN, Action.SETTLE, Action.TAKE_BACK, Action.KEEP}
"""Steps that no person takes by a request of their own."""

_ID = str(new_id())
BODIES: dict[Action, dict[str, Any]] = {
    Action.CLASSIFY: {"dispute_class": "ordinary", "dispute_type": "parking"},
    Action.RECLASSIFY: {"dispute_class": "major", "dispute_type": "parking", "reason": "涉及群体"},
    Action.ASSIGN: {},
    Action.CONSENT: {"party_ids": [_ID]},
    Action.REFUSE: {"party_id": _ID, "note": "不同意"},
    Action.OBJECT: {"party_id": _ID, "mediator": "mediator-9", "reason": "近亲属"},
    Action.SESSION: {"held_at": MONDAY.isoformat(), "note": "各自陈述"},
    Action.PROGRESS: {"note": "已约时间"},
    Action.SUPPLEMENT: {"note": "补交合同"},
    Action.URGE: {},
    Action.EXTEND: {"until": "2027-02-01T00:00:00+08:00", "party_ids": [_ID]},
    Action.AGREE: WRITTEN,
    Action.SIGN_AGREEMENT: {"sealed": True},
    Action.FAIL: {"reason": "other", "note": "其他"},
    Action.ESCALATE: {},
    Action.ROUTE_DOWN: {},
    Action.CLOSE: REMEDIES,
    Action.WITHDRAW: {"reason": "和解"},
    Action.RETURN: {"reason": "other", "note": "其他"},
}
PATHS = {
    Action.RECLASSIFY: "classify",
    Action.CONSENT: "consents",
    Action.SESSION: "sessions",
}
ROLES = {
    Action.URGE: Role.CENTRE_COORDINATOR,
    Action.RECLASSIFY: Role.CENTRE_COORDINATOR,
    Action.ROUTE_DOWN: Role.CENTRE_COORDINATOR,
}


def forbidden(state: State) -> list[Action]:
    """Steps that people may not take in the state."""
    shut = set(Action) - ALONE - LIFE.allowed(state)
    one_route = {Action.CLASSIFY, Action.RECLASSIFY}
    return sorted(shut - (one_route if one_route & LIFE.allowed(state) else set()))


@pytest.fixture
async def desk(client: httpx.AsyncClient, database: Database) -> Desk:
    await create_bodies(database)
    return Desk(client, database)


async def all_refused(desk: Desk, state: State) -> None:
    for action in forbidden(state):
        answer = await desk.refused(
            PATHS.get(action, action), BODIES[action], ROLES.get(action, Role.MEDIATOR)
        )
        assert answer == "409 illegal-transition", (state, action, answer)


@pytest.mark.parametrize("state", [state for state in State if "return" not in state])
async def test_a_step_out_of_turn_changes_nothing(desk: Desk, state: State) -> None:
    await desk.register()
    await desk.reach(state)
    await all_refused(desk, state)


async def test_a_step_out_of_turn_while_and_after_it_is_returned(desk: Desk, clock: Clock) -> None:
    sender = Sender(desk.database, clock)
    await desk.take((await sender.request()).id)
    await desk.does("return", {"reason": "not-our-area", "note": "属邻镇"})
    await all_refused(desk, State.RETURNING)
    await sender.say(said.TakenBack, note="另派")
    await all_refused(desk, State.RETURNED)
