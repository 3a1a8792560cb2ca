"""Tables of the geography: areas, unit grids, estates with what they cover, and which geography is loaded."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, Integer, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base


class Area(Base):
    """An area of the administrative tree (行政区划), one row per code. Ended ones stay, with a successor."""

    __tablename__ = "area"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    level: Mapped[str]
    parent_code: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor: Mapped[str | None]
    source: Mapped[str]
    demonstration: Mapped[bool]
    outline: Mapped[dict[str, Any] | None]
    """GeoJSON geometry, CGCS2000; real ones only (districts). Coarse: for maps, not a legal boundary."""

    __table_args__ = (Index("ix_area_parent", "parent_code", "code"),)


class UnitGrid(Base):
    """A unit grid (单元网格): 15 digits and a polygon that shares its edges with its neighbours.

    All coordinates are whole millionths of a degree, CGCS2000. A retired code is ended, never reused.
    """

    __tablename__ = "unit_grid"

    code: Mapped[str] = mapped_column(primary_key=True)
    ring: Mapped[list[int]] = mapped_column(ARRAY(Integer()))
    """lon, lat, lon, lat …, counter-clockwise, the first point not repeated."""
    centre_lon: Mapped[int] = mapped_column(Integer())
    centre_lat: Mapped[int] = mapped_column(Integer())
    west: Mapped[int] = mapped_column(Integer())
    south: Mapped[int] = mapped_column(Integer())
    east: Mapped[int] = mapped_column(Integer())
    north: Mapped[int] = mapped_column(Integer())
    area_m2: Mapped[int] = mapped_column(Integer())
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    demonstration: Mapped[bool]


class Estate(Base):
    """A residential estate (住宅小区). Its id is its own; the codes that it covers are dated rows."""

    __tablename__ = "estate"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    name: Mapped[str]
    mode: Mapped[str]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    source: Mapped[str]
    demonstration: Mapped[bool]


class EstateCoverage(Base):
    """Which area codes an estate covers, and when (小区覆盖范围): unit grids, or a wider area as a whole."""

    __tablename__ = "estate_coverage"

    estate_id: Mapped[UUID] = mapped_column(ForeignKey("estate.id"), primary_key=True)
    area_code: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]

    __table_args__ = (Index("ix_estate_coverage_area_code", "area_code"),)


class Geography(Base):
    """Which geography the database holds, and how places are located in it: one row (地理数据版本)."""

    __tablename__ = "geography"

    id: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, server_default=text("1"))
    digest: Mapped[str]
    """SHA-256 over the files and the rules that the unit grids and estates came from."""
    tolerance_m: Mapped[int] = mapped_column(Integer())
    """A point in no unit grid belongs to the nearest one within this many metres, and is flagged."""
    tolerance_source: Mapped[str]
    effective_from: Mapped[date]
    loaded_at: Mapped[datetime]
