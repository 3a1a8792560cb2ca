"""The exported workbook, edited as a person would."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import httpx
import openpyxl

from libs.common.policy import Role
from libs.common.tables import MEDIA_TYPE
from tests.grid.factories import Desk, as_

BASE = "/grid/v1/catalogue"
FROM = "2026-12-01"


class Edited:
    """A workbook whose cells are reached by sheet, row key and title."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(BytesIO(content))

    def titles(self, sheet: str) -> list[Any]:
        return [cell.value for cell in self.book[sheet][1]]

    def row(self, sheet: str, *keys: str) -> int:
        """The row that holds these keys anywhere."""
        for number, cells in enumerate(self.book[sheet].iter_rows(values_only=True), 1):
            if set(keys) <= set(cells):
                return number
        raise LookupError(keys)

    def put(self, sheet: str, row: int, title: str, value: Any) -> None:
        self.book[sheet].cell(row, self.titles(sheet).index(title) + 1, value)

    def add(self, sheet: str, **values: Any) -> None:
        """One more row, by title."""
        row = self.book[sheet].max_row + 1
        for title, value in values.items():
            self.put(sheet, row, title, value)

    def drop(self, sheet: str, *keys: str) -> None:
        self.book[sheet].delete_rows(self.row(sheet, *keys))

    def content(self) -> bytes:
        made = BytesIO()
        self.book.save(made)
        return made.getvalue()


async def exported(desk: Desk) -> Edited:
    """The catalogue as the administrator gets it."""
    answer = await desk.client.get(f"{BASE}/workbook", headers=as_(Role.ADMINISTRATOR))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    return Edited(answer.content)


async def imported(
    desk: Desk, content: bytes, *, dry_run: bool = False, day: str = FROM, role: Role = Role.ADMINISTRATOR
) -> httpx.Response:
    """The answer to the workbook."""
    params: dict[str, Any] = {"effective_from": day, "dry_run": dry_run}
    headers = as_(role) | {"content-type": MEDIA_TYPE}
    return await desk.client.post(f"{BASE}/import", params=params, content=content, headers=headers)
