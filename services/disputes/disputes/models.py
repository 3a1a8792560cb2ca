"""Tables of disputes. What parties said and who they are is restricted: masked wherever it is read."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, desc, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from services.disputes.base import Base
from services.disputes.disputes.domain import OPEN, WITH_BODY, State

_NONE = text("'{}'")
_ZERO = text("0")


def in_states(states: tuple[State, ...]) -> str:
    """The condition as the partial indexes have it, word for word, so that every plan may use them."""
    return "state IN (" + ", ".join(f"'{state}'" for state in states) + ")"


class Dispute(Base):
    """A property dispute (物业纠纷). All times UTC. Restricted: `description`, `address`."""

    __tablename__ = "dispute"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    number: Mapped[str] = mapped_column(unique=True)
    """纠纷编号."""
    fingerprint: Mapped[bytes | None]
    """SHA-256 of the registering request; none for what came by handover."""
    state: Mapped[str]

    # What it is about.
    channel: Mapped[str]
    title: Mapped[str]
    description: Mapped[str]
    type_code: Mapped[str | None]
    type_id: Mapped[UUID | None]
    """The version of the type that it keeps."""
    dispute_class: Mapped[str | None]
    """ordinary | specialist | major (一般、专业、重大)."""
    area: Mapped[str]
    estate_id: Mapped[UUID | None]
    address: Mapped[str | None]
    words: Mapped[str] = mapped_column(TSVECTOR(), deferred=True)

    # Where it came from.
    subject_type: Mapped[str | None]
    subject_id: Mapped[UUID | None]
    subject_number: Mapped[str | None]
    handover_id: Mapped[UUID | None] = mapped_column(unique=True)
    sender_withdrawn_at: Mapped[datetime | None]
    """The sender took its handover back: the parties go on by themselves, nobody waits for an answer."""
    registered_at: Mapped[datetime]
    registered_by: Mapped[str]

    # Who has it.
    tier: Mapped[str | None]
    """neighbourhood | township | district."""
    body_id: Mapped[UUID | None]
    body_ids: Mapped[list[UUID]] = mapped_column(server_default=_NONE)
    """Every body that ever had it: they may go on reading."""
    mediator: Mapped[str | None]
    """The mediator, a subject of the identity provider (调解员)."""
    objected: Mapped[list[str]] = mapped_column(server_default=_NONE)
    """Mediators to whom a party has objected (回避)."""

    # The clock of the present tier.
    round: Mapped[int] = mapped_column(Integer(), server_default=_ZERO)
    """How often a body has accepted it (受理次数)."""
    accepted_at: Mapped[datetime | None]
    consent_due_at: Mapped[datetime | None]
    """Until when the parties' answers are waited for: shown, it ends nothing."""
    mediating_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    due_order: Mapped[datetime]
    """The deadline, or the end of time without one: what lists are sorted by."""
    extensions: Mapped[int] = mapped_column(Integer(), server_default=_ZERO)
    overdue_at: Mapped[datetime | None]
    urges: Mapped[int] = mapped_column(Integer(), server_default=_ZERO)
    urged_at: Mapped[datetime | None]

    # How it went.
    return_reason: Mapped[str | None]
    fail_reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    """When it was agreed, refused or failed at the present tier."""
    on_time: Mapped[bool | None]
    outcome: Mapped[str | None]
    remedies: Mapped[list[str]] = mapped_column(server_default=_NONE)
    settled: Mapped[bool] = mapped_column(server_default=text("false"))
    """Settled on the spot (现场调结)."""
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(in_states(tuple(State)), name="state"),
        CheckConstraint(f"(ended_at IS NULL) = ({in_states(OPEN)})", name="ended"),
        CheckConstraint("(body_id IS NULL) = (tier IS NULL)", name="placed"),
        Index("ix_dispute_time", desc("registered_at"), desc("id")),
        *(
            Index(
                f"ix_dispute_area{digits}", text(f"left(area, {digits})"), desc("registered_at"), desc("id")
            )
            for digits in (6, 9, 12)
        ),
        *(
            Index(
                f"ix_dispute_open{digits}",
                text(f"left(area, {digits})"),
                "due_order",
                "id",
                postgresql_where=text(in_states(OPEN)),
            )
            for digits in (6, 9, 12)
        ),
        Index("ix_dispute_body", "body_id", "due_order", "id", postgresql_where=text(in_states(OPEN))),
        Index("ix_dispute_bodies", "body_ids", postgresql_using="gin"),
        Index("ix_dispute_registrar", "registered_by", desc("registered_at"), desc("id")),
        Index("ix_dispute_estate", "estate_id", desc("registered_at"), desc("id")),
        Index("ix_dispute_subject", "subject_id"),
        Index(
            "ix_dispute_due",
            "due_at",
            postgresql_where=text(f"{in_states(WITH_BODY)} AND overdue_at IS NULL"),
        ),
        Index("ix_dispute_words", "words", postgresql_using="gin"),
    )


