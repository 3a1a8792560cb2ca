"""From the parties' yes to their agreement, or to the failure."""

from __future__ import annotations

from datetime import date, timedelta

import httpx
import pytest
from sqlalchemy import select

from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.policy import Role
from services.disputes.disputes.domain import State
from services.disputes.disputes.models import MediationSession
from tests.disputes.factories import MONDAY, Clock, create_bodies, upload
from tests.disputes.matters import WRITTEN, Desk


@pytest.fixture
async def desk(client: httpx.AsyncClient, database: Database) -> Desk:
    await create_bodies(database)
    return Desk(client, database)


@pytest.fixture
async def mediating(desk: Desk) -> Desk:
    await desk.register()
    await desk.reach(State.MEDIATING)
    return desk


async def test_with_the_last_consent_the_mediation_begins(desk: Desk) -> None:
    await desk.register()
    await desk.reach(State.ASSIGNED)
    first, second = await desk.everyone()
    waiting = await desk.does("consents", {"party_ids": [first], "note": "电话征询"})
    assert (waiting.state, waiting.mediator, waiting.mediating_at) == ("assigned", "mediator-1", None)
    assert (await desk.last())["outstanding"] == 1
    again = await desk.does("consents", {"party_ids": [first]})
    assert again.state == "assigned"
    begun = await desk.does("consents", {"party_ids": [second]})
    assert (begun.state, begun.mediating_at) == ("mediating", MONDAY)
    assert [(p.consent, p.consent_at) for p in await desk.parties()] == [("given", MONDAY)] * 2
    last = await desk.last()
    assert (last["outstanding"], last["status"]) == (0, "mediating")


@pytest.mark.parametrize("state", [State.ASSIGNED, State.MEDIATING])
async def test_one_clear_refusal_is_enough(desk: Desk, state: State) -> None:
    await desk.register()
    await desk.reach(state)
    dispute = await desk.refuse()
    assert (dispute.state, dispute.decided_at, dispute.on_time) == ("refused", MONDAY, True)
    assert [p.consent for p in await desk.parties()][1] == "refused"
    assert (await desk.events())[-1] == "refused"


async def test_only_parties_consent_refuse_and_attend(desk: Desk) -> None:
    await desk.register()
    await desk.reach(State.ASSIGNED)
    stranger = str(new_id())
    unknown = "422 dispute-party-unknown"
    assert await desk.refused("consents", {"party_ids": [stranger]}) == unknown
    assert await desk.refused("refuse", {"party_id": stranger, "note": "不"}) == unknown
    objection = {"party_id": stranger, "mediator": "mediator-1", "reason": "亲属"}
    assert await desk.refused("object", objection) == unknown
    await desk.consent()
    session = {"held_at": MONDAY.isoformat(), "note": "陈述", "present": [stranger]}
    assert await desk.refused("sessions", session) == unknown


async def test_a_mediator_objected_to_acts_no_more(mediating: Desk) -> None:
    party = (await mediating.everyone())[0]
    body = {"party_id": party, "mediator": "mediator-1", "reason": "与对方为近亲属"}
    dispute = await mediating.does("object", body)
    assert (dispute.objected, dispute.mediator) == (["mediator-1"], None)
    assert await mediating.refused("progress", {"note": "进展"}) == "403 dispute-mediator-objected"
    other = await mediating.does(
        "sessions", {"held_at": MONDAY.isoformat(), "note": "x"}, subject="mediator-2"
    )
    assert other.mediator == "mediator-2"
    assert "objected" in await mediating.events()


async def test_a_session_is_recorded(mediating: Desk, database: Database, clock: Clock) -> None:
    name = await upload(database, "mediator-1")
    clock.tick(timedelta(hours=3))
    held = MONDAY + timedelta(hours=1)
    present = (await mediating.everyone())[:1]
    body = {
        "held_at": held.isoformat(),
        "place": "居委会",
        "present": present,
        "note": "陈述",
        "photos": [name],
    }
    await mediating.does("sessions", body)
    row = await database.read(lambda s: s.scalar(select(MediationSession)))
    assert row is not None
    assert (row.held_at, row.place, row.mediator, row.note) == (held, "居委会", "mediator-1", "陈述")
    assert [str(party) for party in row.present] == present
    last = await mediating.last()
    assert last["session_id"] == str(row.id)
    ahead = body | {"held_at": (clock.now + timedelta(hours=1)).isoformat()}
    assert await mediating.refused("sessions", ahead) == "422 dispute-session-ahead"


