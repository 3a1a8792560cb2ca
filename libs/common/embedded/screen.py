"""What a person sees while the platform starts 启动进度: one line per step, and what to do next."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console


class Screen:
    """Progress on a terminal; on anything else the same lines without the spinner."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Show the step while it runs, then how long it took."""
        began = time.monotonic()
        with self.console.status(f"{text} …"):
            yield
        self.console.print(f"[green]✓[/] {text}  [dim]{time.monotonic() - began:.1f} s[/]", highlight=False)

    def say(self, text: str) -> None:
        """A line that stays."""
        self.console.print(f"  {text}", highlight=False)

    def ready(self, url: str, tokens_file: str, tokens: Mapping[str, str]) -> None:
        """The addresses, and a token per role to paste."""
        self.console.print(f"\n[bold green]家园已就绪 Jiayuan is ready[/]  {url}\n", highlight=False)
        for label, value in (
            ("接口文档 API pages", f"{url}/docs"),
            ("OpenAPI          ", f"{url}/openapi.json"),
            ("健康检查 Probes  ", f"{url}/healthz  {url}/readyz  {url}/metrics"),
            ("令牌 Tokens      ", f"{tokens_file}  (每 5 分钟更新 renewed every 5 minutes)"),
            ("                 ", ".venv/bin/jiayuan token <role>"),
        ):
            self.console.print(f"{label}  {value}", soft_wrap=True, highlight=False)
        self.console.print("\n[bold]令牌 Tokens[/] (15 分钟有效 valid for 15 minutes)", highlight=False)
        for role, token in tokens.items():
            # Not wrapped: a token is there to be pasted.
            self.console.print(f"[cyan]{role}[/]", highlight=False)
            self.console.print(token, soft_wrap=True, highlight=False, style="dim")
        self.console.print("\nCtrl-C 停止 stops\n", highlight=False)
