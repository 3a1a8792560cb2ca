"""What red lights propose: every step is delivered twice and acts once."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.contracts import handover as said
from libs.common.contracts.handover import Outcome
from libs.common.db import Database
from libs.common.handover.domain import State as HandoverState
from libs.common.ids import new_id
from services.tasks.main import SERVICE
from services.tasks.supervisions.domain import State
from tests.tasks.factories import Clock, outbox
from tests.tasks.supervisions.proposer import CODE, Proposer

TOPIC = "jiayuan.tasks.supervision.v1"


@pytest.fixture
def proposer(database: Database, clock: Clock) -> Proposer:
    return Proposer(database, clock)


async def test_a_red_light_becomes_one_proposal(database: Database, proposer: Proposer) -> None:
    unit_id = new_id()
    row = await proposer.propose(unit_id)
    assert (row.state, row.version, row.unit_id, row.area) == (State.PROPOSED, 1, unit_id, "310101")
    assert (row.target_id, row.target_code, row.details) == (proposer.target_id, CODE, {"light": "red"})
    assert row.number.startswith("S20261123-310101000-")
    (event,) = await outbox(database, TOPIC)
    assert event.type == "cn.jiayuan.tasks.supervision.proposed.v1"
    assert (event.payload["handover_id"], event.payload["target_id"]) == (
        str(proposer.id),
        str(row.target_id),
    )
    assert "喷淋" not in str(event.payload)


async def test_a_light_that_left_red_takes_its_proposal_back(database: Database, proposer: Proposer) -> None:
    await proposer.propose(new_id())
    await proposer.say(said.Withdrawn, note="已转绿")
    row = await proposer.supervision()
    assert row.state == State.WITHDRAWN
    assert row.ended_at is not None
    assert (await proposer.handover()).state == HandoverState.WITHDRAWN
    assert [event.type.split(".")[4] for event in await outbox(database, TOPIC)] == ["proposed", "withdrawn"]


@pytest.mark.parametrize(
    ("state", "answer", "expected"),
    [
        ("requested", None, State.PROPOSED),
        ("withdrawn", None, State.WITHDRAWN),
        ("accepted", Outcome(result="not-issued", summary="数据有误"), State.NOT_ISSUED),
        ("accepted", Outcome(result="issued"), State.PROPOSED),
    ],
)
async def test_a_proposal_that_was_lost_is_made_anew(
    proposer: Proposer, state: str, answer: Outcome | None, expected: State
) -> None:
    fields: dict[str, Any] = proposer.requested(new_id()) | {"state": state, "answer": answer}
    fields |= {"requested_at": proposer.clock.now, "waits": {}}
    if state in ("accepted", "withdrawn"):
        fields["ended_at"] = proposer.clock.now
    await proposer.say(said.Restated, **fields)
    assert (await proposer.supervision()).state == expected


def test_the_service_hears_it() -> None:
    heard = {event.type for event in SERVICE.handlers}
    assert "cn.jiayuan.targets.handover-tasks.requested.v1" in heard
    assert "cn.jiayuan.grid.handover-tasks.requested.v1" in heard
