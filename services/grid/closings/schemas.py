"""Shapes of the end of a case."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from libs.common.http.schemas import Write
from libs.common.text import Text


class Note(Write):
    """What is said. 说明"""

    note: Text | None = Field(default=None, examples=["现场照片与核查记录一致，同意结案"])


class Reason(Write):
    """Why. 理由"""

    reason: Text = Field(examples=["核查照片与现场不符"])


class ForceClose(Write):
    """By authority. 强制结案"""

    reason_code: Literal["cannot-be-handled", "handled-elsewhere", "policy", "other"]
    reason: Text = Field(examples=["已列入成套改造计划"])


class VoidCase(Write):
    """It should never have been a case. 作废"""

    reason_code: Literal["entered-by-mistake", "test", "false-report", "other"]
    reason: Text = Field(examples=["误报"])
