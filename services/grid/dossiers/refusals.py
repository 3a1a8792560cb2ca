"""What can stand against reading a case in full. Pure."""

from __future__ import annotations

from libs.common.errors import Forbidden, NotFound


class NotNeededNow(Forbidden):
    """Only the person whose present step needs it sees it in full (当前环节无需查看)."""

    code = "reporter-not-needed"
    zh = "您当前的环节不需要查看反映人完整信息"
    en = "Your present step does not need the reporter's data in full"


class NoReporter(NotFound):
    """The case names no reporter (无反映人)."""

    code = "reporter-missing"
    zh = "该案件没有反映人信息"
    en = "The case names no reporter"
