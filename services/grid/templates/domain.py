"""What a notice may say: occasions, audiences, channels, and the closed list of placeholders. Pure.

>>> render("您反映的事项已受理，回执号{receipt_number}。", {"receipt_number": "M7Q-4H2K"})
'您反映的事项已受理，回执号M7Q-4H2K。'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from libs.common.errors import Invalid, NotFound


class Occasion(StrEnum):
    """What has happened, or is due (通知事项)."""

    RECEIVED = "received"  # 已收到
    MERGED = "merged"  # 合并办理
    REJECTED = "rejected"  # 不予受理、不予立案
    CLOSED = "closed"  # 办结
    REOPENED = "reopened"  # 重新办理
    TO_VERIFY = "to_verify"  # 核实任务
    TO_CHECK = "to_check"  # 核查任务
    HANDED_OVER = "handed_over"  # 交接案件
    PATROL_DUE = "patrol_due"  # 巡查将到期
    RETURNED = "returned"  # 退单
    DUE_SOON = "due-soon"  # 临期
    OVERDUE = "overdue"  # 超时
    DIGEST = "digest"  # 通知汇总: many for one person, put together


class Audience(StrEnum):
    """Who is told (通知对象)."""

    REPORTER = "reporter"  # 反映人: whoever reported, without an account
    INSPECTOR = "inspector"  # 网格员
    DISPATCHER = "dispatcher"  # 在岗派遣员
    DUTY_CHIEF = "duty_chief"  # 在岗值班长


class Channel(StrEnum):
    """By which way (通知方式)."""

    SMS = "sms"  # 短信
    IN_APP = "in_app"  # 站内
    WECHAT = "wechat"  # 微信模板消息
    EMAIL = "email"  # 电子邮件


@dataclass(frozen=True)
class Placeholder:
    """A name that a template may hold (占位符): what it stands for, and a sample."""

    zh: str
    sample: str


PLACEHOLDERS: Mapping[str, Placeholder] = {
    "receipt_number": Placeholder("回执号", "M7Q-4H2K-9TXB-3RW"),
    "number": Placeholder("案件编号", "G20261122-310101002-000013"),
    "category": Placeholder("问题类别", "楼道堆物"),
    "address": Placeholder("地址（脱敏）", "福建中路100弄3号"),
    "progress": Placeholder("办理进度", "正在处理"),
    "reason": Placeholder("原因", "不属网格职责"),
    "due": Placeholder("处置时限", "2026年11月24日 10:00"),
    "unit": Placeholder("承办单位", "南京东路街道综合行政执法队"),
    "link": Placeholder("查询评价链接", "https://grid.example/l/…"),
    "patrol": Placeholder("巡查任务", "地下空间·3号楼地下室"),
    "until": Placeholder("巡查截止日", "2026年11月30日"),
    "count": Placeholder("通知条数", "6"),
    "items": Placeholder("通知摘要", "1. 案件超时 2. 案件退单"),
}
"""Every name that a template may hold."""

_OF_PATROL = frozenset({"patrol", "until"})
_OF_DIGEST = frozenset({"count", "items"})
_OF_CASE = PLACEHOLDERS.keys() - _OF_PATROL - _OF_DIGEST - {"link"}
_NAME = re.compile(r"\{([^{}]*)\}")
SMS_MOST = 300
"""Characters of a text message: about five parts of 67."""
MOST = 1000


class TemplateUnknown(NotFound):
    """There is no such template (模板不存在)."""

    code = "template-unknown"
    zh = "没有该通知模板"
    en = "There is no such template"


class PlaceholderUnknown(Invalid):
    """A name that stands for nothing here (占位符不可用)."""

    code = "placeholder-unknown"
    zh = "占位符 {name} 在此模板中不可用，可用：{known}"
    en = "The placeholder {name} stands for nothing in this template, known are: {known}"


class BracesUnpaired(Invalid):
    """A brace that opens or closes no placeholder (花括号不成对)."""

    code = "braces-unpaired"
    zh = "花括号不成对，占位符应写作 {{receipt_number}}"
    en = "A brace is alone, a placeholder is written as {{receipt_number}}"


class TemplateTooLong(Invalid):
    """Longer than the channel carries (模板过长)."""

    code = "template-too-long"
    zh = "该通知方式最多 {most} 字，现为 {length} 字"
    en = "This channel carries {most} characters, there are {length}"


class SubjectMissing(Invalid):
    """An e-mail has a subject (邮件缺少主题)."""

    code = "subject-missing"
    zh = "邮件须有主题"
    en = "An e-mail needs a subject"


def placeholders_of(occasion: Occasion, audience: Audience) -> frozenset[str]:
    """The names that a template for this occasion and audience may hold."""
    if occasion is Occasion.DIGEST:
        return _OF_DIGEST
    if occasion is Occasion.PATROL_DUE:
        return _OF_PATROL
    return frozenset(_OF_CASE | ({"link"} if audience is Audience.REPORTER else set()))


def check_text(text: str, known: frozenset[str], pointer: str) -> None:
    """Raise `PlaceholderUnknown`, `BracesUnpaired`."""
    for name in _NAME.findall(text):
        if name not in known:
            raise PlaceholderUnknown(name=name, known="、".join(sorted(known)), pointer=pointer)
    if re.search(r"[{}]", _NAME.sub("", text)):
        raise BracesUnpaired(pointer=pointer)


@dataclass(frozen=True)
class Wording:
    """What a template says (模板内容). `subject`: of an e-mail or in the list of the app."""

    subject: str | None
    body: str


def check_wording(occasion: Occasion, audience: Audience, channel: Channel, wording: Wording) -> None:
    """Raise what stands against the words of a template."""
    known = placeholders_of(occasion, audience)
    check_text(wording.body, known, "/body")
    check_text(wording.subject or "", known, "/subject")
    if channel is Channel.EMAIL and not wording.subject:
        raise SubjectMissing(pointer="/subject")
    check_length(channel, wording.body)


def check_length(channel: Channel, body: str) -> None:
    """Raise `TemplateTooLong`."""
    most = SMS_MOST if channel is Channel.SMS else MOST
    if len(body) > most:
        raise TemplateTooLong(most=most, length=len(body), pointer="/body")


def render(text: str, values: Mapping[str, str]) -> str:
    """The text with what its names stand for; a name without a value stays as it is (see `link`)."""
    return _NAME.sub(lambda found: values.get(found[1], found[0]), text)


def samples() -> dict[str, str]:
    """A sample of everything that a name stands for."""
    return {name: each.sample for name, each in PLACEHOLDERS.items()}


def parts_of(body: str) -> int:
    """How many text messages it is charged as: 70 characters, or 67 each of several (短信条数).

    >>> parts_of("字" * 70), parts_of("字" * 71)
    (1, 2)
    """
    return 1 if len(body) <= 70 else -(-len(body) // 67)
