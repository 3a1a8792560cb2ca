"""What a report must be: its id, its time, its place. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from libs.common.clocks import start_of_local_day
from libs.common.coordinates import Crs
from libs.common.errors import DomainError, Forbidden, Invalid
from libs.common.policy import Principal
from services.grid.lifecycle.domain import Verification
from services.grid.places.domain import Place
from services.grid.questions.domain import FormGiven
from services.grid.rules.domain import Channel, ReportTimes, Rules


class IdNotUuid7(Invalid):
    """The client's id is a UUID of version 7 (标识须为 UUIDv7)."""

    code = "id-not-uuidv7"
    zh = "案件标识须为 UUIDv7"
    en = "The case's id must be a UUID of version 7"


class TimeOutOfRange(Invalid):
    """Before 2000 or in the future (时间超出范围)."""

    code = "time-out-of-range"
    zh = "时间 {time} 超出范围：须在 {oldest} 之后且不晚于现在"
    en = "The time {time} is out of range: after {oldest} and not in the future"


class PlaceMissing(Invalid):
    """Coordinates with their system, an area of a neighbourhood, or an estate (缺少位置)."""

    code = "place-missing"
    zh = "须给出带坐标系的坐标、居(村)委或单元网格代码，或小区"
    en = "Give coordinates with their system, the code of a neighbourhood or unit grid, or an estate"


class PlaceTooWide(Invalid):
    """The area must be a neighbourhood or a unit grid (区划级别过大)."""

    code = "place-too-wide"
    zh = "区划 {area} 范围过大，须为居(村)委或单元网格"
    en = "The area {area} is too wide: give a neighbourhood or a unit grid"


class PlaceUnknown(Invalid):
    """No area, unit grid or estate in force has this code or id (位置不存在或已停用)."""

    code = "place-unknown"
    zh = "区划、单元网格或小区 {place} 不存在、尚未启用或已停用"
    en = "There is no area, unit grid or estate {place} in force"


class OutsideYourArea(Forbidden):
    """The place lies outside the caller's area (位置不在您的责任区域)."""

    code = "outside-your-area"
    zh = "该位置不在您的责任区域内"
    en = "The place lies outside your area"


class ChannelNotYours(Forbidden):
    """Another role enters reports of this channel (无权使用该来源渠道)."""

    code = "channel-not-yours"
    zh = "您的角色不能以“{channel}”渠道上报"
    en = "Your role does not report through the channel '{channel}'"


class SourceNumberMissing(Invalid):
    """The channel numbers what it passes on (缺少来源编号)."""

    code = "source-number-missing"
    zh = "“{channel}”渠道的上报须注明来源编号"
    en = "Reports of the channel '{channel}' name the source's own number"


class NothingToCorrect(Invalid):
    """A correction changes something (没有更正内容)."""

    code = "nothing-to-correct"
    zh = "没有需要更正的内容"
    en = "The correction changes nothing"


@dataclass(frozen=True)
class GivenPlace:
    """Where it is, as the reporter says (位置)."""

    lon: float | None = None
    lat: float | None = None
    crs: Crs | None = None
    area: str | None = None
    estate_id: UUID | None = None
    address: str | None = None
    inside_wall: bool | None = None


@dataclass(frozen=True)
class SelfHandling:
    """Put right on the spot by who found it (自行处置)."""

    standard: str
    photos: tuple[str, ...]
    note: str
    outcome: str = "solved"


@dataclass(frozen=True)
class Report:
    """A report, in plain values (上报)."""

    channel: str
    category: str
    description: str
    found_at: datetime
    place: GivenPlace
    photos: tuple[str, ...] = ()
    source_number: str | None = None
    self_handling: SelfHandling | None = None
    form: FormGiven | None = None


@dataclass(frozen=True)
class Correction:
    """What the reporter puts right; what is None stays (更正)."""

    category: str | None = None
    description: str | None = None
    found_at: datetime | None = None
    place: GivenPlace | None = None
    photos: tuple[str, ...] = field(default=())
    form: FormGiven | None = None


class Dated(Protocol):
    """What is there for a time; no date = open end."""

    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_to(self) -> date | None: ...


def check_in_force(row: Dated, place: str, day: date) -> None:
    """Raise `PlaceUnknown` for what has not begun or has ended on the day (Shanghai)."""
    if day < (row.valid_from or day) or day > (row.valid_to or day):
        raise PlaceUnknown(place=place)


def check_id(case_id: UUID) -> UUID:
    """The id itself. Raises `IdNotUuid7`."""
    if case_id.version != 7:
        raise IdNotUuid7(pointer="")
    return case_id


def check_found_at(found_at: datetime, now: datetime, rule: ReportTimes) -> datetime:
    """The time itself. Raises `TimeOutOfRange`."""
    ahead = timedelta(minutes=rule.ahead_minutes)
    if not start_of_local_day(rule.oldest) <= found_at <= now + ahead:
        raise TimeOutOfRange(time=found_at.isoformat(), oldest=rule.oldest.isoformat(), pointer="/found_at")
    return found_at


def check_told(given: Report, limits: Rules, viewer: Principal | None, now: datetime) -> Channel:
    """The channel of a report that may be told by this person now; None: by the service itself.

    Raises `ChannelUnknown`, `ChannelNotYours`, `SourceNumberMissing`, `TimeOutOfRange`.
    """
    channel = limits.channel(given.channel)
    if viewer is not None and not viewer.roles & set(channel.roles):
        raise ChannelNotYours(channel=given.channel, pointer="/channel")
    if given.source_number is None and given.channel in limits.sources.numbered:
        raise SourceNumberMissing(channel=given.channel, pointer="/source_number")
    check_found_at(given.found_at, now, limits.report)
    return channel


def told_columns(given: Report, channel: Channel) -> dict[str, Any]:
    """What the report says, as columns of the case."""
    return {
        "channel": given.channel,
        "source_number": given.source_number,
        "description": given.description,
        "found_at": given.found_at,
        "verification": Verification.NEEDED if channel.verify else Verification.NOT_NEEDED,
        "self_handled": given.self_handling is not None,
    }


def point_columns(place: Place, given: GivenPlace, walled: tuple[UUID | None, bool | None]) -> dict[str, Any]:
    """Where a point lies, as columns of the case, with what was given for it.

    `walled`: its estate, and whether it lies inside the wall; whoever was there knows that better.
    """
    estate_id, inside = walled
    if given.inside_wall is not None or given.estate_id not in (None, estate_id):
        inside = given.inside_wall
    return {
        "estate_id": given.estate_id or estate_id,
        "inside_wall": inside,
        "area": place.unit_grid,
        "lon": place.lon,
        "lat": place.lat,
        "nearest": place.nearest,
        "given_place": f"{given.lon},{given.lat},{given.crs}",
    }


@contextmanager
def pointing(pointer: str, only: type[DomainError] = DomainError) -> Iterator[None]:
    """Let errors of the enclosed work point at this part of the report; a place in a list is kept."""
    try:
        yield
    except only as error:
        place = (error.pointer or "").rpartition("/")[2]
        error.pointer = f"{pointer}/{place}" if place.isdecimal() else pointer
        raise
