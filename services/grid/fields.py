"""Types of fields that the requests of several rooms share; each refusal is said in both languages.

>>> from pydantic import TypeAdapter
>>> TypeAdapter(CategoryCode).validate_python("0202")
'0202'
"""

from __future__ import annotations

import re
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from libs.common.coordinates import Crs
from libs.common.http.schemas import Flag, Number, PhotoHash, Write
from libs.common.text import Line, Phone

MOST_PHOTOS = 9
AREA = r"^[1-8][0-9]([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3}([0-9]{3})?)?)?)?)?$"
"""Codes of areas from a province to a unit grid, as filters of lists take them (区划代码)."""
_CATEGORY = re.compile("[0-9]{4}")
_ITEM = re.compile("[0-9]{6}")
_DIGITS = re.compile("[0-9]{1,20}")


def _category(code: str) -> str:
    if not _CATEGORY.fullmatch(code):
        raise PydanticCustomError("category_code", "a category has four digits", {"zh": "类别代码为四位数字"})
    return code


def _item(code: str) -> str:
    if not _ITEM.fullmatch(code):
        raise PydanticCustomError("item_code", "an item has six digits", {"zh": "子类代码为六位数字"})
    return code


def _digits(code: str) -> str:
    if not _DIGITS.fullmatch(code):
        raise PydanticCustomError("area_digits", "an area code has digits only", {"zh": "区划代码只含数字"})
    return code


CategoryCode = Annotated[
    str,
    StringConstraints(strict=True),
    AfterValidator(_category),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}$", "examples": ["0202"]}),
]
"""The code of a problem category (类别代码)."""

ItemCode = Annotated[
    str,
    StringConstraints(strict=True),
    AfterValidator(_item),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{6}$"}),
]
"""The code of an item of a category (子类代码)."""

Photos = Annotated[
    list[PhotoHash], Field(max_length=MOST_PHOTOS, description="SHA-256 of uploaded photos (照片)")
]
"""Photos that the caller has uploaded before (照片)."""

AreaDigits = Annotated[
    str,
    StringConstraints(strict=True),
    AfterValidator(_digits),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{12}([0-9]{3})?$"}),
]
"""The code of a neighbourhood or unit grid; what it means is looked at later (居村或单元网格代码)."""


class PointGiven(Write):
    """Coordinates with their system. 坐标；须注明坐标系"""

    lon: Number = Field(examples=[121.4737])
    lat: Number = Field(examples=[31.2304])
    crs: Crs = Field(examples=["GCJ02"])


class PlaceGiven(Write):
    """Where it is: a point, the code of a neighbourhood or unit grid, or an estate; else an address, if it is
    known for sure. 位置；仅有地址时须可唯一识别"""

    point: PointGiven | None = None
    area: AreaDigits | None = Field(default=None, examples=["310101002001"])
    estate_id: UUID | None = None
    address: Line | None = Field(default=None, examples=["福建中路100弄3号2层楼道"])
    inside_wall: Flag | None = Field(default=None, description="Inside the estate's wall (围墙内)")

    @model_validator(mode="after")
    def _somewhere(self) -> PlaceGiven:
        if self.point is None and self.area is None and self.estate_id is None and self.address is None:
            raise PydanticCustomError(
                "place_missing",
                "Give a point, the code of a neighbourhood or unit grid, an estate, or an address",
                {"zh": "须给出坐标、居(村)委或单元网格代码、小区，或地址"},
            )
        return self

    def told(self) -> dict[str, Any]:
        """The same in plain values, by name."""
        point = {"lon": None, "lat": None, "crs": None} if self.point is None else vars(self.point)
        return {
            **point, "area": self.area, "estate_id": self.estate_id, "address": self.address,
            "inside_wall": self.inside_wall,
        }  # fmt: skip


class ReporterGiven(Write):
    """Who told it. 反映人"""

    name: Line | None = Field(default=None, examples=["张三"])
    phone: Phone | None = Field(default=None, examples=["13812341234"])
    secret: Flag = Field(default=False, description="Asked not to be known (要求保密)")
    consent: Flag = Field(default=False, description="Agrees to be named as a party (同意作为当事人)")
