"""Tables of the nodes."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base


class Node(Base):
    """An organisation of one of the four levels (层级节点): no area code, but an id of its own."""

    __tablename__ = "node"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    level: Mapped[str]
    name: Mapped[str]
    seat: Mapped[str | None]
    """Where it works from (驻地)."""
    source: Mapped[str]
    demonstration: Mapped[bool]


class Cover(Base):
    """An area that a node covers, in a time; `valid_to` is the first day after it (覆盖区域)."""

    __tablename__ = "node_cover"

    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"), primary_key=True)
    area: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]

    __table_args__ = (Index("ix_node_cover_area", "area"),)
