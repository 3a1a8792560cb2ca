"""Types of fields and shapes that several rooms share.

>>> from pydantic import TypeAdapter
>>> TypeAdapter(Figure).validate_python("5.9017")
Decimal('5.9017')
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from libs.common.http.schemas import Read
from libs.common.quantities import MEASURES, MOST_DECIMALS, MOST_DIGITS, plain

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.\-]{1,59}$", examples=["pt-2027"])]
AreaCode = Annotated[str, Field(pattern=r"^[0-9]{2,15}$", examples=["310107"])]


def _no_float(given: Any) -> Any:
    """A float has lost what was written: a figure is sent as text, or as a whole number."""
    if isinstance(given, float | bool):
        told = {"zh": '数值请以文本提交，例如 "5.9017"'}
        raise PydanticCustomError("figure_type", 'a figure is sent as text, such as "5.9017"', told)
    return given


Figure = Annotated[
    Decimal,
    BeforeValidator(_no_float),
    Field(ge=0, max_digits=MOST_DIGITS, decimal_places=MOST_DECIMALS, allow_inf_nan=False),
    AfterValidator(plain),
    WithJsonSchema(
        {"type": "string", "pattern": r"^\d{1,18}(\.\d{1,6})?$", "examples": ["5.9017"]}, mode="validation"
    ),
]
"""A figure as text, exact: 万平方米 with up to six decimals."""

Told = Annotated[
    Decimal,
    AfterValidator(plain),
    WithJsonSchema({"type": "string", "examples": ["5.9017"]}, mode="serialization"),
]
"""A figure as it is answered: text, exact."""


def _unit(code: str) -> str:
    if code not in MEASURES:
        told = {"zh": "计量单位不存在"}
        raise PydanticCustomError("unit_of_measure", "there is no such unit of measure", told)
    return code


UnitOfMeasure = Annotated[
    str,
    AfterValidator(_unit),
    WithJsonSchema({"type": "string", "enum": sorted(MEASURES), "examples": ["wan_m2"]}),
]
"""A unit of measure by its code."""


class StepRead(Read):
    """One step of the history. 操作记录"""

    version: int
    at: datetime
    actor: str
    actor_role: str
    action: str
    from_state: str | None
    to_state: str | None
    note: str | None
    changed: dict[str, Any]


class StepList(Read):
    """The steps, oldest first. 操作历史"""

    items: list[StepRead]
