"""Shapes of what the reporter may still do."""

from __future__ import annotations

from pydantic import Field

from libs.common.http.schemas import Moment, Write
from libs.common.text import Text
from services.grid.fields import CategoryCode, Photos, PlaceGiven


class CorrectCase(Write):
    """What is put right; what is left out stays. 更正"""

    category: CategoryCode | None = None
    description: Text | None = None
    found_at: Moment | None = None
    place: PlaceGiven | None = None
    photos: Photos = Field(default_factory=list)
    reason: Text = Field(examples=["楼号写错"])


class Reason(Write):
    """Why. 理由"""

    reason: Text = Field(examples=["重复上报"])
