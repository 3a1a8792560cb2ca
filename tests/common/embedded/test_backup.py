"""Backup and restore of databases and photos: all comes back, in a new epoch, or nothing is touched."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from libs.common.contracts.epochs import EPOCH_STARTED
from libs.common.db import Database
from libs.common.embedded.backup import BackupRefused, Manifest, back_up, digest, restore, verify
from libs.common.embedded.place import Place
from libs.common.embedded.processes import ServerFailed, free_port
from libs.common.events.audit import verify as audit
from libs.common.events.bus import Restored
from tests.common.embedded.scene import ask, backed_up, log_of, photo, run_sql, screen, work_on
from tests.common.events.nouns import ACTOR, NOW
from tests.conftest import NewDatabase

EPOCH = int(NOW.timestamp()) // 60


@pytest.fixture
async def place(new_database: NewDatabase, tmp_path: Path) -> Place:
    """Two services at work, with photos."""
    urls = {service: await new_database(service) for service in ("grid", "tasks")}
    for service, url in urls.items():
        await work_on(url, service, times=2)
        photo(tmp_path / "store", service, f"kept by {service}".encode())
    return Place(urls, f"file://{tmp_path / 'store'}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the backup goes."""
    return tmp_path / "backups" / "today"


async def bring_back(folder: Path, place: Place, *, replace: bool = True) -> list[Restored]:
    """A restore, run now."""
    return await restore(folder, place, replace=replace, by=ACTOR, now=NOW, progress=screen())


async def test_what_was_backed_up_comes_back_in_a_new_epoch(place: Place, folder: Path) -> None:
    before = {service: await log_of(url) for service, url in place.urls.items()}
    manifest = await backed_up(place, folder)
    assert {name: held.position for name, held in manifest.services.items()} == {"grid": 2, "tasks": 2}
    for service, url in place.urls.items():
        await work_on(url, service, times=3)
        await run_sql(
            url, "CREATE SCHEMA bus", "CREATE TABLE bus.later (id int)", "CREATE TABLE later (id int)"
        )
    begun = await bring_back(folder, place)
    assert begun == [Restored(service, EPOCH, 2) for service in place.urls]
    for service, url in place.urls.items():
        assert await log_of(url) == before[service]
        assert await ask(url, "SELECT to_regclass('later'), to_regclass('bus.later')") == [(None, None)]
        assert await ask(url, "SELECT type FROM outbox") == [(EPOCH_STARTED[service].type,)]
        await work_on(url, service)
        told = await log_of(url)
        assert [row[:2] for row in told[2:]] == [(3, EPOCH), (4, EPOCH)]
        database = Database(url, pool_size=1)
        assert (await database.read(audit)).intact
        await database.close()


async def test_a_restored_platform_can_be_backed_up_and_restored_again(place: Place, tmp_path: Path) -> None:
    await backed_up(place, tmp_path / "first")
    await bring_back(tmp_path / "first", place)
    await backed_up(place, tmp_path / "second")
    begun = await bring_back(tmp_path / "second", place)
    assert [one.epoch for one in begun] == [EPOCH + 1, EPOCH + 1]


async def test_one_service_alone_is_restored(place: Place, folder: Path) -> None:
    await backed_up(place, folder)
    for service, url in place.urls.items():
        await work_on(url, service)
    await bring_back(folder, Place({"grid": place.urls["grid"]}, place.media_url))
    assert len(await log_of(place.urls["grid"])) == 2
    assert len(await log_of(place.urls["tasks"])) == 3


async def test_photos_come_back_and_newer_ones_stay(place: Place, folder: Path, tmp_path: Path) -> None:
    manifest = await backed_up(place, folder)
    assert manifest.photos == 2
    store = tmp_path / "store"
    lost, kept = (photo(store, service, f"kept by {service}".encode()) for service in ("grid", "tasks"))
    newer = photo(store, "grid", b"newer")
    lost.unlink()
    kept.write_bytes(b"")
    await bring_back(folder, Place({"grid": place.urls["grid"]}, place.media_url))
    assert (lost.read_bytes(), newer.read_bytes()) == (b"kept by grid", b"newer")
    assert kept.read_bytes() == b"", "the photos of the others are not touched"


async def test_a_backup_without_photos_is_one_too(place: Place, folder: Path) -> None:
    bare = Place(place.urls)
    assert (await backed_up(bare, folder)).photos == 0
    await bring_back(folder, bare)


def modes(folder: Path) -> set[int]:
    """Who may read the folder and the files in it."""
    files = [each for each in folder.rglob("*") if each.is_file()]
    return {each.stat().st_mode & 0o777 for each in (folder, *files)}


