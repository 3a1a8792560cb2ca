"""What leaves as a table, the life of an export, and what its columns are. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from libs.common.errors import Conflict, Invalid, NotFound
from libs.common.fsm import Machine
from libs.common.policy import Principal, Role
from libs.common.tables.shapes import Column, Kind, Sheet
from services.grid.measures.domain import Measure, Stock
from services.grid.prints.domain import STATES
from services.grid.statistics.domain import INDICATORS


class ExportKind(StrEnum):
    """What is exported (导出内容)."""

    CASES = "cases"  # 案件列表
    STATISTICS = "statistics"  # 统计表


class ExportFormat(StrEnum):
    """As what (文件格式)."""

    CSV = "csv"
    XLSX = "xlsx"


class ExportState(StrEnum):
    """Where an export stands (导出状态)."""

    QUEUED = "queued"  # 排队
    MAKING = "making"  # 生成中
    READY = "ready"  # 可下载
    FAILED = "failed"  # 失败
    EXPIRED = "expired"  # 已过期


class ExportAction(StrEnum):
    """What is done with it."""

    BEGIN = "begin"
    FINISH = "finish"
    GIVE_UP = "give-up"
    EXPIRE = "expire"


_S, _A = ExportState, ExportAction
LIFE: Machine[ExportState, ExportAction] = Machine(
    name="export",
    initial=ExportState.QUEUED,
    table={
        (_S.QUEUED, _A.BEGIN): _S.MAKING,
        (_S.MAKING, _A.BEGIN): _S.MAKING,
        (_S.MAKING, _A.FINISH): _S.READY,
        (_S.QUEUED, _A.FINISH): _S.READY,
        (_S.MAKING, _A.GIVE_UP): _S.FAILED,
        (_S.READY, _A.EXPIRE): _S.EXPIRED,
    },
)
"""What is small is ready at once: it is written while it is fetched. A worker that died is begun again."""

LEASE = timedelta(minutes=15)
"""After so long without progress somebody else makes it."""
TRIES = 3


class ExportUnknown(NotFound):
    """There is no such export of the caller's (导出不存在)."""

    code = "export-unknown"
    zh = "没有该导出记录"
    en = "There is no such export of yours"


class ExportTooLong(Invalid):
    """More rows than leave in one file (导出行数过多)."""

    code = "export-too-long"
    zh = "共 {rows} 行，超过单次导出上限 {most} 行，请缩小筛选范围"
    en = "{rows} rows are more than the {most} of one export, narrow the filter"


class ExportNotReady(Conflict):
    """It is not made yet, has failed or is no longer kept (尚不能下载)."""

    code = "export-not-ready"
    zh = "导出文件当前状态为“{state}”，不能下载"
    en = "The export is '{state}' and cannot be fetched"


CASES = Sheet(
    "案件",
    (
        Column("receipt_number", "回执号", width=22),
        Column("number", "案件编号", width=28),
        Column("state", "状态", choices=dict(STATES)),
        Column("category", "类别代码"),
        Column("category_zh", "问题类别"),
        Column("description", "问题描述", width=48),
        Column("area", "区划代码", width=18),
        Column("address", "地址", width=28),
        Column("channel", "来源"),
        Column("level", "办理层级"),
        Column("unit_zh", "承办单位", width=28),
        Column("squad", "处置队伍"),
        Column("reported_at", "上报时间", Kind.MOMENT, width=20),
        Column("due_at", "处置时限", Kind.MOMENT, width=20),
        Column("overdue", "已超时", Kind.FLAG),
        Column("ended_at", "办结时间", Kind.MOMENT, width=20),
        Column("round", "轮次", Kind.WHOLE),
        Column("return_count", "退单次数", Kind.WHOLE),
        Column("rework_count", "返工次数", Kind.WHOLE),
    ),
)
"""The list of cases, masked as lists are."""

_MOMENTS = tuple(column.key for column in CASES.columns if column.kind is Kind.MOMENT)
_M = Measure
COUNTED: Mapping[str, str] = {
    _M.REPORTED: "上报", _M.ACCEPTED: "受理", _M.REJECTED: "不予受理", _M.FILED: "立案",
    _M.DISPATCHED: "派遣", _M.ANSWERED: "处置", _M.ANSWERED_ON_TIME: "按期处置",
    _M.FELL_DUE: "到期未处置", _M.RETURNED: "退单", _M.EXTENDED: "延期", _M.SUSPENDED: "挂账",
    _M.REWORKED: "返工", _M.CLOSED: "结案", _M.CLOSED_ON_TIME: "按期结案", _M.REOPENED: "重新办理",
    _M.ORDERS_RECEIVED: "热线受理", _M.REPLIED: "热线答复", _M.REPLIED_ON_TIME: "按时答复",
}  # fmt: skip
STANDS: Mapping[str, str] = {Stock.OPEN: "期末未结", Stock.OVERDUE: "期末超期未处置"}
STATISTICS = Sheet(
    "统计",
    (
        Column("key", "代码"),
        Column("name", "名称", width=28),
        *(Column(code, title, Kind.WHOLE) for code, title in (*COUNTED.items(), *STANDS.items())),
        *(Column(f"rate_{one.code}", one.zh, Kind.NUMBER) for one in INDICATORS),
    ),
)
"""The table of the statistics: counts, what stood at the end, and every rate."""
SHEETS: Mapping[ExportKind, Sheet] = {ExportKind.CASES: CASES, ExportKind.STATISTICS: STATISTICS}


def case_row(item: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A case of a list as a row; `names`: of channels and levels."""
    row = {column.key: item[column.key] for column in CASES.columns}
    row |= {key: datetime.fromisoformat(row[key]) if row[key] else None for key in _MOMENTS}
    row["channel"] = names.get(row["channel"], row["channel"])
    row["level"] = names.get(row["level"] or "", row["level"])
    return row


def statistics_row(line: Any) -> dict[str, Any]:
    """A line of the statistics as a row."""
    rates = {f"rate_{code}": rate.value for code, rate in line.rates.items()}
    return {"key": line.key or "合计", "name": line.name, **line.counts, **line.stands, **rates}


def kept(viewer: Principal) -> dict[str, Any]:
    """Who asked, as it is kept with a long export: it shows what they saw then."""
    return {
        "subject": viewer.subject, "name": viewer.name, "roles": sorted(viewer.roles),
        "areas": list(viewer.areas), "unit_id": str(viewer.unit_id) if viewer.unit_id else None,
        "scopes": sorted(viewer.scopes),
    }  # fmt: skip


def viewer_of(told: Mapping[str, Any]) -> Principal:
    """The same again.

    >>> asked = Principal("d", "d", frozenset({Role.DISPATCHER}), ("310101",))
    >>> viewer_of(kept(asked)) == asked
    True
    """
    return Principal(
        subject=told["subject"], name=told["name"], roles=frozenset(map(Role, told["roles"])),
        areas=tuple(told["areas"]), unit_id=UUID(told["unit_id"]) if told["unit_id"] else None,
        scopes=frozenset(told["scopes"]),
    )  # fmt: skip


def file_name(kind: str, format_: str, at: datetime) -> str:
    """What the file is called, ASCII alone."""
    return f"{kind}-{at:%Y%m%d%H%M%S}.{format_}"
