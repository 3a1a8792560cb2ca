"""Backup and restore 备份与恢复: every service's database and its photos, as one folder.

    manifest.json      what it is: when, of which versions, and where each service's log ended
    SHA256SUMS         digest of every other file (`sha256sum -c SHA256SUMS`)
    <service>.dump     the database, one snapshot each (`pg_restore` reads it)
    media/<service>/…  photos, as they lie in the store

Each service's dump is consistent in itself; between services the event log makes up for the difference: a
restored service begins a new epoch, rereads what it lost, and its readers list what they know from beyond.
The manifest is written last: a folder without one is no backup. It holds personal data: 0700.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from libs.common import migration
from libs.common.embedded import dumps, photos
from libs.common.embedded.dumps import State
from libs.common.embedded.folders import write_private
from libs.common.embedded.place import Place
from libs.common.embedded.platform import Progress
from libs.common.embedded.processes import ServerFailed
from libs.common.events import epochs
from libs.common.events.bus import Restored
from libs.common.policy import Actor

FORMAT = 1
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"

_ALONE = text("SELECT pg_advisory_lock(:key)")


class BackupRefused(ServerFailed):
    """It cannot be done here: the message says why and what to do (备份或恢复被拒绝)."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `made_at` is UTC; `sums` is the digest of the list of digests."""

    made_at: str
    version: str
    services: Mapping[str, State]
    photos: int
    sums: str
    format: int = FORMAT

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of a complete backup. Raises `BackupRefused`."""
        try:
            content: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
            if content["format"] != FORMAT:
                raise BackupRefused(f"{folder} is of format {content['format']}, this program knows {FORMAT}")
            states = {name: State(**state) for name, state in content.pop("services").items()}
            return cls(services=states, **content)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupRefused(f"{folder} is no complete backup 不是完整的备份: {error}") from error


async def back_up(folder: Path, place: Place, *, now: datetime, progress: Progress) -> Manifest:
    """Write everything to a new folder. The platform may go on working. `now` is UTC.

    Raises `BackupRefused` if the folder holds something, `ServerFailed` if a database cannot be read.
    """
    _make(folder)
    states, sums = {}, {}
    for name, url in place.urls.items():
        with progress.step(f"数据库 Database: {name}"):
            file = folder / f"{name}.dump"
            states[name] = await dumps.dump(name, url, file)
            sums[file.name] = await asyncio.to_thread(digest, file)
    # After the rows: a photo that a row names is there before the row.
    copied: dict[str, str] = {}
    if place.media_url:
        with progress.step("照片 Photos"):
            copied = await photos.fetch(place.media_url, folder, list(place.urls), say=progress.say)
    lines = "".join(f"{found}  {name}\n" for name, found in sorted({**sums, **copied}.items()))
    write_private(folder / SUMS, lines)
    manifest = Manifest(
        made_at=now.isoformat(timespec="seconds"),
        version=version("jiayuan"),
        services=states,
        photos=len(copied),
        sums=digest(folder / SUMS),
    )
    write_private(folder / MANIFEST, json.dumps(asdict(manifest), indent=1) + "\n")
    return manifest


async def verify(folder: Path, *, progress: Progress) -> tuple[Manifest, list[str]]:
    """What the backup holds and the names of its files, once each is what was written.

    Raises `BackupRefused`: it is not complete, or a file differs from its digest.
    """
    manifest = Manifest.read(folder)
    with progress.step("校验 Digests"):
        return manifest, await asyncio.to_thread(_verified, folder, manifest)


async def restore(
    folder: Path, place: Place, *, replace: bool, by: Actor, now: datetime, progress: Progress
) -> list[Restored]:
    """Bring databases and photos to what the backup holds, at today's schema, in a new epoch each.

    Databases that hold tables are replaced only on `replace`; photos that the backup lacks stay. Nothing is
    touched before everything was checked. Raises `BackupRefused`: a file differs from its digest, the backup
    is of a newer version, somebody is connected, or a database is not empty or not the service's. `now` is
    UTC.
    """
    manifest, names = await verify(folder, progress=progress)
    missing = set(place.urls) - set(manifest.services)
    if missing:
        raise BackupRefused(f"{folder} holds nothing of {', '.join(sorted(missing))}")
    _require_known(manifest, place.urls)
    for name, url in place.urls.items():
        await _require_free(name, url, replace=replace)
    begun = []
    for name, url in place.urls.items():
        with progress.step(f"数据库 Database: {name}"):
            begun.append(await _bring_back(name, url, folder, manifest.services[name], by=by, now=now))
        progress.say(f"{name}: epoch {begun[-1].epoch}, restored to position {begun[-1].restored_to}")
    if place.media_url:
        with progress.step("照片 Photos"):
            wanted = [each for each in names if photos.owner(each) in place.urls]
            await photos.give_back(place.media_url, folder, wanted, say=progress.say)
    return begun


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BackupRefused(f"{folder} is not empty: a backup goes into a folder of its own")
        folder.chmod(0o700)
    except OSError as error:
        raise BackupRefused(f"{folder} cannot be made: {error.strerror}") from error


async def _bring_back(
    service: str, url: str, folder: Path, expected: State, *, by: Actor, now: datetime
) -> Restored:
    """Fill the database, bring its schema to head, begin the new epoch: nothing may be written before.

    The lock of migrations is held all the time: a platform that starts meanwhile waits for the end.
    """
    engine = create_async_engine(url)
    try:
        async with engine.connect() as keeper:
            await keeper.execute(_ALONE, {"key": migration.LOCK})
            await keeper.commit()
            held = await dumps.restore(service, url, folder / f"{service}.dump")
            if replace(held, postgres=expected.postgres) != expected:
                raise ServerFailed(f"{service} holds {held}, and the manifest says {expected}")
            await keeper.run_sync(migration.upgrade_connection, service)
            session = AsyncSession(keeper, expire_on_commit=False)
            begun = await epochs.restored(session, service=service, actor=by, now=now)
            await keeper.commit()
            return begun
    finally:
        await engine.dispose()


def _require_known(manifest: Manifest, services: Collection[str]) -> None:
    """Raise `BackupRefused` unless this program knows the schema versions of the backup."""
    for service in services:
        for history, revision in manifest.services[service].revisions.items():
            try:
                ScriptDirectory.from_config(migration.config(history)).get_revision(revision)
            except CommandError as error:
                raise BackupRefused(
                    f"the backup is of Jiayuan {manifest.version}, whose schema {history} {revision} "
                    "this version does not know: restore it with that version, then upgrade"
                ) from error


async def _require_free(service: str, url: str, *, replace: bool) -> None:
    connected = await dumps.sessions(url)
    if connected:
        raise BackupRefused(
            f"database {service} is in use 数据库正在使用: {', '.join(connected)}. Stop the platform first"
        )
    if await dumps.is_empty(url):
        return
    if not replace:
        raise BackupRefused(f"database {service} is not empty 数据库非空: --replace would replace it")
    # Whatever else lies there was put there by somebody who is not asked.
    await dumps.state(service, url)


def _verified(folder: Path, manifest: Manifest) -> list[str]:
    """The names of all files, whose digests are right. Raises `BackupRefused`."""
    sums = folder / SUMS
    if not sums.is_file() or digest(sums) != manifest.sums:
        raise BackupRefused(f"{sums} is not the list that the manifest names")
    names = []
    for line in sums.read_text("utf-8").splitlines():
        expected, _, name = line.partition("  ")
        file = folder / name
        if not file.is_file() or digest(file) != expected:
            raise BackupRefused(f"{file} is damaged 文件已损坏: its SHA-256 is not {expected}")
        names.append(name)
    return names


def digest(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
