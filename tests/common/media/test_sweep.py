"""Copies for a handover, and deleting what nobody holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.media import MediaStore, Purpose, Record, adopt, attach, sweep
from libs.common.media.images import measure
from libs.common.media.models import MediaObject, MediaUpload
from libs.common.media.store import digest
from libs.common.media.sweep import MediaLeaving, begin, finish, mark_unreferenced
from libs.common.policy import Role
from tests.common.media.conftest import NOW, Client
from tests.common.media.pictures import jpeg
from tests.common.media.test_api import INSPECTOR, MEDIA, name, upload

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Wanted:
    hash: str
    source: str = "grid"


async def rows(database: Database) -> int:
    async with database.sessions() as session:
        return await session.scalar(select(func.count()).select_from(MediaObject)) or 0


class TestSweep:
    async def test_unreferenced_goes_after_a_week(
        self, client_of: Client, database: Database, store: MediaStore
    ) -> None:
        held, loose, case = jpeg(shade=1), jpeg(shade=99), Record("case", new_id())
        client = client_of(Role.INSPECTOR)
        await upload(client, held)
        await upload(client, loose)
        await database.transact(
            lambda session: attach(
                session, [name(held)], to=case, purpose=Purpose.BEFORE, actor=INSPECTOR, now=NOW
            )
        )
        assert await sweep(store, database, "photos", NOW + WEEK) == 0
        assert await sweep(store, database, "photos", NOW + WEEK + timedelta(seconds=1)) == 1
        assert await store.get("photos", name(loose)) is None
        assert await store.get("photos", name(held)) is not None
        assert await rows(database) == 1
        async with database.sessions() as session:
            assert await session.get(MediaUpload, (name(loose), INSPECTOR.subject)) is None

    async def test_what_is_leaving_is_seen_by_nobody_and_comes_back_later(
        self, client_of: Client, database: Database, store: MediaStore
    ) -> None:
        client, content = client_of(Role.INSPECTOR), jpeg()
        await upload(client, content)
        later = NOW + WEEK + timedelta(seconds=1)
        assert await database.transact(lambda session: mark_unreferenced(session, later)) == 1
        assert (await client.get(f"{MEDIA}/{name(content)}")).status_code == 404
        refused = await upload(client, content)
        assert (refused.status_code, refused.json()["code"]) == (503, MediaLeaving.code)
        assert await adopt(store, database, "photos", [Wanted(name(content))], later) == []
        assert await sweep(store, database, "photos", later) == 1
        assert (await upload(client, content)).status_code == 201

    async def test_an_upload_again_starts_the_week_anew(
        self, client_of: Client, database: Database, store: MediaStore
    ) -> None:
        client, content = client_of(Role.INSPECTOR), jpeg()
        await upload(client, content)
        async with database.sessions() as session, session.begin():
            await begin(session, name(content), "image/jpeg", NOW + WEEK)
        assert await sweep(store, database, "photos", NOW + WEEK + WEEK) == 0


class TestAdopt:
    async def test_copies_under_the_own_prefix(self, database: Database, store: MediaStore) -> None:
        content = jpeg()
        await store.put("grid", name(content), content)
        wanted = [Wanted(name(content)), Wanted("c" * 64)]
        for _ in range(2):
            assert await adopt(store, database, "tasks", wanted, NOW) == wanted[:1]
        assert await store.get("tasks", name(content)) == content
        async with database.sessions() as session:
            row = await session.get(MediaObject, name(content))
        assert row is not None
        assert (row.stored_digest, row.media_type, row.width) == (digest(content), "image/jpeg", 8)

    async def test_a_store_that_is_away_is_asked_again_later(
        self, database: Database, tmp_path: Path
    ) -> None:
        blocked = tmp_path / "media"
        store = MediaStore.open(blocked.as_uri())
        await store.put("grid", "d" * 64, jpeg())
        (blocked / "tasks").write_bytes(b"a file where a folder should be")
        assert await adopt(store, database, "tasks", [Wanted("d" * 64)], NOW) == []
        (blocked / "tasks").unlink()
        assert len(await adopt(store, database, "tasks", [Wanted("d" * 64)], NOW)) == 1


async def test_finish_tells_what_is_stored(database: Database) -> None:
    content = jpeg()
    async with database.sessions() as session, session.begin():
        await begin(session, "e" * 64, "image/png", NOW)
        row = await finish(session, "e" * 64, measure(content), NOW)
        assert (row.media_type, row.size) == ("image/jpeg", len(content))
