"""Use cases of routing: assign, escalate, route down. Never commits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.contracts.disputes import DisputeAssigned, DisputeEscalated, DisputeFact, DisputeRoutedDown
from libs.common.events.record import Change
from services.disputes.bodies import service as bodies
from services.disputes.bodies.domain import Tier
from services.disputes.bodies.service import Body
from services.disputes.disputes import service as disputes
from services.disputes.disputes.domain import Action, State
from services.disputes.disputes.service import By, Dispute, advance, set_due, tell
from services.disputes.routes.domain import (
    above,
    below,
    check_body,
    check_leaving,
    check_taker,
    check_tier,
)
from services.disputes.rules import service as rules
from services.disputes.rules.domain import DisputeClass


@dataclass(frozen=True)
class Route:
    """Where to and why: without a body, the one that serves the place at the tier (去向)."""

    body_id: UUID | None = None
    mediator: str | None = None
    reason: str | None = None


async def assign(session: AsyncSession, dispute_id: UUID, route: Route, by: By) -> Dispute:
    """Give the dispute to a body, by default the one of its class's tier (分派); the body accepts it.

    Given to another body before anyone was mediated, the limit runs on. Raises what `in_hand` raises,
    `BodyUnknown`, `NoBodyThere`, `BodyElsewhere`, `ReasonMissing`, `StaysInTown`, `NotYourBody`.
    """
    dispute = await disputes.in_hand(session, dispute_id, by)
    before = advance(dispute, Action.ASSIGN)
    running = dispute.due_at if before is State.ASSIGNED else None
    rule = await rules.rules(session)
    given = DisputeClass(dispute.dispute_class or "")
    usual = rule.tier_of_class(given)
    body = await _body(session, dispute, route, usual, by)
    tier = Tier(body.tier)
    check_body(body.area, dispute.area, tier=tier)
    check_leaving(rule.leaves(given, tier), route.reason)
    check_tier(usual, tier, route.reason)
    check_taker(by.viewer, body.id)
    await disputes.accept_at(session, dispute, body, rule, by)
    dispute.mediator = route.mediator
    if running is not None:
        set_due(dispute, running, by.now)
    change = Change("assign", before, note=route.reason, fields={"body": body.code, "tier": tier})
    return await tell(session, dispute, DisputeAssigned, change, by)


async def _body(session: AsyncSession, dispute: Dispute, route: Route, tier: Tier, by: By) -> Body:
    day = local_date(by.now)
    if route.body_id is not None:
        return await bodies.body_in_force(session, route.body_id, day)
    return await bodies.body_for(session, dispute.area, tier, day)


async def escalate(session: AsyncSession, dispute_id: UUID, route: Route, by: By) -> Dispute:
    """One tier up (上交): a new acceptance with its own limit, every party is asked anew.

    Raises what `in_hand` raises, `NoTierThere`, `StaysInTown`, `BodyUnknown`, `NoBodyThere`,
    `BodyElsewhere`.
    """
    return await _move(session, dispute_id, route, by, _UP)


async def route_down(session: AsyncSession, dispute_id: UUID, route: Route, by: By) -> Dispute:
    """One tier down (下派), as `escalate`. Raises the same but `StaysInTown`."""
    return await _move(session, dispute_id, route, by, _DOWN)


@dataclass(frozen=True)
class _Way:
    action: Action
    next_tier: Callable[[Tier], Tier]
    event: type[DisputeFact]


_UP = _Way(Action.ESCALATE, above, DisputeEscalated)
_DOWN = _Way(Action.ROUTE_DOWN, below, DisputeRoutedDown)


async def _move(session: AsyncSession, dispute_id: UUID, route: Route, by: By, way: _Way) -> Dispute:
    dispute = await disputes.in_hand(session, dispute_id, by)
    before = advance(dispute, way.action)
    assert dispute.tier is not None  # the states that allow it have a body
    tier = way.next_tier(Tier(dispute.tier))
    rule = await rules.rules(session)
    check_leaving(rule.leaves(DisputeClass(dispute.dispute_class or ""), tier), route.reason)
    body = await _body(session, dispute, route, tier, by)
    check_body(body.area, dispute.area, tier=Tier(body.tier), wanted=tier)
    former = {"former_tier": dispute.tier, "former_body_id": dispute.body_id}
    await disputes.accept_at(session, dispute, body, rule, by)
    dispute.mediator = route.mediator
    change = Change(way.action, before, note=route.reason, fields={**former, "body": body.code})
    return await tell(session, dispute, way.event, change, by, former)
