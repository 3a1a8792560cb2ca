"""Refusals of the directory. Pure."""

from __future__ import annotations

from datetime import date

from libs.common.errors import Invalid


class UnitUnknown(Invalid):
    """No such unit is known here, or it has ended (单位不存在或已停用)."""

    code = "unit-unknown"
    zh = "单位 {unit_id} 不存在或已停用"
    en = "There is no unit {unit_id} in force"


def in_force(valid_from: date | None, valid_to: date | None, day: date) -> bool:
    """Whether the local day lies between the first and the last day, both included; no date = open end."""
    return (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)
