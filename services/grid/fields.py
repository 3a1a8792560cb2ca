"""Types of fields that the requests of several rooms share; each refusal is said in both languages.

>>> from pydantic import TypeAdapter
>>> TypeAdapter(CategoryCode).validate_python("0202")
'0202'
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from libs.common.http.schemas import PhotoHash

MOST_PHOTOS = 9
_CATEGORY = re.compile("[0-9]{4}")
_DIGITS = re.compile("[0-9]{1,20}")


def _category(code: str) -> str:
    if not _CATEGORY.fullmatch(code):
        raise PydanticCustomError("category_code", "a category has four digits", {"zh": "类别代码为四位数字"})
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