async def test_only_the_owner_reads_a_backup_and_sha256sum_checks_it(place: Place, folder: Path) -> None:
    await backed_up(place, folder)
    assert modes(folder) == {0o600, 0o700}
    checked = await asyncio.to_thread(
        subprocess.run, ["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder, check=False
    )
    assert checked.returncode == 0


def change_manifest(folder: Path, **changes: object) -> None:
    """Write some of its fields anew."""
    file = folder / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


SPOILED: dict[str, tuple[Callable[[Path], object], str]] = {
    "no manifest": (lambda f: (f / "manifest.json").unlink(), "no complete backup"),
    "half a manifest": (lambda f: (f / "manifest.json").write_text('{"format": 1,'), "no complete backup"),
    "a list as manifest": (lambda f: (f / "manifest.json").write_text("[]"), "no complete backup"),
    "another format": (lambda f: change_manifest(f, format=2), "format 2"),
    "services unnamed": (lambda f: change_manifest(f, services=[]), "no complete backup"),
    "a damaged dump": (lambda f: (f / "grid.dump").write_bytes(b"PGDMP"), "grid.dump is damaged"),
    "a lost dump": (lambda f: (f / "tasks.dump").unlink(), "tasks.dump is damaged"),
    "a damaged photo": (lambda f: next((f / "media").rglob("*/??/*")).write_bytes(b""), "is damaged"),
    "another list": (lambda f: (f / "SHA256SUMS").write_text(""), "is not the list"),
    "no list": (lambda f: (f / "SHA256SUMS").unlink(), "is not the list"),
}


@pytest.mark.parametrize("case", SPOILED)
async def test_a_damaged_backup_is_refused_and_nothing_is_touched(
    place: Place, folder: Path, case: str
) -> None:
    spoil, says = SPOILED[case]
    await backed_up(place, folder)
    await verify(folder, progress=screen())
    spoil(folder)
    with pytest.raises(BackupRefused, match=says):
        await verify(folder, progress=screen())
    await work_on(place.urls["grid"], "grid")
    with pytest.raises(BackupRefused, match=says):
        await bring_back(folder, place)
    assert len(await log_of(place.urls["grid"])) == 3


async def test_a_database_in_use_is_refused(place: Place, folder: Path) -> None:
    await backed_up(place, folder)
    working = Database(place.urls["tasks"], pool_size=1, name="jiayuan-tasks")
    await working.read(lambda session: session.execute(text("SELECT 1")))
    try:
        with pytest.raises(BackupRefused, match=r"tasks is in use .*jiayuan-tasks"):
            await bring_back(folder, place)
    finally:
        await working.close()


async def test_a_database_that_holds_something_is_replaced_only_on_request(
    place: Place, folder: Path
) -> None:
    await backed_up(place, folder)
    with pytest.raises(BackupRefused, match="grid is not empty"):
        await bring_back(folder, place, replace=False)
    empty = "DROP SCHEMA public CASCADE", "DROP SCHEMA log_parts CASCADE", "CREATE SCHEMA public"
    for url in place.urls.values():
        await run_sql(url, *empty)
    await bring_back(folder, place, replace=False)
    assert len(await log_of(place.urls["grid"])) == 2


async def test_another_services_database_is_never_replaced(place: Place, folder: Path) -> None:
    await backed_up(place, folder)
    with pytest.raises(ServerFailed, match="no database of grid"):
        await bring_back(folder, Place({"grid": place.urls["tasks"]}))
    with pytest.raises(BackupRefused, match="holds nothing of disputes"):
        await bring_back(folder, Place({"disputes": place.urls["tasks"]}))
    assert len(await log_of(place.urls["tasks"])) == 2


async def test_a_backup_of_a_newer_version_is_refused(place: Place, folder: Path) -> None:
    await run_sql(place.urls["grid"], "UPDATE grid_version SET version_num = '9999'")
    await backed_up(place, folder)
    with pytest.raises(BackupRefused, match="schema grid 9999"):
        await bring_back(folder, place)


async def test_a_manifest_of_another_dump_is_told(place: Place, folder: Path) -> None:
    await backed_up(place, folder)
    held = Manifest.read(folder).services["grid"]
    change_manifest(folder, services={"grid": {**vars(held), "position": 7}})
    with pytest.raises(ServerFailed, match="grid holds"):
        await bring_back(folder, Place({"grid": place.urls["grid"]}))


async def test_an_interrupted_backup_is_no_backup(place: Place, folder: Path) -> None:
    away = make_url(place.urls["tasks"]).set(port=free_port()).render_as_string(hide_password=False)
    with pytest.raises(ServerFailed, match="does not answer"):
        await backed_up(Place({"grid": place.urls["grid"], "tasks": away}), folder)
    assert (folder / "grid.dump").exists()
    with pytest.raises(BackupRefused, match="no complete backup"):
        await bring_back(folder, place)
    with pytest.raises(BackupRefused, match="is not empty"):
        await backed_up(place, folder)


async def test_a_folder_that_cannot_be_made_is_told(place: Place, folder: Path) -> None:
    folder.parent.write_text("")
    with pytest.raises(BackupRefused, match="cannot be made"):
        await back_up(folder, place, now=NOW, progress=screen())


def test_a_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    assert digest(tmp_path / "file").startswith("ba7816bf")
