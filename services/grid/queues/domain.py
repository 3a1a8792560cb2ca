"""What stands against a claim. Pure."""

from __future__ import annotations

from libs.common.errors import Conflict


class NotQueued(Conflict):
    """The case waits for nobody of the centre (案件不在待办中)."""

    code = "case-not-queued"
    zh = "案件当前不在待办中"
    en = "The case is not on the queue now"
