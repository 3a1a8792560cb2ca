"""Photos of a backup: copied whatever the store is, and told when they cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from libs.common.embedded import photos
from libs.common.embedded.processes import ServerFailed
from tests.common.embedded.scene import photo


async def test_a_thousand_photos_are_told_of(tmp_path: Path) -> None:
    for number in range(1005):
        photo(tmp_path / "store", "grid", str(number).encode())
    said: list[str] = []
    url = f"file://{tmp_path / 'store'}"
    found = await photos.fetch(url, tmp_path, ["grid"], say=said.append)
    assert len(found) == 1005
    await photos.give_back(f"file://{tmp_path / 'other'}", tmp_path, list(found), say=said.append)
    assert len(list((tmp_path / "other" / "grid").rglob("*/*"))) == 1005
    assert len(said) == 2
    assert all(line.endswith("张照片") for line in said)


async def test_only_photos_are_copied(tmp_path: Path) -> None:
    (tmp_path / "store" / "grid").mkdir(parents=True)
    (tmp_path / "store" / "grid" / "note.txt").write_text("somebody's")
    assert await photos.fetch(f"file://{tmp_path / 'store'}", tmp_path, ["grid"], say=print) == {}


async def test_a_store_that_does_not_answer_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    url = f"file://{tmp_path / 'file' / 'store'}"
    with pytest.raises(ServerFailed, match="cannot be copied"):
        await photos.fetch(url, tmp_path, ["grid"], say=print)
    with pytest.raises(ServerFailed, match="cannot be written"):
        await photos.give_back(url, tmp_path, ["media/grid/aa/x"], say=print)


async def test_a_photo_that_the_backup_lost_meanwhile_is_told(tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match="cannot be written"):
        await photos.give_back(f"file://{tmp_path}", tmp_path, ["media/grid/aa/x"], say=print)
