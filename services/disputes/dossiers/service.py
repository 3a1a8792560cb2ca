"""What is read of a dispute beside its row, and personal data in full with a reason. Never commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.disputes import DisputeDataRevealed
from libs.common.events.models import History
from libs.common.events.record import Change, record
from libs.common.media.links import Attachment, attachments
from libs.common.policy import Principal
from services.disputes.bodies import service as bodies
from services.disputes.bodies.service import Body
from services.disputes.directory import service as directory
from services.disputes.directory.service import KnownUnit
from services.disputes.disputes import service as disputes
from services.disputes.disputes.domain import Action, age_days, check_hand, check_mediator
from services.disputes.disputes.service import Agreement, By, Dispute, MediationSession
from services.disputes.disputes.service import Party as Party
from services.disputes.dossiers import repository
from services.disputes.dossiers.domain import AccessTaken, areas_around, is_own, offered
from services.disputes.dossiers.models import DisputeAccess
from services.disputes.types import service as types
from services.disputes.types.service import TypeVersion


@dataclass(frozen=True)
class Told:
    """What its own people read beside the course (承办人员可见内容)."""

    description: str
    sessions: Sequence[MediationSession]
    agreement: Agreement | None
    photos: Sequence[Attachment]


@dataclass(frozen=True)
class Dossier:
    """One dispute with what is read beside its row; nothing is masked yet (卷宗)."""

    dispute: Dispute
    parties: Sequence[Party]
    units: Mapping[UUID, KnownUnit]
    body: Body | None
    type: TypeVersion | None
    area_name: str | None
    age_days: int
    inner: Told | None
    actions: list[Action]


async def dossier(session: AsyncSession, dispute_id: UUID, viewer: Principal, now: datetime) -> Dossier:
    """The dispute with all that the viewer may read of it. Raises `DisputeNotFound`."""
    dispute = await disputes.read(session, dispute_id, viewer, now)
    parties = await disputes.parties(session, dispute.id)
    handed_over = await disputes.running_handover(session, dispute) is not None
    return Dossier(
        dispute=dispute,
        parties=parties,
        units=await directory.unit_names(session, [p.unit_id for p in parties if p.unit_id is not None]),
        body=await bodies.body(session, dispute.body_id) if dispute.body_id else None,
        type=await types.version(session, dispute.type_id) if dispute.type_id else None,
        area_name=await _area_name(session, dispute.area),
        age_days=age_days(dispute.registered_at, dispute.ended_at, now),
        inner=await _told(session, dispute) if is_own(viewer, dispute) else None,
        actions=offered(viewer, dispute, handed_over=handed_over),
    )


async def _area_name(session: AsyncSession, area: str) -> str | None:
    codes = areas_around(area)
    names = await directory.area_names(session, codes)
    return next((names[code] for code in codes if code in names), None)


async def _told(session: AsyncSession, dispute: Dispute) -> Told:
    return Told(
        description=dispute.description,
        sessions=await disputes.sessions(session, dispute.id),
        agreement=await disputes.agreement(session, dispute.id),
        photos=(await attachments(session, "dispute", [dispute.id]))[dispute.id],
    )


async def history(
    session: AsyncSession, dispute_id: UUID, viewer: Principal, now: datetime
) -> tuple[Sequence[History], bool]:
    """The steps, oldest first, and whether the viewer reads the notes. Raises `DisputeNotFound`."""
    dispute = await disputes.read(session, dispute_id, viewer, now)
    return await disputes.history(session, dispute), is_own(viewer, dispute)


async def may_see_photos(session: AsyncSession, dispute_id: UUID, viewer: Principal, now: datetime) -> bool:
    """Whether the viewer is of the dispute's own people: its evidence is theirs to see."""
    if not await disputes.may_read(session, dispute_id, viewer, now):
        return False
    return is_own(viewer, await disputes.read(session, dispute_id, viewer, now))


async def reveal(
    session: AsyncSession, dispute_id: UUID, access_id: UUID, purpose: str, by: By
) -> tuple[Dispute, Sequence[Party]]:
    """The dispute and its parties, for who has it in hand; the reason is recorded, once per access id.

    Raises `DisputeNotFound`, `NotYourDispute`, `MediatorObjected`, `AccessTaken`.
    """
    assert by.viewer is not None  # nobody reveals through a handover
    dispute = await disputes.read(session, dispute_id, by.viewer, by.now)
    check_hand(by.viewer, dispute.area, dispute.body_id, dispute.tier)
    check_mediator(by.actor.subject, dispute.objected)
    access = await repository.find(session, access_id)
    if access is None:
        await _note_access(session, dispute, access_id, purpose, by)
    elif (access.dispute_id, access.subject) != (dispute.id, by.actor.subject):
        raise AccessTaken
    return dispute, await disputes.parties(session, dispute.id)


async def _note_access(
    session: AsyncSession, dispute: Dispute, access_id: UUID, purpose: str, by: By
) -> None:
    access = DisputeAccess(
        id=access_id, version=0, dispute_id=dispute.id, subject=by.actor.subject, purpose=purpose, at=by.now
    )
    await repository.add(session, access)
    event = DisputeDataRevealed(
        happened_at=by.now,
        subject_type="dispute",
        subject_id=dispute.id,
        fields=("parties", "address", "description"),
        purpose="mediate",
    )
    change = Change("reveal", note=purpose, fields={"dispute": dispute.id})
    await record(session, access, event, actor=by.actor, now=by.now, change=change)
