"""What makes long exports, and deletes old ones: outside transactions, since files lie in the store."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from libs.common.clocks import utc_now
from libs.common.service import Errand, Outside
from libs.common.tables import Workbook
from libs.common.tables.lines import head_line, lines
from libs.common.tables.shapes import Sheet
from services.grid.exports import service
from services.grid.exports.domain import SHEETS, ExportFormat, ExportKind, ExportState
from services.grid.exports.service import Export

SERVICE = "grid"
Rows = Sequence[Mapping[str, Any]]


class Writer:
    """Writes rows into a file of either format, off the event loop."""

    def __init__(self, sheet: Sheet, format_: str, file: Path) -> None:
        self._sheet, self._file = sheet, file
        self._book = Workbook() if format_ == ExportFormat.XLSX else None
        self._add = self._book.sheet(sheet) if self._book else None
        if self._book is None:
            file.write_bytes(head_line(sheet))

    async def write(self, rows: Rows) -> None:
        """Some more rows."""
        await asyncio.to_thread(self._write, rows)

    def _write(self, rows: Rows) -> None:
        if self._add is not None:
            for row in rows:
                self._add(row)
            return
        with self._file.open("ab") as file:
            file.writelines(lines(self._sheet, rows))

    async def end(self) -> None:
        """The file is whole."""
        if self._book is not None:
            content = await asyncio.to_thread(self._book.content)
            await asyncio.to_thread(self._file.write_bytes, content)


async def make(outside: Outside, now: datetime) -> int:
    """Make the next long export (生成导出文件). Answers 1, or 0 where none waits."""
    export = await outside.database.transact(partial(service.take, now=now))
    if export is None:
        return 0
    if export.state == ExportState.MAKING:
        with tempfile.TemporaryDirectory(prefix="jiayuan-export-") as folder:
            file = Path(folder) / "file"
            rows = await _write(outside, export, file)
            await outside.store.put_file(SERVICE, export.id.hex, file)
        finish = partial(service.finish, export_id=export.id, rows=rows, now=utc_now())
        await outside.database.transact(finish)
    return 1


async def _write(outside: Outside, export: Export, file: Path) -> int:
    """Every row, page by page, each in a short reading of its own. Answers how many."""
    writer = Writer(SHEETS[ExportKind(export.kind)], export.format, file)
    after, done = None, 0
    while True:
        part = await outside.database.read(partial(service.part_of, export=export, after=after))
        await writer.write(part.rows)
        done += len(part.rows)
        outside.beat()
        tell = partial(service.advance, export_id=export.id, done=done, now=utc_now())
        await outside.database.transact(tell)
        after = part.after
        if after is None:
            break
    await writer.end()
    return done


async def let_go(outside: Outside, now: datetime) -> int:
    """Delete the files that need not be kept any longer. Answers how many."""
    names = await outside.database.transact(partial(service.let_go, now=now))
    for name in names:
        await outside.store.delete(SERVICE, name)
    return len(names)


ERRANDS = (
    Errand("exports", timedelta(seconds=2), make),
    Errand("old-exports", timedelta(minutes=10), let_go),
)
