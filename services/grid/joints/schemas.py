"""Shapes of joint handling."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Write
from libs.common.text import Text
from services.grid.joints.domain import MOST_PARTNERS
from services.grid.requests import DispatchCase, PartnerGiven

_UNIT = "0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11"


class DispatchJointly(DispatchCase):
    """To a lead and to units beside it. 会同派遣"""

    partners: list[PartnerGiven] = Field(min_length=1, max_length=MOST_PARTNERS, description="会同单位")


class PartnerNamed(Write):
    """A unit beside the lead, and why. 会同单位及理由"""

    unit_id: UUID = Field(description="会同单位", examples=[_UNIT])
    reason: Text = Field(examples=["现场已无需公安配合"])
