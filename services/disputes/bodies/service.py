"""Use cases of the mediation bodies: look up, register, change, load, restate. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields as columns_of
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.contracts.disputes import BodyChanged
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.http.paging import Keyset, Paging, Slice
from libs.common.ids import new_id
from libs.common.policy import Actor, system_actor
from libs.common.search import tsvector_text
from libs.common.versions import check_version
from services.disputes.bodies import repository
from services.disputes.bodies.domain import (
    DEFAULT_KIND,
    BodyCodeTaken,
    BodyFields,
    BodyKind,
    BodyNotFound,
    BodyUnknown,
    DefaultTaken,
    Origin,
    Tier,
    check_fields,
    is_default,
    no_body,
    served_area,
)
from services.disputes.bodies.models import Body as Body
from services.disputes.bodies.repository import BodyFilter as BodyFilter
from services.disputes.bodies.sources import bodies as bodies_of
from services.disputes.bodies.sources import read as read_files

DISPUTES = system_actor("disputes")
BY_CODE = Keyset("bodies-by-code", str)
BATCH = 1000
"""Rows that one statement of the loader writes."""
_COLUMNS = tuple(column.name for column in columns_of(BodyFields))


async def body(session: AsyncSession, body_id: UUID) -> Body:
    """The body, ended or not. Raises `BodyUnknown`."""
    found = await repository.get(session, body_id)
    if found is None:
        raise BodyUnknown(body_id=str(body_id), pointer="/body_id")
    return found


async def body_in_force(session: AsyncSession, body_id: UUID, day: date) -> Body:
    """The body that can be given a dispute on the local day. Raises `BodyUnknown`."""
    found = await body(session, body_id)
    begun = found.valid_from is None or found.valid_from <= day
    if not begun or (found.valid_to is not None and found.valid_to < day):
        raise BodyUnknown(body_id=str(body_id), pointer="/body_id")
    return found


async def body_for(session: AsyncSession, area: str, tier: Tier, day: date) -> Body:
    """The body that has the place's disputes of the tier, unless another is named. Raises `NoBodyThere`."""
    found = await repository.default_of(session, served_area(area, tier), DEFAULT_KIND[tier], day)
    if found is None:
        raise no_body(area, tier)
    return found


async def names(session: AsyncSession, body_ids: Collection[UUID]) -> dict[UUID, Body]:
    """The bodies with these ids, ended or not."""
    rows = await repository.get_many(session, body_ids) if body_ids else []
    return {row.id: row for row in rows}


async def read(session: AsyncSession, body_id: UUID) -> Body:
    """The body for its own page. Raises `BodyNotFound`."""
    found = await repository.get(session, body_id)
    if found is None:
        raise BodyNotFound
    return found


async def list_bodies(session: AsyncSession, narrow: BodyFilter, paging: Paging) -> Slice[Body]:
    """A page of bodies by code."""
    last = BY_CODE.after(paging)
    rows = await repository.list_bodies(session, narrow, paging.limit + 1, last[0] if last else None)
    total = await repository.count_bodies(session, narrow) if paging.total else None
    return BY_CODE.slice(rows, paging, lambda each: (each.code,), total)


async def register(
    session: AsyncSession, fields: BodyFields, *, actor: Actor, now: datetime, body_id: UUID | None = None
) -> Body:
    """A new body (登记调解组织).

    Raises `BodyCodeTaken`, `DefaultTaken`, `LevelUnfit`, `KindUnfit`, `DatesInverted`, `AreaCodeInvalid`.
    """
    check_fields(fields)
    if await repository.code_taken(session, fields.code):
        raise BodyCodeTaken(pointer="/code", body_code=fields.code)
    made = Body(id=body_id or new_id(), version=0, **_row(fields, now))
    await _check_default(session, made.id, fields, now)
    session.add(made)
    await record(session, made, state_of(made, now), actor=actor, now=now, change=Change("register"))
    return made


async def change(
    session: AsyncSession,
    body_id: UUID,
    changes: Mapping[str, Any],
    *,
    expect: int,
    actor: Actor,
    now: datetime,
) -> Body:
    """Change some fields: rename, another committee, an end. Code, tier, kind and area stay.

    Raises `BodyNotFound`, `Stale`, `DefaultTaken`, `DatesInverted`.
    """
    found = await repository.get_for_update(session, body_id)
    if found is None:
        raise BodyNotFound
    check_version(found, expect)
    before = fields_of(found)
    after = replace(before, **changes)
    check_fields(after)
    await _check_default(session, found.id, after, now)
    for name, value in _row(after, now).items():
        setattr(found, name, value)
    told = {name: {"from": getattr(before, name), "to": value} for name, value in changes.items()}
    step = Change("change", fields=told)
    await record(session, found, state_of(found, now), actor=actor, now=now, change=step)
    return found


async def _check_default(session: AsyncSession, body_id: UUID, fields: BodyFields, now: datetime) -> None:
    if not is_default(fields) or fields.valid_to is not None:
        return
    day = fields.valid_from or local_date(now)
    other = await repository.default_of(session, fields.area, fields.kind, day)
    if other is not None and other.id != body_id:
        raise DefaultTaken(pointer="/area")


async def load(session: AsyncSession, folder: Path) -> str:
    """Load the bodies of the files: new and changed rows publish once, unchanged ones publish nothing."""
    now = utc_now()
    held = await repository.held(session)
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    said: list[Entry] = []
    for key, fields in bodies_of(read_files(folder)).items():
        known = held.get(key)
        digest = fields.digest
        if known is not None and known.file_digest == digest:
            continue
        version = known.version + 1 if known else 1
        row = {"id": key, "version": version, "file_digest": digest, **_row(fields, now)}
        (new if known is None else changed).append(row)
        said.append(Entry(_state(fields, now), key, version, DISPUTES, now, Change("load")))
    for start in range(0, len(new), BATCH):
        await repository.insert_many(session, new[start : start + BATCH])
    await repository.update_many(session, changed)
    for start in range(0, len(said), BATCH):
        await append_many(session, said[start : start + BATCH])
    return f"{len(held) + len(new)} bodies: {len(new)} new, {len(changed)} changed"


async def restate_bodies(session: AsyncSession, limit: int, last: UUID | None) -> UUID | None:
    """Send the present state of the next bodies through the log again."""
    found = await repository.after(session, limit, last)
    said = [Entry(state_of(each, each.updated_at), each.id, each.version, DISPUTES) for each in found]
    await append_many(session, said)
    return found[-1].id if len(found) == limit else None


def fields_of(of: Body) -> BodyFields:
    """The row as plain values."""
    told = {name: getattr(of, name) for name in _COLUMNS}
    kinds = {"kind": BodyKind(of.kind), "tier": Tier(of.tier), "origin": Origin(of.origin)}
    return BodyFields(**(told | kinds))


def state_of(of: Body, happened_at: datetime) -> BodyChanged:
    """The body's full state, as published: no persons."""
    return _state(fields_of(of), happened_at)


def _state(fields: BodyFields, happened_at: datetime) -> BodyChanged:
    return BodyChanged(happened_at=happened_at, **vars(fields))


def _row(fields: BodyFields, now: datetime) -> dict[str, Any]:
    words: Sequence[str] = (fields.code, fields.name_zh, fields.name_en, fields.committee_zh)
    return vars(fields) | {"words": tsvector_text(" ".join(words)), "updated_at": now}
