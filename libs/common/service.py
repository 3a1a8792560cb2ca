"""What a service is made of: the literal in each `services/<name>/main.py`, on one screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.events.contract import Event
from libs.common.events.projection import Projection
from libs.common.media.store import MediaStore
from libs.common.settings import Settings


@dataclass(frozen=True)
class Delivery:
    """What a handler knows of the message beside the event itself.

    `event_id` is what rows made by the handler are unique on; `time` is when the producer logged it (UTC).
    """

    event_id: UUID
    topic: str
    aggregate_id: UUID
    version: int
    epoch: int
    position: int
    time: datetime
    restated: bool


Handler = Callable[[AsyncSession, Any, Delivery], Awaitable[None]]
"""`async def on_task_completed(session, event, delivery)`: calls the room's service, never commits."""

Handlers = Mapping[type[Event], Handler | Projection]
"""What a service does with each event that it hears."""

JobRun = Callable[[AsyncSession, datetime], Awaitable[int]]
"""A timed sweep: does one bounded batch in its transaction, answers how many rows it changed."""


@dataclass(frozen=True)
class Refused:
    """A row of a reference file that cannot be taken (未能装载的行): where it stands and why."""

    file: str
    row: str
    reason: str


@dataclass(frozen=True)
class Loaded:
    """What a loader did: one line, the rows it refused, and what each source contributed.

    `by_source`: source -> what -> how many, e.g. `{"sh-mh-2018": {"targets": 53}}`.
    """

    summary: str
    refused: tuple[Refused, ...] = ()
    by_source: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


Load = Callable[[AsyncSession, Path], Awaitable[str | Loaded]]
"""A loader of reference files: idempotent, answers what it did in one line, or as `Loaded`."""

Restate = Callable[[AsyncSession, int, UUID | None], Awaitable[UUID | None]]
"""Restates at most `limit` rows after the given id; answers the last id, or None when there are no more."""

Recount = Callable[[AsyncSession], Awaitable[None]]
"""Forgets figures that follow from the log: the service's own jobs count them anew from its beginning."""


@dataclass(frozen=True)
class Job:
    """A sweep and how often it runs. It is run again at once while it answers that it changed something."""

    name: str
    every: timedelta
    run: JobRun


@dataclass(frozen=True)
class Outside:
    """What an errand has: it opens its own transactions, and calls outside between them.

    `beat`: says that it is still at work, for an errand that takes long.
    """

    database: Database
    store: MediaStore
    settings: Settings
    beat: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Errand:
    """A sweep that calls outside (外部差事): one bounded turn; answers how much it did, then runs again."""

    name: str
    every: timedelta
    run: Callable[[Outside, datetime], Awaitable[int]]


@dataclass(frozen=True)
class Service:
    """One of the four programs: its routes, what it hears, what it does by itself.

    What it publishes stands in `libs.common.contracts`.
    """

    name: str
    title_zh: str
    title_en: str
    metadata: MetaData
    routers: tuple[APIRouter, ...] = ()
    handlers: Handlers = field(default_factory=dict)
    jobs: tuple[Job, ...] = ()
    errands: tuple[Errand, ...] = ()
    loaders: Mapping[str, Load] = field(default_factory=dict)
    restaters: Mapping[str, Restate] = field(default_factory=dict)
    recounts: Mapping[str, Recount] = field(default_factory=dict)
