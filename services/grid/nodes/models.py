"""Tables of the nodes: what they are, and which areas they cover when."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base


class Node(Base):
    """A node of one of the four levels (层级节点). It stays after its last day: old escalations name it."""

    __tablename__ = "node"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer(), default=0, server_default=text("0"))
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    level: Mapped[str]
    area: Mapped[str]
    seat: Mapped[str | None]
    telephone: Mapped[str | None]
    """The office's, no person's."""
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    source: Mapped[str]
    demonstration: Mapped[bool]


class NodeCover(Base):
    """An area that a node covers, from the first to the last day (覆盖区域)."""

    __tablename__ = "node_cover"

    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"), primary_key=True)
    area: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]

    __table_args__ = (Index("ix_node_cover_area", "area"),)
