"""Shapes of closing."""

from __future__ import annotations

from pydantic import Field

from libs.common.http.schemas import Write
from libs.common.text import Text
from services.disputes.disputes.domain import Remedy


class Close(Write):
    """The end; after a refusal or failure with the ways told to the parties. 办结"""

    remedies: tuple[Remedy, ...] = Field(
        default=(),
        max_length=3,
        examples=[["arbitration", "court"]],
        description="已告知的救济途径；拒绝或调解不成时须含仲裁、诉讼",
    )
    note: Text | None = None
