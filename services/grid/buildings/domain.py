"""Buildings as values: what is refused. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from libs.common.coordinates import Crs
from libs.common.errors import Conflict, Invalid, NotFound


class BuildingUnknown(NotFound):
    """No building has this id (楼栋不存在)."""

    code = "building-unknown"
    zh = "没有标识为 {building} 的楼栋"
    en = "There is no building with id {building}"


class BuildingNumberInvalid(Invalid):
    """A number names the building, besides 号楼 or 幢 (楼号无效)."""

    code = "building-number-invalid"
    zh = "“{number}”不是楼号"
    en = "'{number}' is no building's number"


class BuildingNumberTaken(Conflict):
    """A building of the estate that stands has this number (楼号重复)."""

    code = "building-number-taken"
    zh = "该小区已有 {number} 号楼"
    en = "The estate has a building {number} already"


@dataclass(frozen=True)
class BuildingFields:
    """What a building is (楼栋信息). `point`: lon, lat and system as they came."""

    number: str
    aliases: tuple[str, ...] = ()
    floors: int | None = None
    has_lift: bool | None = None
    point: tuple[float, float, Crs] | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""
