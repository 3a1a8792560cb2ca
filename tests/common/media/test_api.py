"""Photos over HTTP: uploaded by hash, seen only through a record."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator

import httpx
import pytest

from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.media import MediaStore, MediaUnknown, Purpose, Record, attach, attachments, detach, expect
from libs.common.media.api import UPLOADS_AT_ONCE
from libs.common.media.links import MOST_PER_RECORD, TooManyAttachments
from libs.common.policy import Actor, Role
from tests.common.media.conftest import NOW, Client
from tests.common.media.pictures import jpeg, png

MEDIA = "/photos/v1/media"
INSPECTOR = Actor("demo:inspector", "inspector")


def name(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def upload(client: httpx.AsyncClient, content: bytes, kind: str = "image/jpeg") -> httpx.Response:
    return await client.put(f"{MEDIA}/{name(content)}", content=content, headers={"Content-Type": kind})


class TestUpload:
    async def test_what_is_stored_has_no_exif(self, client_of: Client, store: MediaStore) -> None:
        content = jpeg()
        answer = await upload(client_of(Role.INSPECTOR), content)
        assert answer.status_code == 201, answer.text
        stored = await store.get("photos", name(content))
        assert stored is not None
        assert b"secret" not in stored
        told = answer.json()
        assert told["hash"] == name(content)
        assert told["stored_digest"] == name(stored) != name(content)
        assert (told["width"], told["height"], told["size"]) == (8, 4, len(stored))

    async def test_again_is_the_same(self, client_of: Client) -> None:
        client = client_of(Role.INSPECTOR)
        first = await upload(client, jpeg())
        assert (await upload(client, jpeg())).json() == first.json()

    @pytest.mark.parametrize("kind", ["image/gif", "image/svg+xml", "application/pdf", "text/html", ""])
    async def test_other_types_are_refused(self, client_of: Client, kind: str) -> None:
        answer = await upload(client_of(Role.INSPECTOR), jpeg(), kind)
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-content")

    async def test_the_declared_type_must_be_true(self, client_of: Client) -> None:
        answer = await upload(client_of(Role.INSPECTOR), png(), "image/jpeg")
        assert (answer.status_code, answer.json()["code"]) == (422, "image-unreadable")

    async def test_the_hash_must_be_true(self, client_of: Client) -> None:
        answer = await client_of(Role.INSPECTOR).put(
            f"{MEDIA}/{'0' * 64}", content=jpeg(), headers={"Content-Type": "image/jpeg"}
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "media-hash-mismatch")

    @pytest.mark.parametrize("path", ["short", "G" * 64, "A" * 64])
    async def test_an_odd_hash_is_refused(self, client_of: Client, path: str) -> None:
        answer = await client_of(Role.INSPECTOR).put(f"{MEDIA}/{path}", content=b"")
        assert answer.status_code == 422

    @pytest.mark.parametrize("streamed", [False, True])
    async def test_size_is_capped(self, client_of: Client, streamed: bool) -> None:
        content = b"\xff\xd8\xff" + b"0" * (1 << 16)

        async def parts() -> AsyncIterator[bytes]:
            for start in range(0, len(content), 10_000):
                yield content[start : start + 10_000]

        answer = await client_of(Role.INSPECTOR).put(
            f"{MEDIA}/{name(content)}",
            content=parts() if streamed else content,
            headers={"Content-Type": "image/jpeg"},
        )
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")

    async def test_so_many_at_once(self, client_of: Client) -> None:
        client, going = client_of(Role.INSPECTOR), asyncio.Event()
        started: list[int] = []

        async def slow() -> AsyncIterator[bytes]:
            started.append(1)
            await going.wait()
            yield jpeg()

        async def put(content: AsyncIterator[bytes] | bytes) -> httpx.Response:
            headers = {"Content-Type": "image/jpeg"}
            return await client.put(f"{MEDIA}/{name(jpeg())}", content=content, headers=headers)

        waiting = [asyncio.ensure_future(put(slow())) for _ in range(UPLOADS_AT_ONCE)]
        while len(started) < UPLOADS_AT_ONCE:
            await asyncio.wait(waiting, timeout=0.01)
        refused = await put(jpeg())
        assert (refused.status_code, refused.json()["code"]) == (503, "uploads-busy")
        going.set()
        assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {201}

    async def test_who_may_not_report_may_not_upload(self, client_of: Client) -> None:
        assert (await upload(client_of(Role.LEADER), jpeg())).status_code == 403


class TestAccess:
    async def test_a_hash_alone_is_no_access(
        self, client_of: Client, database: Database, readable: set[Record]
    ) -> None:
        content, case = jpeg(), Record("case", new_id())
        uploader, leader = client_of(Role.INSPECTOR), client_of(Role.LEADER)
        await upload(uploader, content)
        path = f"{MEDIA}/{name(content)}"
        assert (await leader.get(path)).status_code == 404
        await database.transact(
            lambda session: attach(
                session, [name(content)], to=case, purpose=Purpose.BEFORE, actor=INSPECTOR, now=NOW
            )
        )
        assert (await leader.get(path)).status_code == 404
        readable.add(case)
        answer = await leader.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["etag"] == f'"{name(answer.content)}"'
        assert (await uploader.get(path)).content == answer.content

    async def test_unknown_is_not_found(self, client_of: Client) -> None:
        assert (await client_of(Role.LEADER).get(f"{MEDIA}/{'a' * 64}")).status_code == 404

    async def test_bytes_that_are_lost_are_not_found(self, client_of: Client, store: MediaStore) -> None:
        client, content = client_of(Role.INSPECTOR), jpeg()
        await upload(client, content)
        await store.delete("photos", name(content))
        assert (await client.get(f"{MEDIA}/{name(content)}")).status_code == 404

    async def test_only_the_uploader_attaches(self, client_of: Client, database: Database) -> None:
        content, case = jpeg(), Record("case", new_id())
        await upload(client_of(Role.INSPECTOR), content)
        stranger = Actor("demo:acceptor", "acceptor")
        with pytest.raises(MediaUnknown) as refused:
            await database.transact(
                lambda session: attach(
                    session, [name(content)], to=case, purpose=Purpose.AFTER, actor=stranger, now=NOW
                )
            )
        assert refused.value.pointer == "/media/0"
        await upload(client_of(Role.ACCEPTOR), content)
        await database.transact(
            lambda session: attach(
                session, [name(content)], to=case, purpose=Purpose.AFTER, actor=stranger, now=NOW
            )
        )


class TestLinks:
    async def test_list_in_order_and_detach(self, client_of: Client, database: Database) -> None:
        contents = [jpeg(shade=shade) for shade in (10, 60, 110)]
        names = [name(content) for content in contents]
        case, other = Record("case", new_id()), new_id()
        for content in contents:
            await upload(client_of(Role.INSPECTOR), content)
        async with database.sessions() as session, session.begin():
            await attach(session, [], to=case, purpose=Purpose.BEFORE, actor=INSPECTOR, now=NOW)
            await attach(session, names[:1], to=case, purpose=Purpose.BEFORE, actor=INSPECTOR, now=NOW)
            await attach(session, names[:2], to=case, purpose=Purpose.AFTER, actor=INSPECTOR, now=NOW)
            await attach(session, names[:2], to=case, purpose=Purpose.AFTER, actor=INSPECTOR, now=NOW)
            found = await attachments(session, "case", [case.id, other])
            assert found[other] == []
            assert [each.purpose for each in found[case.id]] == ["after", "after", "before"]
            assert all(each.ready and each.size and each.media_type for each in found[case.id])
            assert await detach(session, names[:1], of=case, now=NOW) == 2
            assert await detach(session, names[:1], of=case, now=NOW) == 0
            assert len((await attachments(session, "case", [case.id]))[case.id]) == 1

    async def test_what_is_handed_over_is_listed_before_its_bytes(self, database: Database) -> None:
        task = Record("task", new_id())
        async with database.sessions() as session, session.begin():
            await expect(session, [], to=task, actor=INSPECTOR, now=NOW)
            await expect(session, [("b" * 64, "before")], to=task, actor=INSPECTOR, now=NOW)
            (found,) = (await attachments(session, "task", [task.id]))[task.id]
        assert (found.ready, found.media_type, found.purpose) == (False, None, "before")

    async def test_a_record_holds_so_many(self, database: Database) -> None:
        many = [(f"{number:064x}", "before") for number in range(MOST_PER_RECORD + 1)]
        with pytest.raises(TooManyAttachments):
            await database.transact(
                lambda session: expect(session, many, to=Record("case", new_id()), actor=INSPECTOR, now=NOW)
            )
