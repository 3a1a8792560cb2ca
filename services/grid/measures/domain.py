"""What is counted, by the names under which it is published. Pure."""

from __future__ import annotations

from enum import StrEnum


class Measure(StrEnum):
    """What is counted (计数项)."""

    REPORTED = "reported"  # 上报
    WITHDRAWN = "withdrawn"  # 撤回
    ACCEPTED = "accepted"  # 受理
    REJECTED = "rejected"  # 不予受理、不予立案
    MERGED = "merged"  # 合并
    VOIDED = "voided"  # 作废
    FILED = "filed"  # 立案
    DISPATCHED = "dispatched"  # 派遣
    ANSWERED = "answered"  # 处置
    ANSWERED_ON_TIME = "answered_on_time"  # 按期处置
    FELL_DUE = "fell_due"  # 到期未处置
    RETURNED = "returned"  # 退单
    EXTENDED = "extended"  # 延期
    SUSPENDED = "suspended"  # 挂账
    REWORKED = "reworked"  # 返工
    CLOSED = "closed"  # 结案
    CLOSED_ON_TIME = "closed_on_time"  # 按期结案
    CLOSED_BELOW = "closed_below"  # 街镇以下办结
    REOPENED = "reopened"  # 重新办理
    EXCUSED = "excused"  # 到期未处置，申诉成立
    CLOSED_EXCUSED = "closed_excused"  # 超时结案，申诉成立
    CASES_SATISFIED = "cases_satisfied"  # 案件评价：满意
    CASES_FAIRLY_SATISFIED = "cases_fairly_satisfied"  # 案件评价：基本满意
    CASES_DISSATISFIED = "cases_dissatisfied"  # 案件评价：不满意
    CASES_NOT_RATED = "cases_not_rated"  # 案件评价：未评价
    ORDERS_RECEIVED = "orders_received"  # 热线受理
    ORDERS_REPEATED = "orders_repeated"  # 重复工单
    CONTACTED = "contacted"  # 先行联系
    CONTACTED_ON_TIME = "contacted_on_time"  # 按时先行联系
    REPLIED = "replied"  # 答复
    REPLIED_ON_TIME = "replied_on_time"  # 按时答复
    SOLVED = "solved"  # 实际解决
    EXPLAINED = "explained"  # 解释说明
    SAID_CONTACTED = "said_contacted"  # 回访：已联系
    SAID_NOT_CONTACTED = "said_not_contacted"  # 回访：未联系
    SATISFIED = "satisfied"  # 满意
    FAIRLY_SATISFIED = "fairly_satisfied"  # 基本满意
    SO_SO = "so_so"  # 一般
    DISSATISFIED = "dissatisfied"  # 不满意


class Stock(StrEnum):
    """What stands at a moment (时点数)."""

    OPEN = "open"  # 未结
    OVERDUE = "overdue"  # 超期未处置
    OVERDUE_EXCUSED = "overdue_excused"  # 超期未处置，申诉成立
