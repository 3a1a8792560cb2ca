"""Shapes of handed-over disputes."""

from __future__ import annotations

from pydantic import Field

from libs.common.http.schemas import Write
from libs.common.text import Text
from services.disputes.referrals.domain import ReturnReason


class Return(Write):
    """Why the sender should take it back. 退回"""

    reason: ReturnReason = Field(examples=["no-property-dispute"])
    note: Text = Field(examples=["系邻里借款纠纷，不属物业纠纷"])
