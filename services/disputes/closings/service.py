"""Use case of closing; a sender is answered in the same step. Never commits."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.disputes import DisputeClosed
from libs.common.events.record import Change
from services.disputes.bodies import service as bodies
from services.disputes.closings.domain import check_closing
from services.disputes.disputes import service as disputes
from services.disputes.disputes.domain import ENDS, Action, Remedy, State
from services.disputes.disputes.service import By, Dispute, advance, tell


async def close(
    session: AsyncSession, dispute_id: UUID, remedies: tuple[Remedy, ...], note: str | None, by: By
) -> Dispute:
    """Close what was agreed, refused or failed (办结). `remedies`: the ways told to the parties.

    Raises what `in_hand` raises, `AgreementNotInEffect`, `RemediesMissing`.
    """
    dispute = await disputes.in_hand(session, dispute_id, by)
    before = advance(dispute, Action.CLOSE)
    agreement = await disputes.agreement(session, dispute.id)
    check_closing(before, agreement.effective_at if agreement else None, remedies)
    told = () if before is State.AGREED else tuple(dict.fromkeys(remedies))
    dispute.remedies = list(told)
    assert dispute.body_id is not None  # the states that allow it have a body
    body = await bodies.body(session, dispute.body_id)
    await disputes.finish(session, dispute, ENDS[before], body, by)
    facts = {"outcome": dispute.outcome, "remedies": told, "on_time": dispute.on_time}
    return await tell(
        session, dispute, DisputeClosed, Change("close", before, note=note, fields=facts), by, facts
    )
