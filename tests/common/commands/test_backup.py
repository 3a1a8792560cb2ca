"""`jiayuan backup` and `jiayuan restore`: one service by settings, or the platform of a machine."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from libs.common.commands.desk import INTERRUPTED
from libs.common.commands.desk import run as run_command
from libs.common.embedded.postgres import Postgres
from tests.common.commands.conftest import Jiayuan
from tests.common.embedded.scene import log_of, photo, work_on
from tests.common.embedded.test_platform import new_folder
from tests.conftest import NewDatabase
from tests.support.servers import Run


async def test_one_service_by_its_settings(
    jiayuan: Jiayuan, new_database: NewDatabase, tmp_path: Path
) -> None:
    url, folder = await new_database("grid"), str(tmp_path / "backup")
    await work_on(url, "grid")
    lost = photo(tmp_path / "store", "grid", b"photo")
    place = {"database_url": url, "media_url": f"file://{tmp_path / 'store'}"}
    which = await jiayuan("backup", folder, **place)
    assert (which.exit_code, "say of which" in which.output) == (2, True)
    made = await jiayuan("backup", folder, "--service", "grid", **place)
    assert (made.exit_code, "1 photos 张照片" in made.output) == (0, True), made.output
    again = await jiayuan("backup", folder, "--service", "grid", **place)
    assert (again.exit_code, "is not empty" in again.output) == (1, True)
    await work_on(url, "grid")
    lost.unlink()
    refused = await jiayuan("restore", folder, "--service", "grid", **place)
    assert (refused.exit_code, "--replace" in refused.output) == (1, True)
    done = await jiayuan("restore", folder, "--service", "grid", "--replace", **place)
    assert (done.exit_code, "restored to position 1" in done.output) == (0, True), done.output
    assert len(await log_of(url)) == 1
    assert lost.read_bytes() == b"photo"


async def test_a_backup_is_checked(jiayuan: Jiayuan, new_database: NewDatabase, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    await jiayuan("backup", str(folder), "--service", "tasks", database_url=await new_database("tasks"))
    whole = await jiayuan("backup", str(folder), "--verify")
    assert (whole.exit_code, "tasks" in whole.output) == (0, True)
    (folder / "tasks.dump").write_bytes(b"")
    damaged = await jiayuan("backup", str(folder), "--verify")
    assert (damaged.exit_code, "damaged" in damaged.output) == (1, True)


async def test_a_new_machine_is_restored_and_its_server_stopped(
    jiayuan: Jiayuan, new_database: NewDatabase, run: Run, tmp_path: Path
) -> None:
    url, folder, root = await new_database("grid"), str(tmp_path / "backup"), new_folder(run)
    await work_on(url, "grid", times=2)
    nothing = await jiayuan("backup", folder, var=str(root))
    assert (nothing.exit_code, "nothing to back up" in nothing.output) == (1, True)
    assert (await jiayuan("restore", folder, var=str(root))).exit_code == 1
    assert not (root / "postgres").exists(), "no server is made for a backup that is none"
    await jiayuan("backup", folder, "--service", "grid", database_url=url)
    done = await jiayuan("restore", folder, "--service", "grid", var=str(root))
    assert (done.exit_code, "restored 已恢复: grid" in done.output) == (0, True), done.output
    assert Postgres(root / "postgres").pid is None
    again = await jiayuan("backup", str(tmp_path / "again"), "--service", "grid", var=str(root))
    assert again.exit_code == 0, again.output
    down = await jiayuan("parked", "grid", var=str(root))
    assert (down.exit_code, len(down.output.splitlines())) == (1, 1)


def test_ctrl_c_is_no_success_for_a_backup() -> None:
    async def cut() -> None:
        raise KeyboardInterrupt

    with pytest.raises(typer.Exit) as ended:
        run_command(cut(), interrupted=INTERRUPTED)
    assert ended.value.exit_code == 130
