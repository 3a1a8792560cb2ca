"""Shapes of routing."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Write
from libs.common.text import Line, Text
from services.disputes.routes.service import Route


class RouteGiven(Write):
    """Where to and why. 去向"""

    body_id: UUID | None = Field(default=None, description="调解组织；默认服务该区域的对应层级组织")
    mediator: Line | None = Field(default=None, description="调解员", examples=["mediator-1"])
    reason: Text | None = Field(default=None, description="理由；一般纠纷出街镇、与分类层级不符时必填")

    def route(self) -> Route:
        """As plain values."""
        return Route(self.body_id, self.mediator, self.reason)
