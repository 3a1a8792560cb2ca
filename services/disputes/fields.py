"""Types of fields that the requests of several rooms of disputes share."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import PhotoHash

MOST_PARTIES = 20

Photos = Annotated[
    tuple[PhotoHash, ...], Field(max_length=9, description="SHA-256 of uploaded photos (照片)")
]
"""Photos that the caller has uploaded before (照片)."""

PartyIds = Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MOST_PARTIES, description="当事人标识")]
"""Parties of the dispute, by id (当事人)."""
