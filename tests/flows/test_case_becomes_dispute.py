"""Story 2: a hotline order that is a property dispute goes to mediation, and its end closes the case.

Every message is delivered twice.
"""

from __future__ import annotations

import pytest

from tests.flows.quarrel import FIRM, OWNER, REMEDIES, TERMS, Quarrel
from tests.flows.story import ok
from tests.flows.test_case_becomes_task import nothing_parked, rows
from tests.flows.world import World


async def begun(world: World) -> Quarrel:
    """The order is in mediation, nobody has classified it."""
    quarrel = Quarrel(world)
    await quarrel.order()
    await quarrel.convert()
    return quarrel


async def mediating(world: World) -> Quarrel:
    """Everybody has agreed to be mediated."""
    quarrel = await begun(world)
    await quarrel.classify()
    await quarrel.assign()
    await quarrel.consent()
    return quarrel


async def test_an_agreement_solves_the_case(world: World) -> None:
    quarrel = await begun(world)
    dispute = await quarrel.dispute()
    assert (dispute["state"], dispute["channel"]) == ("registered", "grid")
    assert dispute["subject_number"] == (await quarrel.case())["number"]
    assert [(party["role"], party["kind"]) for party in dispute["parties"]] == [
        ("applicant", "owner"), ("respondent", "firm"),
    ]  # fmt: skip
    await quarrel.classify()
    studio = await quarrel.assign()
    await quarrel.consent()
    case = await quarrel.case()
    assert (case["state"], case["queue"]) == ("converted", "interim_reply")
    await quarrel.step(quarrel.hotline, "interim-reply", note="已告知市民：正由居委会调解")
    assert (await quarrel.case())["queue"] is None
    await quarrel.agree()
    world.clock.move(days=2)
    await quarrel.does(quarrel.mediator, "close")
    shown = await quarrel.seen(quarrel.hotline)
    assert (shown["state"], shown["outcome"]) == ("closed", "solved")
    assert shown["mediation"] == {
        "result": "agreement", "answered_at": world.clock.now.isoformat().replace("+00:00", "Z"),
        "body": studio["name_zh"], "remedies": [],
    }  # fmt: skip
    history = ok(await quarrel.hotline.get(f"{quarrel.path}/history"))
    for secret in (FIRM["name"], OWNER["name"], TERMS):
        assert secret not in str(shown)
        assert secret not in str(history)
    assert await rows(world, "disputes", "SELECT state FROM incoming_handover") == [("accepted",)]
    await nothing_parked(world)


@pytest.mark.parametrize("end", ["refused", "failed"])
async def test_a_refusal_or_a_failure_is_explained_with_what_stays_open(world: World, end: str) -> None:
    quarrel = await begun(world)
    await quarrel.classify()
    await quarrel.assign()
    await {"refused": quarrel.refuse, "failed": quarrel.fail}[end]()
    assert (await quarrel.case())["state"] == "converted"
    await quarrel.does(quarrel.mediator, "close", remedies=REMEDIES)
    shown = await quarrel.seen(quarrel.hotline)
    assert (shown["state"], shown["outcome"]) == ("closed", "explained")
    assert (shown["mediation"]["result"], shown["mediation"]["remedies"]) == (end, REMEDIES)
    await nothing_parked(world)


async def test_urging_supplements_and_photos_reach_mediation(world: World) -> None:
    quarrel = await begun(world)
    await quarrel.step(quarrel.hotline, "urge", note="市民再次来电")
    photo = await quarrel.photo(quarrel.hotline, "grid", 2)
    await quarrel.step(quarrel.hotline, "supplement", text="市民补充照片", photos=[photo])
    await world.settle()
    await world.copy_photos()
    dispute = await quarrel.dispute()
    assert dispute["urges"] == 1
    hashes = {each["hash"] for each in (await quarrel.case())["photos"]}
    assert len(hashes) == 2
    for name in hashes:
        assert await quarrel.coordinator.download(f"/disputes/v1/media/{name}") == "image/jpeg"


async def test_returned_before_it_is_classified_it_is_dispatched_elsewhere(world: World) -> None:
    quarrel = Quarrel(world)
    await quarrel.settle_units()
    await quarrel.order()
    await quarrel.convert()
    await quarrel.does(quarrel.coordinator, "return", reason="no-property-dispute", note="系楼道堆物")
    case = await quarrel.case()
    assert (case["state"], case["queue"], case["return_count"]) == ("returned", "returned", 1)
    assert "designate" not in case["allowed_actions"]
    taken = await quarrel.step(quarrel.dispatcher, "recall", reason="同意退回，另行派遣")
    assert (taken["state"], taken["queue"]) == ("filed", "to_dispatch")
    await world.settle()
    assert (await quarrel.dispute())["state"] == "returned"
    await quarrel.step(quarrel.dispatcher, "dispatch", unit_id=str(quarrel.unit_id))
    await world.settle()
    assert (await quarrel.task())["subject_id"] == str(quarrel.case_id)
    await nothing_parked(world)


async def test_classified_it_is_not_returned_any_more(world: World) -> None:
    quarrel = await begun(world)
    await quarrel.classify()
    refused = await quarrel.send(quarrel.coordinator, "return", reason="not-our-area", note="非本辖区")
    assert refused.status == 409
    assert (await quarrel.case())["state"] == "converted"


async def test_recalled_while_mediating_the_parties_go_on_by_themselves(world: World) -> None:
    quarrel = await mediating(world)
    recalled = await quarrel.step(quarrel.dispatcher, "recall", reason="属违法搭建，另行派遣")
    assert recalled["state"] == "filed"
    await world.settle()
    dispute = await quarrel.dispute()
    assert dispute["state"] == "mediating"
    assert dispute["sender_withdrawn_at"] is not None
    await quarrel.agree()
    await quarrel.does(quarrel.mediator, "close")
    assert (await quarrel.dispute())["outcome"] == "agreement"
    case = await quarrel.case()
    assert (case["state"], case["outcome"], case["mediation"]) == ("filed", None, None)
    await nothing_parked(world)


async def test_an_answer_that_crosses_a_withdrawal_is_recorded_and_not_applied(world: World) -> None:
    quarrel = await mediating(world)
    await quarrel.agree()
    await quarrel.step(quarrel.dispatcher, "recall", reason="另行派遣")
    ok(await quarrel.send(quarrel.mediator, "close"))
    await world.settle()
    assert (await quarrel.case())["state"] == "filed"
    assert (await quarrel.dispute())["state"] == "closed"
    recorded = "SELECT step, applied FROM handover_step WHERE step = 'answer'"
    assert await rows(world, "grid", recorded) == [("answer", False)]
    assert await rows(world, "disputes", recorded) == [("answer", False)]
    await nothing_parked(world)


async def test_without_consent_nothing_goes_over(world: World) -> None:
    quarrel = Quarrel(world)
    await quarrel.order(consent=False)
    version = (await quarrel.dispatcher.get(quarrel.path)).version
    body = {"parties": [FIRM]}
    refused = await quarrel.dispatcher.post(f"{quarrel.path}/convert", body, version=version)
    assert (refused.status, refused.body["code"]) == (409, "handover-consent-missing")
    await world.settle()
    assert await rows(world, "disputes", "SELECT id FROM incoming_handover") == []
