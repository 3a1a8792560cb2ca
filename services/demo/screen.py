"""What a person sees 屏幕: a bar per story, what happened in each service, the table that adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.demo.book import SERVICES, Book, Line

MOST_FAILURES = 10


class Screen:
    """The terminal; on anything else the same without moving bars."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console()

    @contextmanager
    def bars(self) -> Iterator[Progress]:
        """A bar for each story while the day is played."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console) as progress:
            yield progress

    def say(self, text: str) -> None:
        """A line that stays."""
        self.console.print(text, highlight=False)

    def stories(self, happened: Mapping[str, Counter[tuple[str, str]]]) -> None:
        """Per story, what happened in each service and how often."""
        for title, counts in happened.items():
            self.say(f"\n[bold]{title}[/]")
            for service in SERVICES:
                steps = [f"{what} [cyan]{n}[/]" for (where, what), n in counts.items() if where == service]
                if steps:
                    self.say(f"  {service:<9}{' · '.join(steps)}")

    def closing(self, lines: Sequence[Line]) -> None:
        """What was sent, and what the services answer afterwards."""
        table = Table(
            "service 服务", "what 内容", "sent 发出", "found 查得", "", title="\n收工核对 The day adds up"
        )
        for column in table.columns[2:4]:
            column.justify = "right"
        for line in lines:
            mark = "[green]✓[/]" if line.adds_up else "[red]✗[/]"
            table.add_row(line.service, line.what, str(line.sent), str(line.found), mark)
        self.console.print(table)

    def failures(self, book: Book) -> None:
        """What went wrong, the first ones."""
        for story, error in book.failures[:MOST_FAILURES]:
            self.say(f"[red]✗[/] {story}: {error}")
        if len(book.failures) > MOST_FAILURES:
            self.say(f"[red]✗[/] … {len(book.failures) - MOST_FAILURES} more")
