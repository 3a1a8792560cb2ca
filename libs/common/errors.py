"""What can go wrong, in four categories that carry a stable code and data (错误类别).

The domain raises one of these; the HTTP edge maps the category to a status, a consumer maps it to
"park" or "back off". Text is for people, in Chinese and English; programs read `code` and `data`.

>>> class CaseAlreadyClosed(Conflict):
...     code = "case-already-closed"
...     zh = "案件 {number} 已结案"
...     en = "Case {number} is closed already"
>>> CaseAlreadyClosed(number="G20260101").text("zh")
'案件 G20260101 已结案'
"""

from __future__ import annotations

from typing import Any, ClassVar


class DomainError(Exception):
    """Base of every expected refusal. `pointer` is the JSON Pointer of the input at fault, if any."""

    code: ClassVar[str] = "error"
    zh: ClassVar[str] = "处理失败"
    en: ClassVar[str] = "The request could not be carried out"

    def __init__(self, *, pointer: str | None = None, **data: Any) -> None:
        self.pointer = pointer
        self.data = data
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """The sentence for people, in `zh` or `en` (anything else reads English)."""
        template = self.zh if language == "zh" else self.en
        return template.format(**self.data)

    def faults(self, language: str) -> list[dict[str, Any]] | None:
        """Each fault of the input, as a problem document lists them; None where nothing in it is at fault."""
        if self.pointer is None:
            return None
        return [{"pointer": self.pointer, "code": self.code, "detail": self.text(language)}]


class NotFound(DomainError):
    """It does not exist, or lies outside what the caller may see (不存在)."""

    code = "not-found"
    zh = "未找到所请求的内容"
    en = "Not found"


class Conflict(DomainError):
    """The present state does not allow it (状态冲突)."""

    code = "conflict"
    zh = "当前状态不允许此操作"
    en = "The present state does not allow this"


class Forbidden(DomainError):
    """The caller may not do this (无权操作)."""

    code = "forbidden"
    zh = "您无权执行此操作"
    en = "You may not do this"


class Invalid(DomainError):
    """The request is well formed but has no valid meaning (内容无效)."""

    code = "invalid"
    zh = "提交的内容无效"
    en = "The content is not valid"


class Unavailable(DomainError):
    """It cannot work now and may work later (暂不可用): back off and try again."""

    code = "unavailable"
    zh = "服务暂时不可用，请稍后重试"
    en = "Not available now, please try again later"
