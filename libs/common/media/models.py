"""Tables of the media room, the same in each service's database."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.events.models import ToolboxBase


class MediaObject(ToolboxBase):
    """A photo under this service's prefix (附件). `hash` is SHA-256 of the bytes that were uploaded.

    What is stored is re-encoded and has a digest of its own. `stored_at` is empty until the bytes are there;
    `gone_at` is set before they are deleted.
    """

    __tablename__ = "media_object"

    hash: Mapped[str] = mapped_column(primary_key=True)
    stored_digest: Mapped[str | None]
    media_type: Mapped[str]
    size: Mapped[int | None] = mapped_column(Integer())
    width: Mapped[int | None] = mapped_column(Integer())
    height: Mapped[int | None] = mapped_column(Integer())
    touched_at: Mapped[datetime]
    stored_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("hash ~ '^[0-9a-f]{64}$'", name="hash"),
        Index("ix_media_object_touched_at", "touched_at"),
        Index("ix_media_object_gone", "gone_at", postgresql_where=text("gone_at IS NOT NULL")),
    )


class MediaUpload(ToolboxBase):
    """Who has shown to have the bytes (上传人): only they may attach them to a record."""

    __tablename__ = "media_upload"

    hash: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class MediaLink(ToolboxBase):
    """An attachment of a record (附件关联): others see it by this alone. May come before its bytes."""

    __tablename__ = "media_link"

    record_type: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]

    __table_args__ = (Index("ix_media_link_hash", "hash"),)
