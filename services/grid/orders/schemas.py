"""Shapes of orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Read, Write
from libs.common.text import Masked, Text


class OrderStep(Read):
    """One step of the order. 操作记录"""

    version: int
    at: datetime
    actor: str
    actor_role: str
    action: str
    from_state: str | None
    to_state: str | None
    note: Masked | None
    changed: dict[str, Any]


class OrderHistory(Read):
    """Every step of an order. 操作记录"""

    items: list[OrderStep]


class RevealOrder(Write):
    """Why the payload is needed. 查看理由"""

    reason: Text = Field(examples=["核对来电人所述位置"])


class RevealedOrder(Read):
    """What the hotline sent, as it came. 原始报文"""

    id: UUID
    channel: str
    number: str
    claim_address: str | None
    raw: str | None
