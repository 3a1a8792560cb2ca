"""Where backups work: the platform's own server is started and stopped, or left as it was found."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from libs.common.embedded import dumps
from libs.common.embedded.place import Place, by_settings, on_this_machine
from libs.common.embedded.postgres import Postgres
from libs.common.embedded.processes import ServerFailed
from libs.common.settings import Settings
from tests.common.embedded.scene import screen
from tests.common.embedded.test_platform import new_folder
from tests.support.servers import Run


async def test_a_new_machine_gets_a_server_for_the_time(run: Run) -> None:
    root = new_folder(run)
    server = Postgres(root / "postgres")
    async with on_this_machine(root, ["grid", "tasks"], make=True, progress=screen()) as place:
        assert set(place.urls) == {"grid", "tasks"}
        assert place.media_url == f"file://{root}/media"
        assert await dumps.is_empty(place.urls["grid"])
    assert not server.is_ready()
    await asyncio.to_thread(server.start)
    try:
        async with on_this_machine(root, ["grid"], make=False, progress=screen()):
            pass
        assert server.is_ready(), "who was there before stays"
        with pytest.raises(ServerFailed, match="no password of role 'disputes'"):
            async with on_this_machine(root, ["disputes"], make=False, progress=screen()):
                pass
    finally:
        await asyncio.to_thread(server.stop)


async def test_there_is_nothing_to_back_up_where_nothing_was_started(tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match="nothing to back up"):
        async with on_this_machine(tmp_path, ["grid"], make=False, progress=screen()):
            pass
    assert not Postgres(tmp_path / "postgres").asked.exists()


def test_settings_name_one_services_database_and_store() -> None:
    settings = Settings(database_url=SecretStr("postgresql+asyncpg://grid@db/grid"))
    assert by_settings(settings, "grid") == Place({"grid": "postgresql+asyncpg://grid@db/grid"})
    kept = settings.model_copy(update={"media_url": "s3://photos/jiayuan"})
    assert by_settings(kept, "grid").media_url == "s3://photos/jiayuan"
