"""The table of rules, the same in each service's database."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id


class RuleTable:
    """One rule; former values stand in its history. Mixed into a service's `Rule`."""

    __tablename__ = "rule"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    key: Mapped[str] = mapped_column(unique=True)
    value: Mapped[dict[str, Any]]
    source: Mapped[str]
    assumption: Mapped[bool]
    effective_from: Mapped[date]
