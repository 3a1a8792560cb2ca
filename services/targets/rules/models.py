"""Tables of the rules."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.targets.base import Base


class Rule(Base):
    """One rule of the targets' work (目标管理规则); former values stand in its history."""

    __tablename__ = "rule"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    key: Mapped[str] = mapped_column(unique=True)
    value: Mapped[dict[str, Any]]
    source: Mapped[str]
    assumption: Mapped[bool]
    effective_from: Mapped[date]
