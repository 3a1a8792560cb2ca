"""Shapes of repair orders."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from libs.common.http.schemas import Instant, PhotoHash, Write
from libs.common.text import Text
from services.tasks.repairs.service import Arrival


class Arrive(Write):
    """When somebody came, and what they found. 到场登记"""

    arrived_at: Instant = Field(examples=["2026-11-23T10:00:00+08:00"], description="到场时间")
    note: Text = Field(examples=["已到场关闭总阀，正在更换三通"])
    photos: Annotated[tuple[PhotoHash, ...], Field(max_length=20, description="已上传照片的 SHA-256")] = ()

    def told(self) -> Arrival:
        """As plain values."""
        return Arrival(self.arrived_at, self.note, self.photos)
