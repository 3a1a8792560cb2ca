"""Tables of the geography: areas, unit grids, estates with what they cover, and which geography is loaded."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, Integer, SmallInteger, text
from sqlalchemy.dialects.postgresql import TSVECTOR
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

    All coordinates are whole millionths of a degree, CGCS2000. A retired code is ended, never reused; another
    shape of the same code is another row, of the edition that brought it.
    """

    __tablename__ = "unit_grid"

    code: Mapped[str] = mapped_column(primary_key=True)
    edition: Mapped[int] = mapped_column(
        Integer(), primary_key=True, autoincrement=False, server_default=text("0")
    )
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


class UnitGridEdition(Base):
    """One import of surveyed unit grids (单元网格版次): whose, from which day on, from what file."""

    __tablename__ = "unit_grid_edition"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    number: Mapped[int] = mapped_column(Integer(), unique=True)
    """1, 2, 3 …; the generated demonstration cells are edition 0."""
    townships: Mapped[list[str]]
    effective_from: Mapped[date]
    cells: Mapped[int] = mapped_column(Integer())
    ended: Mapped[int] = mapped_column(Integer())
    """How many cells of the former edition it has ended."""
    crs: Mapped[str]
    source: Mapped[str]
    digest: Mapped[str]
    """SHA-256 of the file as it came."""
    raw: Mapped[bytes] = mapped_column(deferred=True)
    """The file as it came, in its own coordinate system, compressed (zlib)."""
    imported_at: Mapped[datetime]
    imported_by: Mapped[str]


class Estate(Base):
    """A residential estate (住宅小区). Its id is its own; the codes that it covers are dated rows."""

    __tablename__ = "estate"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    name: Mapped[str]
    words: Mapped[str] = mapped_column(TSVECTOR(), deferred=True, server_default=text("''"))
    """What the name can be found by."""
    aliases: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Other names, and addresses by road and lane such as 兰溪路100弄 (别名、弄号)."""
    mode: Mapped[str]
    """Who manages it now; since when, and who did before, are rows of `EstateManagement`."""
    wall: Mapped[list[int] | None] = mapped_column(ARRAY(Integer()))
    """Its boundary 围墙: a ring like a unit grid's."""
    wall_given: Mapped[dict[str, Any] | None]
    """The boundary as it came, with its coordinate system."""
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    source: Mapped[str]
    demonstration: Mapped[bool]

    __table_args__ = (
        Index("ix_estate_words", "words", postgresql_using="gin"),
        Index("ix_estate_walled", "id", postgresql_where=text("wall IS NOT NULL")),
    )


class EstateManagement(Base):
    """Who manages an estate, from a day on (小区管理状态). Without a row its mode has held all the time.

    `reason` is free text and stays here: events do not carry it.
    """

    __tablename__ = "estate_management"

    estate_id: Mapped[UUID] = mapped_column(ForeignKey("estate.id"), primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    until: Mapped[date | None]
    mode: Mapped[str]
    firm_id: Mapped[UUID | None]
    firm_name: Mapped[str | None]
    reason: Mapped[str | None]
    fallback_unit_id: Mapped[UUID | None]
    """The unit that answers for it while nobody manages it (托底单位)."""
    source: Mapped[str]
    recorded_at: Mapped[datetime]


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
    address_least: Mapped[int] = mapped_column(Integer(), server_default=text("70"))
    """How sure an address must be, in per cent, for intake to take the place that it seems to mean."""
    walls: Mapped[UUID | None]
    """Another one with every change of an estate's boundary: whoever holds them in memory reads it."""
