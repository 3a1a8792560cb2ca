"""Estates as values: what is refused of their areas, managers and walls. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shapely import LinearRing, Polygon

from libs.common.areas import AreaLevel, check_code, level_of, prefix_at
from libs.common.coordinates import Crs, to_cgcs2000
from libs.common.errors import Conflict, Invalid
from services.grid.places.domain import MICRO, Management, ManagementMode, Period


class ManagementIncomplete(Invalid):
    """A firm has a name; an estate that nobody manages, a reason and somebody who answers (管理信息不全)."""

    code = "management-incomplete"
    zh = "“{mode}”须填写 {missing}"
    en = "The mode '{mode}' wants {missing}"


class ManagementNotLater(Conflict):
    """A state follows the last one; what has been said is not said otherwise afterwards (起始日期有误)."""

    code = "management-not-later"
    zh = "起始日期须晚于上一管理状态的起始日期 {last}"
    en = "The first day must be later than that of the last state, {last}"


class ManagementInFuture(Invalid):
    """A state is recorded when it has come about (起始日期在将来)."""

    code = "management-in-future"
    zh = "起始日期 {since} 在将来"
    en = "The first day {since} lies in the future"


class WallInvalid(Invalid):
    """A boundary is one ring that does not cross itself (围墙边界无效)."""

    code = "wall-invalid"
    zh = "围墙边界须为一个不自相交的环"
    en = "The boundary must be one ring that does not cross itself"


class EstateCoverTooWide(Invalid):
    """An estate covers unit grids, or neighbourhoods as a whole, of one district (覆盖范围过大)."""

    code = "estate-cover-too-wide"
    zh = "区划 {area} 不可作为小区覆盖范围：须为同一区内的居(村)委或单元网格"
    en = "An estate cannot cover {area}: give neighbourhoods or unit grids of one district"


class EstateDatesInverted(Invalid):
    """The last day lies before the first (日期颠倒)."""

    code = "dates-inverted"
    zh = "停用日期 {valid_to} 早于启用日期 {valid_from}"
    en = "The last day {valid_to} lies before the first day {valid_from}"


@dataclass(frozen=True)
class EstateFields:
    """What an estate is, without its id and version (小区信息). `covers`: neighbourhoods, unit grids."""

    name: str
    aliases: tuple[str, ...]
    covers: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    source: str


def check_estate(fields: EstateFields) -> None:
    """Raises `AreaCodeInvalid`, `EstateCoverTooWide`, `EstateDatesInverted`."""
    check_dates(fields.valid_from, fields.valid_to)
    for place, code in enumerate(fields.covers):
        narrow = level_of(check_code(code)) in (AreaLevel.NEIGHBOURHOOD, AreaLevel.UNIT_GRID)
        if not narrow or code[:6] != fields.covers[0][:6]:
            raise EstateCoverTooWide(area=code, pointer=f"/covers/{place}")


def check_dates(first: date | None, last: date | None) -> None:
    """Raises `EstateDatesInverted`."""
    if first is not None and last is not None and last < first:
        told = {"valid_from": first.isoformat(), "valid_to": last.isoformat()}
        raise EstateDatesInverted(pointer="/valid_to", **told)


def areas_of(covers: Sequence[str]) -> list[str]:
    """The neighbourhoods in which an estate lies, in order.

    >>> areas_of(["310101002001003", "310101002001001", "310101002002"])
    ['310101002001', '310101002002']
    """
    return sorted({prefix_at(code, AreaLevel.NEIGHBOURHOOD) for code in covers})


def check_period(period: Period, last: Period, today: date) -> None:
    """Raise what stands against a state of management that follows the last one.

    Raises `ManagementIncomplete`, `ManagementInFuture`, `ManagementNotLater`.
    """
    wanted = {
        Management.MANAGED: () if period.mode is not ManagementMode.FIRM else ("firm_name",),
        Management.UNMANAGED: ("reason", "fallback_unit_id"),
        Management.ABANDONED: ("reason", "fallback_unit_id"),
    }[period.state]
    for name in wanted:
        if getattr(period, name) is None:
            raise ManagementIncomplete(mode=period.mode, missing=name, pointer=f"/{name}")
    assert period.since is not None, "a state begins on a day"
    if period.since > today:
        raise ManagementInFuture(since=period.since.isoformat(), pointer="/since")
    if last.since is not None and period.since <= last.since:
        raise ManagementNotLater(last=last.since.isoformat(), pointer="/since")


def wall_of(points: Sequence[tuple[float, float]], crs: Crs) -> list[int]:
    """A boundary as it is kept: millionths of a degree, CGCS2000, counter-clockwise, not closed.

    >>> wall_of([(121.47, 31.23), (121.47, 31.24), (121.48, 31.23), (121.47, 31.23)], Crs.CGCS2000)
    [121480000, 31230000, 121470000, 31240000, 121470000, 31230000]

    Raises `WallInvalid`, `CoordinateInvalid`.
    """
    turned = [to_cgcs2000(lon, lat, crs) for lon, lat in points]
    micro = [(round(lon * MICRO), round(lat * MICRO)) for lon, lat in turned]
    ring = micro[:-1] if micro[0] == micro[-1] else micro
    if len(set(ring)) < 3 or not Polygon(ring).is_valid:
        raise WallInvalid(pointer="/ring")
    if not LinearRing(ring).is_ccw:
        ring = [*reversed(ring)]
    return [number for point in ring for number in point]
