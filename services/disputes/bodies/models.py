"""Table of the mediation bodies. Mediators are people: they are never kept here nor published."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from services.disputes.base import Base
from services.disputes.bodies.domain import DEFAULT_KIND

_DEFAULTS = ", ".join(f"'{kind}'" for kind in DEFAULT_KIND.values())
DEFAULT_IN_FORCE = f"valid_to IS NULL AND kind IN ({_DEFAULTS})"


class Body(Base):
    """A mediation body (调解组织). It stays after its last day, so that old disputes are readable."""

    __tablename__ = "body"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    kind: Mapped[str]
    tier: Mapped[str]
    area: Mapped[str]
    committee_code: Mapped[str]
    """The people's mediation committee whose seal and number it uses (人民调解委员会)."""
    committee_zh: Mapped[str]
    committee_en: Mapped[str]
    number_word: Mapped[str]
    """The committee's word in the numbers of its agreements (案号字)."""
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    origin: Mapped[str]
    demonstration: Mapped[bool] = mapped_column(server_default=text("false"))
    source: Mapped[str] = mapped_column(server_default=text("''"))
    file_digest: Mapped[bytes | None]
    """Digest of the file's row that was loaded last: a change over the API outlives the next load."""
    words: Mapped[str] = mapped_column(TSVECTOR(), deferred=True)
    updated_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="dates"),
        CheckConstraint("tier IN ('neighbourhood', 'township', 'district')", name="tier"),
        Index("ix_body_area", "area", "kind"),
        Index("ix_body_tier_code", "tier", "code"),
        Index("uq_body_default", "area", unique=True, postgresql_where=text(DEFAULT_IN_FORCE)),
        Index("ix_body_words", "words", postgresql_using="gin"),
    )
