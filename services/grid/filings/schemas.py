"""Shapes of filing."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from libs.common.http.schemas import Write
from libs.common.text import Text
from services.grid.fields import CategoryCode, ItemCode

RefusalCode = Literal["not-grid-matter", "no-such-problem", "private-matter", "in-procedure", "other"]
"""不属网格职责、现场不存在、私人事务、已在法定程序中、其他"""


class FileCase(Write):
    """File under a standard. 立案"""

    standard: str = Field(min_length=1, max_length=30, examples=["found"])
    category: CategoryCode | None = Field(default=None, description="If not the reported one")
    item: ItemCode | None = Field(default=None, description="What exactly it is (子类)")


class RefuseFiling(Write):
    """Do not file. 不予立案"""

    reason_code: RefusalCode
    reason: Text = Field(examples=["现场查看未发现该问题"])


class ChangeStandard(Write):
    """Another category or standard. 调整类别或时限"""

    standard: str = Field(min_length=1, max_length=30, examples=["found"])
    category: CategoryCode | None = Field(default=None, description="If not the present one")
    item: ItemCode | None = Field(
        default=None, description="Left out: as it was, if the category stays (子类)"
    )
    reason: Text = Field(examples=["现场为正在搭建"])
