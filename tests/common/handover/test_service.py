"""Use cases of both sides, each step there and back over two databases, every message delivered twice."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

import orjson
import pytest
from sqlalchemy import func, select

from libs.common.events.models import History, Outbox
from libs.common.events.record import PayloadTooLarge
from libs.common.fsm import IllegalTransition
from libs.common.handover import repository, service
from libs.common.handover.domain import DeadlinePassed
from libs.common.handover.kinds import ConsentMissing, NotInKind, OutcomeRefused, StepRefused, UnknownKind
from libs.common.handover.models import HandoverWait
from libs.common.handover.orders import Amendment, Contact, Joint, Outcome, Progress
from libs.common.handover.repository import HandoverNotFound
from libs.common.handover.service import AlreadyRequested, JointTaken
from libs.common.ids import new_id
from tests.common.handover.conftest import NewWorld
from tests.common.handover.world import AFTER, CONTENTS, DISPATCHER, START, World

DONE = Outcome(result="solved", summary="已清理", media=(AFTER,))


async def test_there_and_back(world: World) -> None:
    handover_id = await world.request(note="请处置")
    world.later(minutes=10)
    await world.reply(service.sign, handover_id)
    await world.flow()
    world.later(hours=2)
    contact = Contact(at=world.now, person="王某")
    await world.reply(service.first_contact, handover_id, contact)
    await world.reply(service.report_progress, handover_id, Progress("已到场", interim=True))
    await world.reply(service.answer, handover_id, DONE)
    await world.flow()
    assert (await world.outgoing(handover_id)).state == "answered"
    world.later(hours=1)
    await world.send(service.accept, handover_id, note="核查通过")
    await world.flow()
    await world.agrees(handover_id)
    out = await world.outgoing(handover_id)
    assert (out.state, out.on_time, out.ended_at, out.reworks) == ("accepted", True, world.now, 0)
    assert out.answer == DONE.model_dump(mode="json")
    assert (out.waiting_for, out.wait_until) == (None, None)
    assert world.heard == [
        "on_requested", "on_signed", "on_first_contact", "on_progress", "on_answered", "on_accepted"
    ]  # fmt: skip
    steps = await world.steps(handover_id)
    assert [(s.author, s.version, s.step, s.replies_to) for s in steps] == [
        ("sender", 1, "request", 0),
        ("receiver", 1, "sign", 1),
        ("receiver", 2, "first_contact", 1),
        ("receiver", 3, "progress", 1),
        ("receiver", 4, "answer", 1),
        ("sender", 2, "accept", 4),
    ]
    assert steps[5].reply_to_id == steps[4].id
    assert steps[2].details == {"contacted_at": contact.at and _iso(contact.at), "person": "王某"}
    assert (steps[0].by, steps[0].role, steps[0].note) == ("dispatcher-1", "dispatcher", "请处置")


def _iso(moment: object) -> str:
    return str(orjson.loads(orjson.dumps(moment, option=orjson.OPT_UTC_Z)))


async def test_the_receiver_knows_what_it_must_and_every_step_is_one_event(world: World) -> None:
    joint = Joint(new_id(), lead=True)
    handover_id = await world.request(joint=joint, extension_limit=1)
    row = await world.incoming(handover_id)
    assert row.contents == CONTENTS.model_dump(mode="json")
    assert (row.peer, row.joint_id, row.lead, row.extension_limit) == ("grid", joint.id, True, 1)
    assert (row.first_due_at, row.unit_id, row.times) == (START + timedelta(hours=8), UUID(int=7), 1)
    await world.send(service.urge, handover_id, note="")
    counted = select(func.count()).select_from(Outbox)
    assert await world.sender.read(lambda s: s.scalar(counted)) == 2
    history = await world.sender.read(lambda s: s.scalars(select(History).order_by(History.version)))
    assert [(h.version, h.action, h.from_state, h.to_state) for h in history.all()] == [
        (1, "request", None, "requested"),
        (2, "urge", "requested", "requested"),
    ]


async def test_urging_supplement_and_change_reach_the_receiver(world: World) -> None:
    handover_id = await world.request()
    await world.send(service.urge, handover_id, note="居民再次来电")
    await world.send(service.urge, handover_id, note="又来电")
    await world.send(service.supplement, handover_id, note="门禁码 1234", media=(AFTER,))
    due = world.now + timedelta(hours=20)
    await world.send(service.change, handover_id, Amendment(category="B02", due_at=due, note="重新定类"))
    await world.send(service.change, handover_id, Amendment(note="只说明"))
    await world.flow()
    await world.agrees(handover_id)
    row = await world.incoming(handover_id)
    assert (row.urges, row.due_at, row.contents["category"]) == (2, due, "B02")
    assert row.first_due_at == START + timedelta(hours=8)
    assert world.heard == [
        "on_requested", "on_urged", "on_urged", "on_supplemented", "on_changed", "on_changed"
    ]  # fmt: skip


async def test_a_return_is_taken_back_and_the_next_handover_names_the_old(world: World) -> None:
    handover_id = await world.request()
    await world.reply(service.give_back, handover_id, reason="非本单位职责", assigned=False)
    await world.flow()
    out = await world.outgoing(handover_id)
    assert (out.state, out.waiting_for, out.ended_at) == ("return_requested", "return_decision", None)
    await world.send(service.take_back, handover_id, note="另派")
    await world.flow()
    await world.agrees(handover_id)
    again = await world.request(replaces=handover_id)
    row = await world.incoming(again)
    assert (row.replaces_id, row.times) == (handover_id, 2)
    assert [r.id for r in await world.sender.read(
        lambda s: repository.list_of_subject(s, world.subject.id)
    )] == [handover_id, again]  # fmt: skip
    assert world.heard == ["on_requested", "on_return_asked", "on_taken_back", "on_requested"]


@pytest.mark.parametrize("signed", [True, False])
async def test_a_designated_one_goes_on_and_cannot_be_returned(world: World, signed: bool) -> None:
    handover_id = await world.request()
    if signed:
        await world.reply(service.sign, handover_id)
    await world.reply(service.give_back, handover_id, reason="人手不足", assigned=False)
    await world.flow()
    await world.send(service.designate, handover_id, note="指定处置")
    await world.flow()
    await world.agrees(handover_id)
    row = await world.incoming(handover_id)
    assert (row.state, row.designated) == ("signed" if signed else "requested", True)
    with pytest.raises(StepRefused, match="designated"):
        await world.reply(service.give_back, handover_id, reason="再退", assigned=False)


async def test_no_return_while_a_person_is_assigned(world: World) -> None:
    handover_id = await world.request()
    with pytest.raises(StepRefused, match="assigned"):
        await world.reply(service.give_back, handover_id, reason="", assigned=True)
    assert (await world.incoming(handover_id)).version == 0


async def test_an_extension_is_refused_then_granted_up_to_the_limit(world: World) -> None:
    handover_id = await world.request(extension_limit=1)
    await world.reply(service.sign, handover_id)
    wanted = world.now + timedelta(days=2)
    await world.reply(service.ask_extension, handover_id, until=wanted, reason="待料")
    await world.flow()
    out = await world.outgoing(handover_id)
    assert (out.extension_until, out.waiting_for) == (wanted, "extension_decision")
    await world.send(service.refuse_extension, handover_id, note="不同意")
    await world.flow()
    await world.agrees(handover_id)
    await world.reply(service.ask_extension, handover_id, until=wanted, reason="仍待料")
    await world.flow()
    await world.send(service.grant_extension, handover_id, due_at=wanted, note="同意")
    await world.flow()
    await world.agrees(handover_id)
    row = await world.incoming(handover_id)
    assert (row.due_at, row.extensions, row.extension_until, row.wait_until) == (wanted, 1, None, wanted)
    with pytest.raises(StepRefused, match="limit"):
        await world.reply(service.ask_extension, handover_id, until=wanted, reason="")
    assert world.heard[2:] == [
        "on_extension_asked", "on_extension_refused", "on_extension_asked", "on_extension_granted"
    ]  # fmt: skip


async def test_rework_keeps_unit_and_clock_and_the_last_answer_is_judged(world: World) -> None:
    handover_id = await world.request()
    due = (await world.outgoing(handover_id)).due_at
    await world.reply(service.sign, handover_id)
    await world.reply(service.answer, handover_id, DONE)
    await world.flow()
    world.later(hours=1)
    await world.send(service.demand_rework, handover_id, note="未清理干净", media=(AFTER,))
    await world.flow()
    await world.agrees(handover_id)
    row = await world.incoming(handover_id)
    assert (row.state, row.reworks, row.due_at, row.unit_id) == ("signed", 1, due, UUID(int=7))
    with pytest.raises(StepRefused, match="rework"):
        await world.reply(service.give_back, handover_id, reason="", assigned=False)
    world.later(hours=8)
    await world.reply(service.answer, handover_id, DONE)
    await world.flow()
    await world.send(service.accept, handover_id)
    await world.flow()
    assert (await world.incoming(handover_id)).on_time is False


async def test_suspension_stops_the_wait_and_the_sender_sends_the_new_deadline(world: World) -> None:
    handover_id = await world.request()
    await world.reply(service.sign, handover_id)
    await world.flow()
    world.later(hours=1)
    await world.send(service.suspend, handover_id, note="台风")
    await world.flow()
    row = await world.incoming(handover_id)
    assert (row.suspended_at, row.wait_until) == (world.now, None)
    world.later(days=3)
    due = world.now + timedelta(hours=7)
    await world.send(service.resume, handover_id, due_at=due)
    await world.flow()
    await world.agrees(handover_id)
    row = await world.incoming(handover_id)
    assert (row.suspended_at, row.due_at, row.wait_until) == (None, due, due)


async def test_an_accepted_answer_without_a_deadline_has_no_verdict(world: World) -> None:
    handover_id = await world.request(due_at=None)
    await world.reply(service.sign, handover_id)
    await world.reply(service.answer, handover_id, DONE)
    await world.flow()
    await world.send(service.accept, handover_id)
    await world.flow()
    assert (await world.incoming(handover_id)).on_time is None


async def test_withdrawn(world: World) -> None:
    handover_id = await world.request()
    await world.send(service.withdraw, handover_id, note="案件作废")
    await world.flow()
    await world.agrees(handover_id)
    with pytest.raises(IllegalTransition):
        await world.reply(service.sign, handover_id)
    with pytest.raises(IllegalTransition):
        await world.send(service.accept, handover_id)


async def test_an_accused_receiver_does_not_learn_the_reporter(world: World) -> None:
    handover_id = await world.request(reporter_withheld=True)
    for row in (await world.outgoing(handover_id), await world.incoming(handover_id)):
        assert row.contents["reporter"] is None
        assert row.reporter_withheld
    payloads = await world.sender.read(lambda s: s.scalars(select(Outbox.payload)))
    assert not any("王某" in payload or "13800001234" in payload for payload in payloads)


async def test_joint_handling_has_one_lead_and_each_unit_once(world: World) -> None:
    joint_id = new_id()
    lead = await world.request(joint=Joint(joint_id, lead=True), unit_id=UUID(int=1))
    second = await world.request(joint=Joint(joint_id, lead=False), unit_id=UUID(int=2))
    with pytest.raises(JointTaken):
        await world.request(joint=Joint(joint_id, lead=True), unit_id=UUID(int=3))
    with pytest.raises(JointTaken):
        await world.request(joint=Joint(joint_id, lead=False), unit_id=UUID(int=2))

    async def still_open() -> list[UUID]:
        rows = await world.sender.read(lambda s: repository.open_in_joint(s, joint_id))
        return [row.id for row in rows]

    assert await still_open() == [lead, second]
    await world.reply(service.sign, lead)
    await world.reply(service.answer, lead, DONE)
    await world.flow()
    assert await still_open() == [second]
    await world.reply(service.give_back, second, reason="重复", assigned=False)
    await world.flow()
    assert await still_open() == [second]
    await world.send(service.take_back, second, note="")
    assert await still_open() == []
    again = await world.request(joint=Joint(joint_id, lead=False), unit_id=UUID(int=2), replaces=second)
    await world.send(service.demand_rework, lead, note="")
    assert await still_open() == [lead, again]


async def test_one_proposal_per_red_episode(new_world: NewWorld) -> None:
    world = await new_world("supervision")
    first = await world.request(once="2026-02:red")
    await world.send(service.withdraw, first, note="")
    with pytest.raises(AlreadyRequested):
        await world.request(once="2026-02:red")
    assert await world.request(once="2026-03:red") != first


async def test_what_a_request_must_hold(new_world: NewWorld) -> None:
    world = await new_world("case-dispute")
    with pytest.raises(ConsentMissing):
        await world.request(consent_at=None)
    with pytest.raises(DeadlinePassed):
        await world.request(due_at=world.now)
    with pytest.raises(HandoverNotFound):
        await world.request(replaces=new_id())
    with pytest.raises(PayloadTooLarge):
        await world.request(contents=CONTENTS.model_copy(update={"description": "长" * 6000}))
    with pytest.raises(UnknownKind):
        await world.sender.transact(
            lambda s: service.request(s, "nothing", world.subject, world.order(), actor=DISPATCHER, now=START)
        )
    assert await world.sender.read(lambda s: s.scalar(select(func.count()).select_from(Outbox))) == 0


async def test_a_refused_step_changes_nothing(new_world: NewWorld) -> None:
    world = await new_world("case-dispute")
    handover_id = await world.request()
    with pytest.raises(NotInKind):
        await world.send(service.designate, handover_id, note="")
    with pytest.raises(DeadlinePassed):
        await world.send(service.grant_extension, handover_id, due_at=START, note="")
    with pytest.raises(DeadlinePassed):
        await world.reply(service.ask_extension, handover_id, until=START, reason="")
    await world.reply(service.sign, handover_id)
    with pytest.raises(OutcomeRefused):
        await world.reply(service.answer, handover_id, DONE)
    with pytest.raises(HandoverNotFound):
        await world.send(service.urge, new_id(), note="")
    await world.flow()
    await world.agrees(handover_id)
    assert (await world.outgoing(handover_id)).version == 1


async def test_configured_waits_overrule_the_defaults_and_a_running_one_keeps_its_own(world: World) -> None:
    def wait(seconds: int, since: timedelta) -> HandoverWait:
        return HandoverWait(
            kind="case-task", waiting_for="sign", effective_at=START + since, seconds=seconds, source="演示"
        )

    for row in (wait(600, timedelta(days=-2)), wait(900, timedelta(days=-1)), wait(60, timedelta(days=1))):
        await world.sender.transact(partial(repository.set_wait, row=row))
    early = await world.request()
    assert (await world.outgoing(early)).wait_until == START + timedelta(seconds=900)
    assert (await world.incoming(early)).wait_until == START + timedelta(hours=4)
    await world.sender.transact(lambda s: repository.set_wait(s, wait(1200, timedelta(days=-1))))
    await world.send(service.urge, early, note="")
    assert (await world.outgoing(early)).wait_until == START + timedelta(seconds=900)
    late = await world.request()
    assert (await world.outgoing(late)).wait_until == START + timedelta(seconds=1200)