async def test_progress_is_told(mediating: Desk) -> None:
    await mediating.does("progress", {"note": "已约双方周五到场", "interim": True})
    assert (await mediating.last())["interim"] is True
    assert (await mediating.history())[-1].note == "已约双方周五到场"


async def test_more_time_when_everyone_asks(mediating: Desk) -> None:
    everyone = await mediating.everyone()
    until = MONDAY + timedelta(days=60)
    body = {"until": until.isoformat(), "party_ids": everyone}
    some = body | {"party_ids": everyone[:1]}
    assert await mediating.refused("extend", some) == "422 dispute-not-all-parties"
    sooner = body | {"until": (MONDAY + timedelta(days=10)).isoformat()}
    assert await mediating.refused("extend", sooner) == "422 dispute-limit-not-later"
    dispute = await mediating.does("extend", body)
    assert (dispute.due_at, dispute.due_order, dispute.extensions) == (until, until, 1)


async def test_an_oral_agreement_is_in_effect_at_once(mediating: Desk) -> None:
    oral = WRITTEN | {"form": "oral"}
    assert await mediating.refused("agree", oral) == "422 dispute-written-required"
    dispute = await mediating.does("agree", oral | {"performed_on_spot": True})
    assert (dispute.state, dispute.decided_at, dispute.on_time) == ("agreed", MONDAY, True)
    (agreement,) = await mediating.agreements()
    assert (agreement.effective_at, agreement.perform_by) == (MONDAY, date(2026, 11, 23))
    last = await mediating.last()
    assert (last["form"], last["in_effect"], last["agreement_id"]) == ("oral", True, str(agreement.id))
    assert await mediating.refused("sign-agreement", {"sealed": True}) == "409 dispute-agreement-in-effect"


async def test_a_written_agreement_takes_effect_with_the_last_signature(
    mediating: Desk, clock: Clock
) -> None:
    await mediating.does("agree", WRITTEN)
    first, second = await mediating.everyone()
    assert await mediating.refused("sign-agreement", {}) == "422 content-invalid"
    await mediating.does("sign-agreement", {"party_ids": [first], "mediator": True})
    assert (await mediating.agreements())[0].effective_at is None
    clock.tick()
    await mediating.does("sign-agreement", {"sealed": True})
    clock.tick()
    await mediating.does("sign-agreement", {"party_ids": [second]})
    (agreement,) = await mediating.agreements()
    assert (agreement.mediator_signed_at, agreement.effective_at) == (MONDAY, clock.now)
    assert (agreement.number, agreement.committee) == (agreement.number, "310107005001.people-mediation")
    assert (await mediating.last())["in_effect"] is True
    assert await mediating.refused("fail", {"reason": "not-signed", "note": "拒签"}) == (
        "409 dispute-agreement-in-effect"
    )


async def test_who_will_not_sign_makes_the_agreement_void(mediating: Desk) -> None:
    await mediating.does("agree", WRITTEN)
    unfit = {"reason": "too-far-apart", "note": "分歧"}
    assert await mediating.refused("fail", unfit) == "422 dispute-fail-reason"
    failed = await mediating.does("fail", {"reason": "not-signed", "note": "李四拒绝签字"})
    assert (failed.state, failed.fail_reason) == ("failed", "not-signed")
    (agreement,) = await mediating.agreements()
    assert (agreement.void_at, agreement.effective_at) == (MONDAY, None)
    await mediating.does("escalate")
    await mediating.consent(Role.CENTRE_COORDINATOR)
    await mediating.does("agree", WRITTEN, Role.CENTRE_COORDINATOR)
    await mediating.sign(Role.CENTRE_COORDINATOR)
    assert [a.round for a in await mediating.agreements()] == [1, 2]


async def test_nobody_reached_is_a_failure_before_any_consent(desk: Desk, clock: Clock) -> None:
    await desk.register()
    assigned = await desk.reach(State.ASSIGNED)
    assert assigned.due_at is not None
    clock.now = assigned.due_at + timedelta(days=1)
    dispute = await desk.does("fail", {"reason": "unreachable", "note": "多次联系未果"})
    assert (dispute.state, dispute.on_time) == ("failed", False)
    assert (await desk.last())["reason_code"] == "unreachable"
