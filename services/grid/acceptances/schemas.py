"""Shapes of acceptance."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Read, Write
from libs.common.text import Text
from services.grid.dossiers.domain import CaseItem

RejectionCode = Literal[
    "not-grid-matter", "no-such-problem", "private-matter", "in-procedure", "outside-area", "other"
]
"""不属网格职责、现场不存在、私人事务、已在法定程序中、不在辖区、其他"""


class RejectCase(Write):
    """Do not accept. 不予受理"""

    reason_code: RejectionCode
    reason: Text = Field(examples=["属于诉讼事项，请通过法院解决"])


class MergeCase(Write):
    """The same matter as another case. 合并"""

    into: UUID = Field(examples=["0199f0c1-11aa-7c3a-9b1f-2f6f0a9f7e11"], description="并入的案件")
    reason: Text = Field(examples=["同一处楼道堆物"])


class Duplicate(Read):
    """A case that may be the same matter. 疑似重复"""

    case: CaseItem
    distance_m: int


class DuplicateList(Read):
    """Cases that may be the same matter; a person decides. 疑似重复"""

    items: list[Duplicate]
