"""What is asked of the statistics, and told."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.common.http.schemas import Day, Read
from services.grid.fields import AREA
from services.grid.statistics.domain import Period
from services.grid.statistics.service import Chosen


class By(StrEnum):
    """What a line stands for (分组)."""

    AREA = "area"  # 下级区划
    ATTRIBUTE = "attribute"  # 案件属性
    GROUP = "group"  # 大类
    CATEGORY = "category"  # 类别
    UNIT = "unit"  # 处置单位
    CHANNEL = "channel"  # 来源渠道
    LEVEL = "level"  # 层级


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True)

    since: Day = Field(description="起日 first day", examples=["2026-11-01"])
    until: Day = Field(description="止日（含） last day, included", examples=["2026-11-30"])
    noon: bool = Field(False, description="按前日12时至当日12时计日 days begin at noon the day before")
    area: str | None = Field(None, pattern=AREA, description="区划代码")
    attribute: str | None = Field(None, pattern=r"^[a-z_]{1,30}$", description="案件属性")
    group: str | None = Field(None, pattern=r"^[0-9]{2}$", description="大类代码")
    category: str | None = Field(None, pattern=r"^[0-9]{4}$", description="类别代码")

    @property
    def period(self) -> Period:
        """From when to when."""
        return Period(self.since, self.until, self.noon)


class StatisticsAsked(_Asked):
    """What is added up. 统计条件"""

    channel: str | None = Field(None, pattern=r"^[a-z0-9_]{1,30}$", description="来源渠道")
    unit_id: UUID | None = Field(None, description="处置单位")
    level: str | None = Field(None, pattern=r"^[a-z_]{1,30}$", description="层级")
    by: By | None = Field(None, description="分组")
    last_year: bool = Field(False, description="同时给出去年同期 with the same days of last year")

    @property
    def chosen(self) -> Chosen:
        """The same for the statements."""
        return Chosen(
            self.area,
            self.category,
            self.channel,
            self.unit_id,
            self.level,
            self.by,
            self.group,
            self.attribute,
        )


class SpotsAsked(_Asked):
    """Where to look for hot spots. 热点条件"""

    least: int = Field(3, ge=2, le=1000, description="至少几件 at least so many cases")

    @property
    def chosen(self) -> Chosen:
        """The same for the statements."""
        return Chosen(self.area, self.category, group=self.group, attribute=self.attribute)


class RateRead(Read):
    """A rate as an exact decimal, null where the denominator is zero. 比率"""

    value: Decimal | None = Field(examples=["0.9375"])
    numerator: Decimal
    denominator: Decimal


class FiguresRead(Read):
    """What was counted, what stood at the end, and the rates by code. 统计数"""

    counts: dict[str, int] = Field(description="期内数，按计数项", examples=[{"reported": 16, "filed": 15}])
    stands: dict[str, int] = Field(
        description="期末数：open 未结，overdue 超期未处置，overdue_excused 其中申诉成立"
    )
    rates: dict[str, RateRead] = Field(description="指标，口径见 formulas")


class LineRead(FiguresRead):
    """One line. 统计行"""

    key: str = Field(description="分组代码；空为合计或未定")
    name: str | None
    last_year: FiguresRead | None = Field(default=None, description="去年同期")


class StatisticsRead(Read):
    """The statistics of a period. 统计结果"""

    since: date
    until: date
    begins: datetime
    ends: datetime = Field(description="不含 not included")
    counted_to: datetime | None = Field(description="计至何时 the last event that is in it")
    lines: list[LineRead]


class FormulaRead(Read):
    """An indicator and how it is reckoned. 指标口径"""

    code: str
    zh: str
    en: str
    formula_zh: str
    formula_en: str
    numerator: dict[str, Decimal] = Field(description="分子：计数项与权重")
    denominator: dict[str, Decimal] = Field(description="分母：计数项与权重，扣除项为负")
    source: str


class FormulaList(Read):
    """Every indicator. 全部指标口径"""

    items: list[FormulaRead]


class SpotRead(Read):
    """The same matter at one place. 热点"""

    area: str
    area_name: str | None
    estate_id: UUID | None
    category: str
    category_zh: str | None
    count: int
    latest: datetime


class SpotList(Read):
    """The most frequent first. 热点列表"""

    items: list[SpotRead]
