"""Which of the two languages the caller wants, and validation messages in Chinese (语言协商).

>>> preferred("en-GB,en;q=0.9,zh;q=0.5"), preferred("fr"), preferred(None), preferred("zh;q=0, en;q=0.1")
('en', 'zh', 'zh', 'en')
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

CHINESE = "zh"
ENGLISH = "en"
TAGS = {CHINESE: "zh-CN", ENGLISH: "en"}

_RANGE = re.compile(
    r"^\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?$"
)


def preferred(header: str | None) -> str:
    """`zh` or `en` by `Accept-Language` with its weights (RFC 9110 12.5.4). Chinese when in doubt."""
    weights: dict[str, float] = {}
    for part in (header or "").split(",")[:32]:
        found = _RANGE.match(part)
        if not found:
            continue
        language = found.group(1).split("-")[0].lower()
        weight = min(float(found.group(2) or "1"), 1.0)
        weights[language] = max(weights.get(language, 0.0), weight)
    anything = weights.get("*", 0.0)
    chinese = weights.get(CHINESE, anything)
    return ENGLISH if weights.get(ENGLISH, anything) > chinese else CHINESE


_ZH: Mapping[str, str] = {
    "missing": "缺少必填项",
    "extra_forbidden": "不允许的字段",
    "string_type": "应为文本",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "最多 {max_length} 个字符",
    "string_pattern_mismatch": "格式不正确",
    "string_unicode": "文本不是合法的 Unicode",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数，不能有小数",
    "int_parsing_size": "整数过大",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "finite_number": "应为有限的数字",
    "decimal_type": "应为数字",
    "decimal_parsing": "应为数字",
    "decimal_max_digits": "最多 {max_digits} 位数字",
    "decimal_max_places": "最多 {decimal_places} 位小数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不能大于 {le}",
    "multiple_of": "应为 {multiple_of} 的倍数",
    "enum": "应为以下之一：{expected}",
    "literal_error": "应为以下之一：{expected}",
    "uuid_type": "应为 UUID",
    "uuid_parsing": "应为 UUID",
    "uuid_version": "应为第 {expected_version} 版 UUID",
    "datetime_type": "应为日期时间",
    "datetime_parsing": "应为日期时间，例如 2026-01-31T08:00:00+08:00",
    "datetime_from_date_parsing": "应为日期时间，例如 2026-01-31T08:00:00+08:00",
    "datetime_past": "应为过去的时间",
    "datetime_future": "应为将来的时间",
    "timezone_aware": "日期时间须带时区，例如 +08:00",
    "date_type": "应为日期",
    "date_parsing": "应为日期，例如 2026-01-31",
    "date_from_datetime_parsing": "应为日期，例如 2026-01-31",
    "list_type": "应为数组",
    "tuple_type": "应为数组",
    "set_type": "应为数组",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "none_required": "应为 null",
    "union_tag_invalid": "“{discriminator}”应为以下之一：{expected_tags}",
    "union_tag_not_found": "缺少“{discriminator}”",
    "url_parsing": "应为网址",
    "bytes_type": "应为 JSON 请求体",
}


def message(fault: Mapping[str, Any], language: str) -> str:
    """The sentence for one of pydantic's errors. It never repeats the input, which may be personal data.

    A validator of ours says it in both languages by `PydanticCustomError(type, english, {"zh": chinese})`.
    """
    context = fault.get("ctx") or {}
    if language == ENGLISH:
        return str(fault["msg"])
    if "zh" in context:
        return str(context["zh"])
    template = _ZH.get(fault["type"], "内容无效")
    try:
        return template.format(**context)
    except (KeyError, IndexError):
        return template
