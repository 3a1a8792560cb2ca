"""The folder of a PostgreSQL cluster 数据库集簇: made whole or not at all, and whose process runs in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from libs.common.embedded.processes import (
    PROC,
    Account,
    ServerFailed,
    as_user,
    base_environment,
    command_line,
    is_alive,
    works_in,
)

INITDB = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
)


def make(programs: Path, data: Path, password: str, account: Account | None, *, sync: bool) -> None:
    """Make the cluster beside its place and move it there when it is complete. Raises `ServerFailed`."""
    draft = data.with_name("data.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    handle, name = tempfile.mkstemp(prefix=".password-", dir=data.parent)
    secret = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(password)
        if account is not None:
            for path in (draft, secret):
                os.chown(path, account.uid, account.gid)
        done = subprocess.run(  # noqa: S603 - the wheel's own program.
            [
                str(programs / "initdb"),
                "-D",
                str(draft),
                f"--pwfile={secret}",
                *INITDB,
                *([] if sync else ["--no-sync"]),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env=base_environment(),
            cwd="/",
            umask=0o077,
            **as_user(account),
        )
    finally:
        secret.unlink()
    if done.returncode:
        raise ServerFailed(f"initdb failed: {done.stderr.strip()}")
    draft.rename(data)


def check_version(data: Path, major: str) -> None:
    """Raise `ServerFailed` if the cluster is of another major version, or not ours to read."""
    try:
        found = (data / "PG_VERSION").read_text().strip()
    except PermissionError as error:
        raise ServerFailed(f"{data} belongs to another user: start as that user or as root") from error
    except FileNotFoundError as error:
        raise ServerFailed(f"{data} is no database cluster") from error
    if found != major:
        raise ServerFailed(f"{data} is of PostgreSQL {found}, not {major}: dump it there, restore it here")


def recorded_pid(data: Path) -> int | None:
    """The process id that the server wrote down, true or stale."""
    try:
        return int((data / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def recorded_port(data: Path) -> int | None:
    """The port that a running server wrote down."""
    try:
        return int((data / "postmaster.pid").read_text().splitlines()[3])
    except (OSError, ValueError, IndexError):
        return None


def is_server_of(pid: int, data: Path) -> bool:
    """Whether that live process is the server of this cluster: it works in the folder and was told so."""
    if not is_alive(pid):
        return False
    if not PROC.is_dir():
        return True
    return works_in(pid, data) and str(data) in command_line(pid)


def forget_pid(data: Path) -> None:
    """Remove a stale `postmaster.pid`: PostgreSQL believes it when its id was given to another process.

    Only to be called when no process works in the folder.
    """
    pid = recorded_pid(data)
    if pid is None or not is_server_of(pid, data):
        (data / "postmaster.pid").unlink(missing_ok=True)
