"""One store per deployment: memory, a folder, a bucket. The same rules for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from libs.common.db import Database, OutsideCallInTransaction
from libs.common.media import MediaAway, MediaStore
from tests.common.media.buckets import Bucket, serving

NAME = "ab" * 32


def in_bucket(address: str) -> MediaStore:
    return MediaStore.open(
        "s3://photos/jiayuan",
        aws_endpoint=address,
        aws_access_key_id="demo",
        aws_secret_access_key="demo",
        aws_region="cn-east-1",
        aws_virtual_hosted_style_request="false",
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )


@pytest.fixture(params=["memory", "folder", "bucket"])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MediaStore]:
    if request.param == "bucket":
        async with serving(Bucket()) as address:
            yield in_bucket(address)
    elif request.param == "folder":
        yield MediaStore.open((tmp_path / "new").as_uri())
    else:
        yield MediaStore.open("memory:///")


async def test_put_get_copy_delete(kept: MediaStore) -> None:
    assert await kept.get("grid", NAME) is None
    assert await kept.copy("grid", "tasks", NAME) is None
    await kept.put("grid", NAME, b"one")
    await kept.put("grid", NAME, b"two")
    assert await kept.copy("grid", "tasks", NAME) == b"two"
    await kept.delete("grid", NAME)
    await kept.delete("grid", NAME)
    assert await kept.get("grid", NAME) is None
    assert await kept.get("tasks", NAME) == b"two"


async def test_objects_lie_under_the_service_and_the_urls_prefix() -> None:
    bucket = Bucket()
    async with serving(bucket) as address:
        await in_bucket(address).put("grid", NAME, b"x")
    assert list(bucket.objects) == [f"/photos/jiayuan/grid/ab/{NAME}"]


def _calls(store: MediaStore) -> list[Callable[[], Awaitable[object]]]:
    return [
        lambda: store.put("grid", NAME, b"x"),
        lambda: store.get("grid", NAME),
        lambda: store.delete("grid", NAME),
    ]


async def test_faults_of_a_folder_say_that_it_is_away(tmp_path: Path) -> None:
    store = MediaStore.open((tmp_path / "m").as_uri())
    (tmp_path / "m" / "grid").write_bytes(b"")
    for call in _calls(store):
        with pytest.raises(MediaAway):
            await call()


async def test_faults_of_a_bucket_say_that_it_is_away() -> None:
    bucket = Bucket()
    bucket.broken = True
    async with serving(bucket) as address:
        for call in _calls(in_bucket(address)):
            with pytest.raises(MediaAway):
                await call()
    for call in _calls(in_bucket("http://127.0.0.1:1")):
        with pytest.raises(MediaAway):
            await call()


async def test_never_inside_a_transaction(database: Database) -> None:
    store = MediaStore(MemoryStore())
    with pytest.raises(OutsideCallInTransaction):
        await database.transact(lambda _: store.get("grid", "a"))
