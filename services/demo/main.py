"""The day from beginning to end: find the platform, play every story at once, count what came of it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Annotated, Any

import httpx
import typer
from rich.progress import Progress

from libs.common.http.dev_tokens import DevIssuer
from services.demo import disputes, hotline, inspectors, lights, targets
from services.demo.book import Book, Story
from services.demo.client import Client, Late, Pace, Refused
from services.demo.day import Day
from services.demo.people import People
from services.demo.screen import Screen

ISSUER, AUDIENCE = "https://id.jiayuan.invalid", "jiayuan"
URL = "http://127.0.0.1:8000"
AT_WORK = 16
"""Journeys of a story that are under way at once."""
WAITING = 64
"""The same of a story that mostly waits."""
TIMEOUT = 30.0

Journey = Callable[[Day, Story, Any], Awaitable[None]]


async def _numbers(day: Day, count: int) -> Sequence[Any]:
    return range(count)


async def _nothing(day: Day, items: Sequence[Any]) -> None:
    return None


@dataclass(frozen=True)
class Act:
    """A story as the day plays it: so many journeys at size 1, what they begin with, how it ends."""

    title: str
    each: int
    journey: Journey
    begin: Callable[[Day, int], Awaitable[Sequence[Any]]] = _numbers
    end: Callable[[Day, Sequence[Any]], Awaitable[None]] = _nothing
    at_once: int = AT_WORK


ACTS = (
    Act(inspectors.TITLE, inspectors.EACH, inspectors.journey),
    Act(hotline.TITLE, hotline.EACH, hotline.journey),
    Act(disputes.TITLE, disputes.EACH, disputes.journey),
    Act(targets.TITLE, targets.EACH, targets.journey, targets.begin),
    Act(lights.RED_TITLE, lights.RED_EACH, lights.red, lights.begin, lights.end, WAITING),
    Act(lights.MEASURE_TITLE, lights.MEASURE_EACH, lights.measure, lights.begin, lights.end),
)


@dataclass(frozen=True)
class Played:
    """What the day came to. `adds_up`: everything that was sent is there, and nothing went wrong."""

    book: Book
    adds_up: bool
    calls: int
    seconds: float


async def play(http: httpx.AsyncClient, issuer: DevIssuer, size: int, pace: float, screen: Screen) -> Played:
    """Play one day of this size and close it with the table. Raises `LookupError`, `Late`, `Refused`."""
    began = time.monotonic()
    client = Client(http, Pace(pace))
    day = Day(People(client, issuer), Book(), Random())
    await day.look_round()
    with screen.bars() as bars:
        await asyncio.gather(*(_act(day, act, act.each * size, bars) for act in ACTS))
    screen.stories({act.title: day.book.happened[act.title] for act in ACTS})
    lines = await day.book.recount()
    screen.closing(lines)
    screen.failures(day.book)
    seconds = time.monotonic() - began
    screen.say(f"{client.calls} 次请求 requests, {seconds:.1f} s, SIZE={size}")
    adds_up = all(line.adds_up for line in lines) and not day.book.failures
    return Played(day.book, adds_up, client.calls, seconds)


async def _act(day: Day, act: Act, count: int, bars: Progress) -> None:
    """One story: its journeys, some of them at once."""
    story, bar = Story(act.title, day.book), bars.add_task(act.title, total=count)
    try:
        items = list(await act.begin(day, count))
    except (Refused, Late, LookupError) as error:
        day.book.failures.append((act.title, str(error)))
        return
    bars.update(bar, total=len(items))
    waiting = iter(items)

    async def work() -> None:
        for item in waiting:
            await story.guarded(act.journey(day, story, item))
            bars.advance(bar)

    await asyncio.gather(*(work() for _ in range(min(act.at_once, len(items)))))
    await story.guarded(act.end(day, items))


async def _reachable(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/readyz")).is_success
    except httpx.TransportError:
        return False


async def _main(url: str, keys: Path, size: int, pace: float) -> bool:
    screen = Screen()
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT) as http:
        if not await _reachable(http) or not (keys / "issuer.pem").exists():
            screen.say(f"[red]✗[/] {url} 没有运行中的平台 no platform is running there")
            screen.say("  先在另一终端执行 make run  Start it in another terminal: make run")
            return False
        issuer = DevIssuer.open(keys, issuer=ISSUER, audience=AUDIENCE)
        try:
            return (await play(http, issuer, size, pace, screen)).adds_up
        except (Refused, Late, LookupError) as error:
            screen.say(f"[red]✗[/] {error}")
            return False


def run(
    size: Annotated[int, typer.Option(min=1, max=200, help="multiplies the numbers 规模")] = 1,
    speed: Annotated[float, typer.Option(min=0, help="steps a second, 0 = as fast as it goes 速度")] = 0,
    url: Annotated[str, typer.Option(help="the running platform 平台地址")] = URL,
) -> None:
    """Play one working day against the platform that runs on this machine 演示一个工作日."""
    keys = Path(os.environ.get("JIAYUAN_VAR", "var")) / "keys"
    if not asyncio.run(_main(url, keys, size, speed)):
        raise typer.Exit(1)


def main() -> None:
    """The entry point of `python -m services.demo`."""
    typer.run(run)
