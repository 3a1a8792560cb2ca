"""Where a server keeps its things 数据目录: the folder, its lock, its small private state.

As root a server runs as an unprivileged user, who may be unable to enter the folder that was asked for (a
clone under `/root`). The data then lies under `/var/lib/jiayuan`, and a file `location` in the folder says
where. Deleting the folder forgets the data there, too.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from libs.common.embedded.processes import Account, ServerFailed, as_user, wait_until

# An operator who wants the server apart from everything else makes a user `jiayuan`.
ACCOUNTS = ("jiayuan", "postgres", "nobody", "daemon")
STORES = (Path("/var/lib/jiayuan"), Path("/var/tmp/jiayuan-root"))  # noqa: S108 - checked below.
LOCK_SECONDS = 180.0
LOG_LIMIT = 16 << 20


def unprivileged_account(names: Sequence[str] = ACCOUNTS) -> Account | None:
    """Whom to run a server as: None unless we are root. Raises `ServerFailed` if there is no such user."""
    if os.geteuid() != 0:
        return None
    for name in names:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid, name)
    raise ServerFailed("PostgreSQL refuses to run as root: make an unprivileged user 'jiayuan'")


def owner_of(path: Path) -> Account:
    """The user whom a file belongs to."""
    status = path.stat()
    return Account(status.st_uid, status.st_gid)


def can_enter(account: Account, path: Path) -> bool:
    """Whether the account can reach and enter a folder, or run a program: tried, not guessed."""
    try:
        tried = subprocess.run(  # noqa: S603 - a fixed command.
            ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)],
            check=False,
            cwd="/",
            env={},
            **as_user(account),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ServerFailed(
            f"root may not start a program as user {account.name or account.uid} here ({error}): "
            "start as an ordinary user instead"
        ) from error
    return tried.returncode == 0


def root_store(stores: Sequence[Path] = STORES) -> Path:
    """A folder of root's that everybody can enter and nobody else can change.

    Raises `ServerFailed` if none of the candidates can be one.
    """
    for store in stores:
        try:
            store.mkdir(mode=0o755, parents=True, exist_ok=True)
            status = store.lstat()
        except OSError:
            continue
        if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022:
            store.chmod(0o755)
            return store
    raise ServerFailed(f"none of {', '.join(map(str, stores))} can be made, or another user owns it")


def settle(folder: Path, account: Account | None) -> Path:
    """Make the folder and answer where the data really lies: in it, or where its file `location` points.

    Raises `ServerFailed` if it holds data already that the account cannot reach any more.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    if account is None:
        folder.chmod(0o700)
        return folder
    note = folder / "location"
    if note.exists():
        place = Path(note.read_text().strip())
        place.mkdir(mode=0o711, exist_ok=True)
        return place
    folder.chmod(0o711)
    if can_enter(account, folder):
        return folder
    if (folder / "data").exists():
        raise ServerFailed(
            f"user {account.name or account.uid} cannot reach {folder}: open the folders above it"
        )
    place = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=root_store()))
    place.chmod(0o711)
    write_private(note, f"{place}\n")
    return place


def write_private(path: Path, text: str) -> None:
    """Write a file that only we may read, whole or not at all, and on the disk when this returns."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def new_password() -> str:
    """A random password that needs no quoting in a URL or a configuration file."""
    return secrets.token_hex(24)


def rotate(log: Path) -> None:
    """Keep the log and at most one older one within bounds."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".old.log"))


def copy_for_everyone(sources: Mapping[str, Path], target: Path) -> Path:
    """Copy folders into `target` by these names, readable by everyone: all or nothing, and once only."""
    if target.exists():
        return target
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=target.parent))
    try:
        for name, source in sources.items():
            shutil.copytree(source, draft / name, ignore=shutil.ignore_patterns("*.a", "include"))
        for path in (draft, *draft.rglob("*")):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not target.exists():
            raise
    return target


class Keep:
    """The small private state beside a server's data: one JSON file (0600) and one lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "server.json"

    def load(self) -> dict[str, Any]:
        """What is kept; empty at first."""
        try:
            content: dict[str, Any] = json.loads(self.path.read_text())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise ServerFailed(f"{self.path} is damaged: {error}") from error
        return content

    def save(self, content: dict[str, Any]) -> None:
        """Keep this instead."""
        write_private(self.path, json.dumps(content, indent=1, sort_keys=True) + "\n")

    @contextmanager
    def locked(self, seconds: float = LOCK_SECONDS) -> Iterator[None]:
        """Hold the folder alone, among threads and processes. The system frees it when a holder dies."""
        with (self.folder / "lock").open("a") as file:
            if not wait_until(lambda: _try_lock(file.fileno()), seconds, 0.02):
                raise ServerFailed(f"another program has held {file.name} for {seconds:.0f} s")
            yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
