"""Keyset paging 分页: an opaque cursor names the last row shown; no offset, no total by default.

>>> from datetime import UTC, datetime
>>> from uuid import UUID
>>> by_time = Keyset("cases-by-time", datetime, UUID)
>>> cursor = by_time.encode(datetime(2026, 1, 1, tzinfo=UTC), UUID(int=7))
>>> by_time.decode(cursor)  # doctest: +ELLIPSIS
(datetime.datetime(2026, 1, 1, 0, 0, tzinfo=...), UUID('00000000-0000-0000-0000-000000000007'))
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import GenericAlias
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Depends, Query, Response
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

from libs.common.http.faults import Malformed
from libs.common.http.schemas import Read

T = TypeVar("T")

MOST = 200
USUAL = 50

_COLUMNS: dict[Any, Any] = {
    datetime: AwareDatetime,
    int: Annotated[int, Field(ge=-(1 << 63), lt=1 << 63)],
    str: Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")],
}
"""What a key column may hold, so that no cursor can make the database refuse a value."""


class CursorInvalid(Malformed):
    """The cursor was not given out by this list: 400."""

    code = "cursor-invalid"
    zh = "分页游标无效，请从第一页重新开始"
    en = "The cursor is not valid for this list, start from the first page"


class Page(Read, Generic[T]):
    """One page of a list. 一页结果；`next` 为空表示已到末页"""

    items: list[T]
    next: str | None = Field(default=None, description="Cursor of the next page, null at the end")
    total: int | None = Field(default=None, description="Only if asked for by ?total=true")


@dataclass(frozen=True)
class Slice(Generic[T]):
    """What a list's service returns; the route's `response_model=Page[...]` turns rows into shapes."""

    items: Sequence[T]
    next: str | None = None
    total: int | None = None


@dataclass(frozen=True)
class Paging:
    """What the caller asked for: at most `limit` rows after the cursor."""

    limit: int = USUAL
    after: str | None = None
    total: bool = False


def page_response(page: Slice[dict[str, Any]]) -> Response:
    """The page as it is sent: its items are what JSON can hold and need not be made once more."""
    told = {"items": page.items, "next": page.next, "total": page.total}
    return Response(orjson.dumps(told), media_type="application/json")


class Keyset:
    """The order of one list: its name and the types of its key columns (UTC times, ids, numbers, text)."""

    def __init__(self, name: str, *types: Any) -> None:
        self.name = name
        columns = tuple(_COLUMNS.get(kind, kind) for kind in types)
        form: Any = GenericAlias(tuple, columns)
        self._adapter: TypeAdapter[tuple[Any, ...]] = TypeAdapter(form)

    def encode(self, *values: Any) -> str:
        """The cursor behind a row with these key values."""
        packed = orjson.dumps([self.name, *values], default=str)  # asyncpg has a UUID of its own
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    def decode(self, cursor: str) -> tuple[Any, ...]:
        """The key values in a cursor. Raises `CursorInvalid`."""
        try:
            packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            name, *values = orjson.loads(packed)
            if name != self.name:
                raise CursorInvalid
            return self._adapter.validate_python(values)
        except (binascii.Error, ValueError, TypeError, ValidationError):
            raise CursorInvalid from None

    def after(self, paging: Paging) -> tuple[Any, ...] | None:
        """The key values to start behind, or None for the first page. Raises `CursorInvalid`."""
        return None if paging.after is None else self.decode(paging.after)

    def slice(
        self, rows: Sequence[T], paging: Paging, key: Callable[[T], Sequence[Any]], total: int | None = None
    ) -> Slice[T]:
        """A page of rows that were fetched with `LIMIT paging.limit + 1`: the one too many means more."""
        shown = rows[: paging.limit]
        more = len(rows) > paging.limit
        return Slice(shown, self.encode(*key(shown[-1])) if more else None, total)


class _Asked(BaseModel):
    """One model for all of them: FastAPI checks parameters one by one at ten times the cost."""

    limit: int = Field(USUAL, ge=1, le=MOST, description="每页条数 rows per page")
    after: str | None = Field(None, max_length=1000, description="上一页的 next")
    total: bool = Field(False, description="是否计算总数 count all rows (slow)")


async def _paging(asked: Annotated[_Asked, Query()]) -> Paging:
    return Paging(asked.limit, asked.after, asked.total)


PageDep = Annotated[Paging, Depends(_paging)]