class Party(Base):
    """A party of a dispute (当事人). Restricted: `name` of persons and `phone`."""

    __tablename__ = "dispute_party"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dispute_id: Mapped[UUID] = mapped_column(ForeignKey("dispute.id"))
    position: Mapped[int] = mapped_column(Integer())
    role: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str | None]
    unit_id: Mapped[UUID | None]
    """The firm or committee as `tasks` knows it."""
    named_at: Mapped[datetime | None]
    """When the reporter agreed to be named as a party to the other side (同意作为当事人)."""
    consent: Mapped[str]
    """Whether they agree to be mediated at the present tier."""
    consent_at: Mapped[datetime | None]
    consent_note: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("consent IN ('pending', 'given', 'refused')", name="consent"),
        Index("uq_dispute_party_position", "dispute_id", "position", unique=True),
    )


class MediationSession(Base):
    """A record of one mediation session (调解记录), art. 27. Restricted: `note`."""

    __tablename__ = "mediation_session"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dispute_id: Mapped[UUID] = mapped_column(ForeignKey("dispute.id"))
    round: Mapped[int] = mapped_column(Integer())
    body_id: Mapped[UUID]
    held_at: Mapped[datetime]
    place: Mapped[str | None]
    mediator: Mapped[str]
    present: Mapped[list[UUID]]
    """The parties who were there."""
    note: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]

    __table_args__ = (Index("ix_mediation_session_dispute", "dispute_id", "held_at", "id"),)


class Agreement(Base):
    """An agreement (调解协议), arts. 28-30. Restricted: `terms`, `performance`. At most one stands."""

    __tablename__ = "agreement"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dispute_id: Mapped[UUID] = mapped_column(ForeignKey("dispute.id"))
    round: Mapped[int] = mapped_column(Integer())
    body_id: Mapped[UUID]
    committee: Mapped[str]
    """Code of the people's mediation committee whose seal and number it carries."""
    number: Mapped[str]
    """案号."""
    form: Mapped[str]
    terms: Mapped[str]
    performance: Mapped[str]
    """Manner of performance (履行方式)."""
    perform_by: Mapped[date | None]
    performed_on_spot: Mapped[bool]
    reached_at: Mapped[datetime]
    mediator: Mapped[str]
    signed_by: Mapped[list[UUID]] = mapped_column(server_default=_NONE)
    """The parties who have signed."""
    mediator_signed_at: Mapped[datetime | None]
    sealed_at: Mapped[datetime | None]
    effective_at: Mapped[datetime | None]
    void_at: Mapped[datetime | None]
    """When a party refused to sign: it never took effect."""

    __table_args__ = (
        CheckConstraint("form IN ('written', 'oral')", name="form"),
        CheckConstraint("effective_at IS NULL OR void_at IS NULL", name="void"),
        Index("uq_agreement_dispute", "dispute_id", unique=True, postgresql_where=text("void_at IS NULL")),
        Index("uq_agreement_number", "committee", "number", unique=True),
        Index("ix_agreement_dispute", "dispute_id", "reached_at"),
    )


class AgreementCounter(Base):
    """The last number that a committee has given in a year, counted under a lock: no gaps (案号流水)."""

    __tablename__ = "agreement_counter"

    committee: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(Integer(), primary_key=True)
    serial: Mapped[int] = mapped_column(Integer())


class DisputeCounter(Base):
    """The last serial of dispute numbers; gaps are allowed (编号流水)."""

    __tablename__ = "dispute_counter"

    day: Mapped[date] = mapped_column(primary_key=True)
    area: Mapped[str] = mapped_column(primary_key=True)
    serial: Mapped[int] = mapped_column(Integer())
