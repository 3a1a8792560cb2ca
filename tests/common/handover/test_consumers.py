"""Hearing the other side: crossing steps over two databases, what comes after the end, repeats, hooks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from libs.common.contracts.handover import CHANNELS, Answered, Signed, Withdrawn, heard_by
from libs.common.events.models import Outbox
from libs.common.handover import service
from libs.common.handover.consumers import ReceiverHooks, SenderHooks, handlers
from libs.common.handover.domain import ReceiverStep, SenderStep
from libs.common.handover.kinds import KINDS
from libs.common.handover.models import HandoverMedia, HandoverStep
from libs.common.handover.orders import Amendment, Contact, Outcome, Progress
from libs.common.handover.repository import HandoverNotFound
from libs.common.ids import new_id
from tests.common.handover.conftest import NewWorld
from tests.common.handover.world import AFTER, BEFORE, START, World

DONE = Outcome(result="solved", summary="已清理", media=(AFTER,))
Act = Callable[[World, UUID], Awaitable[None]]


def _send(step: Any, *args: Any, **said: Any) -> Act:
    return lambda world, handover_id: world.send(step, handover_id, *args, **said)


def _reply(step: Any, *args: Any, **said: Any) -> Act:
    return lambda world, handover_id: world.reply(step, handover_id, *args, **said)


SOON, LATER = START + timedelta(hours=2), START + timedelta(days=9)
ORDERS: dict[str, Act] = {
    "supplement": _send(service.supplement, note="补充"),
    "urge": _send(service.urge, note="催"),
    "designate": _send(service.designate, note="指定"),
    "change": _send(service.change, Amendment(category="B02", due_at=SOON)),
    "grant_extension": _send(service.grant_extension, due_at=LATER, note=""),
    "refuse_extension": _send(service.refuse_extension, note=""),
    "suspend": _send(service.suspend, note="台风"),
    "resume": _send(service.resume, due_at=LATER),
    "withdraw": _send(service.withdraw, note="作废"),
}
REPLIES: dict[str, Act] = {
    "return": _reply(service.give_back, reason="非本单位", assigned=False),
    "first_contact": _reply(service.first_contact, Contact(note="无人接听")),
    "progress": _reply(service.report_progress, Progress("已到场")),
    "ask_extension": _reply(service.ask_extension, until=LATER, reason="待料"),
    "answer": _reply(service.answer, DONE),
}
VOID = {("designate", "return"), *(("withdraw", reply) for reply in REPLIES)}
ASKED_BEFORE = {"grant_extension", "refuse_extension"}
CROSSING = [
    (order, reply)
    for order in ORDERS
    for reply in REPLIES
    # While a question is open or the clock stands, nothing can be asked: these cannot cross.
    if reply != "ask_extension" or order not in {*ASKED_BEFORE, "resume"}
]


@pytest.mark.parametrize(("order", "reply"), CROSSING)
async def test_crossing_steps(busy_world: World, order: str, reply: str) -> None:
    world = busy_world
    handover_id = await world.request()
    await world.reply(service.sign, handover_id)
    if order in ASKED_BEFORE:
        await REPLIES["ask_extension"](world, handover_id)
    await world.flow()
    if order == "resume":
        await ORDERS["suspend"](world, handover_id)
        await world.flow()
    world.later(hours=1)
    world.heard.clear()
    await ORDERS[order](world, handover_id)
    await REPLIES[reply](world, handover_id)
    await world.flow()
    await world.agrees(handover_id)
    crossed = [step for step in await world.steps(handover_id) if step.author == "receiver"][-1]
    void = (order, reply) in VOID
    assert crossed.step == reply
    assert (crossed.applied, crossed.why) == ((False, f"crossed:{order}") if void else (True, None))
    assert ("on_recorded" in world.heard) is void


async def test_an_answer_that_crosses_a_shorter_deadline_is_judged_by_the_senders_order(world: World) -> None:
    handover_id = await world.request()
    await world.reply(service.sign, handover_id)
    await world.flow()
    world.later(hours=1)
    await world.send(service.change, handover_id, Amendment(due_at=SOON))
    world.later(hours=2)
    await world.reply(service.answer, handover_id, DONE)
    await world.flow()
    await world.send(service.accept, handover_id)
    assert (await world.outgoing(handover_id)).on_time is False


async def test_what_comes_after_the_end_is_recorded_and_not_applied(world: World) -> None:
    handover_id = await world.request()
    await world.reply(service.sign, handover_id)
    await world.flow()
    await world.send(service.withdraw, handover_id, note="作废")
    # A receiver that was restored from a backup may answer although it had read the end.
    version = (await world.incoming(handover_id)).version
    contract = CHANNELS["tasks", "grid"].classes[Answered]
    event = contract.model_validate(
        {
            "handover_id": handover_id, "kind": "case-task", "replies_to": 2, "by": "x", "happened_at": START,
            "outcome": DONE,
        }
    )  # fmt: skip
    await world.deliver(world.up, event, version + 1)
    out = await world.outgoing(handover_id)
    assert (out.state, out.answer, out.peer_version) == ("withdrawn", None, version + 1)
    assert [s.why for s in await world.steps(handover_id)][-1] == "after-end:withdrawn"
    assert world.heard[-1] == "on_recorded"


async def test_every_message_acts_once(world: World) -> None:
    handover_id = await world.request()
    await world.reply(service.sign, handover_id)
    await world.reply(service.answer, handover_id, DONE)
    await world.flow()
    world.down.read = world.up.read = 0
    await world.flow()
    await world.agrees(handover_id)
    assert world.heard == ["on_requested", "on_signed", "on_answered"]
    assert len(await world.steps(handover_id)) == 3


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (
            "case-dispute",
            Outcome(result="failed", body="某镇联合调解中心", remedies=("arbitration", "court")),
        ),
        ("supervision", Outcome(result="not-issued", summary="已在整改")),
    ],
)
async def test_what_the_sender_does_not_verify_ends_on_the_answer(
    new_world: NewWorld, kind: str, outcome: Outcome
) -> None:
    world = await new_world(kind)
    handover_id = await world.request()
    await world.reply(service.sign, handover_id)
    await world.reply(service.answer, handover_id, outcome)
    await world.flow()
    await world.agrees(handover_id)
    assert (await world.incoming(handover_id)).state == "accepted"
    assert world.heard == ["on_requested", "on_signed", "on_answered", "on_accepted"]
    assert (await world.steps(handover_id))[-1].by == f"system:{KINDS[kind].sender}"


async def test_a_field_check_asked_by_tasks(new_world: NewWorld) -> None:
    world = await new_world("field-check")
    handover_id = await world.request()
    await world.reply(service.sign, handover_id)
    await world.reply(service.ask_extension, handover_id, until=LATER, reason="下雨")
    await world.flow()
    await world.send(service.grant_extension, handover_id, due_at=LATER, note="")
    await world.flow()
    await world.reply(service.answer, handover_id, Outcome(result="confirmed"))
    await world.flow()
    await world.send(service.accept, handover_id)
    await world.flow()
    await world.agrees(handover_id)
    assert (await world.incoming(handover_id)).on_time is True
    assert world.heard[-1] == "on_accepted"


async def test_a_hook_sees_the_row_as_changed_and_the_time(world: World) -> None:
    handover_id = await world.request()
    world.later(minutes=5)
    await world.reply(service.sign, handover_id)
    world.later(minutes=5)
    await world.flow()
    row, event, now = world.details[-1]
    assert (row.id, row.state, row.signed_at, event.by) == (
        handover_id,
        "signed",
        event.happened_at,
        "clerk-1",
    )
    assert (event.happened_at, now) == (START + timedelta(minutes=5), START + timedelta(minutes=10))


async def test_the_objects_of_the_other_side_are_noted_once(world: World) -> None:
    handover_id = await world.request()
    await world.send(service.supplement, handover_id, note="", media=(BEFORE, AFTER))
    await world.reply(service.sign, handover_id)
    await world.flow()
    await world.reply(service.answer, handover_id, DONE)
    await world.flow()

    async def noted(world: World, *, at_sender: bool) -> list[tuple[UUID, str, str]]:
        database = world.sender if at_sender else world.receiver
        rows = await database.read(lambda s: s.scalars(select(HandoverMedia).order_by(HandoverMedia.hash)))
        return [(row.handover_id, row.hash, row.source) for row in rows]

    assert await noted(world, at_sender=True) == [(handover_id, AFTER.hash, "tasks")]
    assert await noted(world, at_sender=False) == [
        (handover_id, BEFORE.hash, "grid"),
        (handover_id, AFTER.hash, "grid"),
    ]


async def test_a_step_of_an_unknown_handover_is_refused_so_that_the_bus_parks_it(world: World) -> None:
    for post, pair, base in (
        (world.down, ("grid", "tasks"), Withdrawn),
        (world.up, ("tasks", "grid"), Signed),
    ):
        event = (
            CHANNELS[pair]
            .classes[base]
            .model_validate(
                {
                    "handover_id": new_id(),
                    "kind": "case-task",
                    "replies_to": 0,
                    "by": "x",
                    "happened_at": START,
                }
            )
        )
        with pytest.raises(HandoverNotFound):
            await world.deliver(post, event, 1)


async def test_a_failing_hook_leaves_nothing_behind(world: World) -> None:
    async def fail(*_: object) -> None:
        raise ValueError("no")

    table = handlers("tasks", sends={}, receives={"case-task": ReceiverHooks(on_requested=fail)})
    world.down.handlers = dict(table)
    with pytest.raises(ValueError, match="no"):
        await world.request()
    counted = select(func.count()).select_from(HandoverStep)
    assert await world.receiver.read(lambda s: s.scalar(counted)) == 0


async def test_without_hooks_the_handover_is_kept_all_the_same(world: World) -> None:
    world.without_hooks()
    handover_id = await world.request()
    await world.reply(service.sign, handover_id)
    await world.send(service.designate, handover_id, note="")
    await world.reply(service.give_back, handover_id, reason="", assigned=False)
    await world.flow()
    await world.agrees(handover_id)
    assert (await world.outgoing(handover_id)).state == "signed"


@pytest.mark.parametrize("own", ["grid", "tasks", "disputes", "targets"])
def test_every_contract_heard_has_a_handler_and_every_step_a_hook(own: str) -> None:
    assert set(handlers(own, sends={}, receives={})) == set(heard_by(own))
    assert all(SenderHooks().of(step) is None for step in ReceiverStep)
    assert all(ReceiverHooks().of(step) is None for step in SenderStep)


async def test_personal_data_stays_in_the_restricted_topics(world: World) -> None:
    await world.request()
    topics = await world.sender.read(lambda s: s.scalars(select(Outbox.topic)))
    assert set(topics) == {"jiayuan.grid.handover-tasks.v1"}
