"""Shapes of overviews."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Read
from services.targets.fields import Told
from services.targets.lights.domain import Light, Reason, Verdict
from services.targets.progress.service import Standing


class StandingRead(Read):
    """How a target stands as of a day. 进度"""

    target_id: UUID
    code: str
    title_zh: str
    kind: str
    area: str
    as_of: date
    unit: str | None = Field(description="计量单位")
    goal: Told | None = Field(description="目标值；区间取下限")
    value: Told | None = Field(description="完成值；比率为百分数，舍去两位小数以下")
    numerator: Told | None
    denominator: Told | None
    done: bool | None
    scheduled: Told | None = Field(description="序时进度")
    judged_on: date | None = Field(description="评判日：最近一个填报已到期的期末")
    light: Light
    reason: Reason
    verdict: Verdict
    counted: int = Field(description="计入汇总的数据条数")
    covered: int = Field(description="已含在其他数据中、不重复计入的条数")
    latest: date | None = Field(description="数据截至日期")
    since: date | None = Field(description="周期性目标本周期首日")
    missed_periods: int = Field(description="周期性目标此前未达到的周期数")


def shown(standing: Standing) -> StandingRead:
    """As it is answered."""
    target, total, judgement = standing.target, standing.total, standing.judgement
    return StandingRead(
        target_id=target.id,
        code=target.code,
        title_zh=target.title_zh,
        kind=target.kind,
        area=standing.area,
        as_of=standing.as_of,
        unit=target.unit,
        goal=standing.in_unit(standing.goal),
        value=standing.value,
        numerator=total.numerator,
        denominator=total.denominator,
        done=total.done,
        scheduled=standing.scheduled,
        judged_on=judgement.judged_on,
        light=judgement.light,
        reason=judgement.reason,
        verdict=judgement.verdict,
        counted=total.counted,
        covered=total.covered,
        latest=total.latest,
        since=standing.since,
        missed_periods=standing.missed_periods,
    )


class LightTableRead(Read):
    """A plan's lights as of a day. 亮灯表"""

    plan_id: UUID
    code: str
    state: str
    as_of: date
    lights: dict[Light, int]
    verdicts: dict[Verdict, int]
    items: list[StandingRead]


class ProgressRead(Read):
    """A target as of a day, and area by area. 目标进度"""

    whole: StandingRead
    areas: list[StandingRead]


class MissingRead(Read):
    """A report that was not given. 未报"""

    report_id: UUID = Field(validation_alias="id")
    target_id: UUID
    area: str
    period_first: date
    period_last: date
    due_on: date
    state: str


class TallyRead(Read):
    """Reports that were due. 填报统计"""

    expected: int = Field(description="应报")
    submitted: int = Field(description="已报")
    accepted: int = Field(description="已审定")
    missing: int = Field(description="未报")
    late: int = Field(description="逾期填报")


class UnitReportingRead(Read):
    """How a unit has reported. 单位填报情况"""

    unit_id: UUID
    name: str | None
    tally: TallyRead
    missing: list[MissingRead]


class ReportingRead(Read):
    """Who has reported and who has not, those who owe most first. 填报情况"""

    as_of: date
    items: list[UnitReportingRead]
