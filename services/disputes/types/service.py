"""Use cases of the dispute types: load, revise, end, look up, restate. Never commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.contracts.disputes import TypeChanged, TypeState
from libs.common.events.record import Change, record, restate
from libs.common.ids import stable_id
from libs.common.policy import Actor, system_actor
from libs.common.versions import check_version
from services.disputes.types import repository
from services.disputes.types.domain import (
    TypeCodeTaken,
    TypeFields,
    TypeFile,
    TypeNotFound,
    TypeRow,
    TypeUnknown,
    check_next,
    day_before,
)
from services.disputes.types.models import DisputeType as DisputeType
from services.disputes.types.models import TypeVersion as TypeVersion

DISPUTES = system_actor("disputes")
Versions = Mapping[str, Sequence[TypeVersion]]


async def type_in_force(session: AsyncSession, code: str, day: date) -> TypeVersion:
    """The version of the type that counts on the local day; a dispute keeps its id. Raises `TypeUnknown`."""
    found = await repository.version_on(session, code, day)
    if found is None:
        raise TypeUnknown(type=code, pointer="/dispute_type")
    return found


async def version(session: AsyncSession, version_id: UUID) -> TypeVersion | None:
    """The version that a dispute was given."""
    return await repository.get_version(session, version_id)


async def list_types(session: AsyncSession) -> list[tuple[DisputeType, Sequence[TypeVersion]]]:
    """Every type with all its versions, by code."""
    types = await repository.list_types(session)
    by_code = await _versions(session, [each.code for each in types])
    return [(each, by_code[each.code]) for each in types]


async def read(session: AsyncSession, code: str) -> tuple[DisputeType, Sequence[TypeVersion]]:
    """The type with all its versions. Raises `TypeNotFound`."""
    found = await repository.find(session, code)
    if found is None:
        raise TypeNotFound(type=code)
    return found, (await _versions(session, [code]))[code]


async def enter(
    session: AsyncSession, code: str, fields: TypeFields, effective_from: date, *, actor: Actor, now: datetime
) -> DisputeType:
    """A new type (新增类型). Raises `TypeCodeTaken`."""
    if await repository.find(session, code) is not None:
        raise TypeCodeTaken(type=code, pointer="/code")
    made = DisputeType(id=stable_id("type", code), version=0, code=code)
    await repository.add(session, made)
    await _add(session, made, fields, effective_from, 1)
    return await _tell(session, made, Change("enter"), actor, now)


async def revise(
    session: AsyncSession,
    code: str,
    fields: TypeFields,
    effective_from: date,
    *,
    expect: int,
    step: tuple[Actor, datetime],
) -> DisputeType:
    """A new version from a day on (修订类型); disputes keep theirs. `step`: who and when, UTC.

    Raises `TypeNotFound`, `Stale`, `VersionNotLater`, `TypeEnded`.
    """
    found = await _locked(session, code, expect)
    last = (await _versions(session, [code]))[code][-1]
    await _follow(session, found, last, fields, effective_from)
    told = {"effective_from": effective_from, **fields.columns}
    return await _tell(session, found, Change("revise", fields=told), *step)


async def end(
    session: AsyncSession, code: str, last_day: date, *, expect: int, actor: Actor, now: datetime
) -> DisputeType:
    """The type is used for no new dispute after its last day (停用类型).

    Raises `TypeNotFound`, `Stale`, `VersionNotLater`, `TypeEnded`.
    """
    found = await _locked(session, code, expect)
    last = (await _versions(session, [code]))[code][-1]
    check_next(code, (last.effective_from, last.effective_to), last_day)
    last.effective_to = last_day
    return await _tell(session, found, Change("end", fields={"effective_to": last_day}), actor, now)


async def load(session: AsyncSession, folder: Path) -> str:
    """Load `types.yaml`. What was changed through the API since the file's date stays."""
    file = TypeFile.model_validate(yaml.safe_load((folder / "types.yaml").read_text("utf-8")))
    now = utc_now()
    known = {each.code: each for each in await repository.list_types(session)}
    by_code = await _versions(session, list(known))
    changed = 0
    for row in file.types:
        changed += await _load(session, file, row, known.get(row.code), by_code.get(row.code, ()), now)
    return f"{len(file.types)} dispute types read, {changed} changed"


async def _load(
    session: AsyncSession,
    file: TypeFile,
    row: TypeRow,
    known: DisputeType | None,
    versions: Sequence[TypeVersion],
    now: datetime,
) -> bool:
    fields = file.fields_of(row)
    if known is None:
        await enter(session, row.code, fields, file.effective_from, actor=DISPUTES, now=now)
        return True
    last = versions[-1]
    same = all(getattr(last, key) == value for key, value in fields.columns.items())
    if same or last.effective_from >= file.effective_from or last.effective_to is not None:
        return False
    await _follow(session, known, last, fields, file.effective_from)
    await _tell(session, known, Change("load"), DISPUTES, now)
    return True


async def restate_types(session: AsyncSession, limit: int, last: UUID | None) -> UUID | None:
    """Send the present state of the next types through the log again."""
    found = await repository.after(session, limit, last)
    by_code = await _versions(session, [each.code for each in found])
    for each in found:
        await restate(session, each, _state(each, by_code[each.code], utc_now()), actor=DISPUTES)
    return found[-1].id if len(found) == limit else None


async def _versions(session: AsyncSession, codes: Sequence[str]) -> dict[str, list[TypeVersion]]:
    found: dict[str, list[TypeVersion]] = {code: [] for code in codes}
    for each in await repository.versions(session, codes):
        found[each.code].append(each)
    return found


async def _locked(session: AsyncSession, code: str, expect: int) -> DisputeType:
    found = await repository.find_for_update(session, code)
    if found is None:
        raise TypeNotFound(type=code)
    check_version(found, expect)
    return found


async def _follow(
    session: AsyncSession, of: DisputeType, last: TypeVersion, fields: TypeFields, effective_from: date
) -> None:
    check_next(of.code, (last.effective_from, last.effective_to), effective_from)
    last.effective_to = day_before(effective_from)
    await _add(session, of, fields, effective_from, last.revision + 1)


async def _add(
    session: AsyncSession, of: DisputeType, fields: TypeFields, effective_from: date, revision: int
) -> None:
    made = TypeVersion(
        type_id=of.id, code=of.code, revision=revision, effective_from=effective_from, effective_to=None,
        **fields.columns,
    )  # fmt: skip
    await repository.add(session, made)


async def _tell(
    session: AsyncSession, of: DisputeType, change: Change, actor: Actor, now: datetime
) -> DisputeType:
    versions = (await _versions(session, [of.code]))[of.code]
    await record(session, of, _state(of, versions, now), actor=actor, now=now, change=change)
    return of


def _state(of: DisputeType, versions: Sequence[TypeVersion], now: datetime) -> TypeChanged:
    states = tuple(TypeState.model_validate(each, from_attributes=True) for each in versions)
    return TypeChanged(happened_at=now, code=of.code, versions=states)
