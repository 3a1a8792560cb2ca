"""SQL text with named parts: long statements that share an expression, written without doubled escapes.

>>> print(statement("SELECT {row}::text FROM t AS x WHERE id = :id", row="x.a"))
SELECT x.a::text FROM t AS x WHERE id = :id
"""

from __future__ import annotations

from sqlalchemy import TextClause, text


def statement(template: str, **parts: str) -> TextClause:
    """The statement with every `{name}` replaced by its part; `::` means a cast, `:name` a parameter.

    Parts come from this program's constants, never from input.
    """
    for name, part in parts.items():
        template = template.replace(f"{{{name}}}", part)
    return text(template.replace("::", r"\:\:"))
