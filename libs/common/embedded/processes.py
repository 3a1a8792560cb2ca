"""Programs that outlive us 后台进程: start detached, recognise, wait for, end.

A process is known by its id *and* what it is (its command line and working folder), because process ids are
used again: after a crash the id in a file may belong to anybody.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from typing import Any, TypeVar

T = TypeVar("T")
Progress = Callable[[str], None]

PROC = Path("/proc")
LOOPBACK = "127.0.0.1"
# Below the range from which systems take the ports of outgoing connections: a port that we keep for the
# next start must not be taken meanwhile by somebody's client.
PORTS = range(20_000, 32_000)
POLL = 0.05
# Fields of /proc/PID/stat, counted behind the name of the program.
STATE, THREADS = 0, 17


class ServerFailed(RuntimeError):
    """An embedded server could not be made, started or stopped. The message says why and what to do."""


@dataclass(frozen=True)
class Account:
    """The unprivileged user whom a server runs as when we are root."""

    uid: int
    gid: int
    name: str = ""


@dataclass(frozen=True)
class Program:
    """What to start: arguments, the file its output goes to, and as whom."""

    arguments: Sequence[str]
    log: Path
    account: Account | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


def quiet(_: str) -> None:
    """A progress callback that says nothing."""


def blocking(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end in a thread and loop of its own, so that callers need not care for loops."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(make())).result()


def as_user(account: Account | None) -> dict[str, Any]:
    """The arguments of `subprocess` that drop to the account."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def base_environment() -> dict[str, str]:
    """A small environment: no PG*, JAVA_* or locale of the caller reaches the server."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def start_detached(program: Program) -> int:
    """Start it in a session of its own, as nobody's child, and answer its process id.

    The shell in between makes it an orphan at once, so that it leaves no zombie and no `Popen` to look after.
    """
    with open(program.log, "ab", opener=_private) as log:
        try:
            done = subprocess.run(  # noqa: S603 - our own servers only.
                ["/bin/sh", "-c", '"$@" >&2 </dev/null & echo $!', "sh", *program.arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**base_environment(), **program.environment},
                cwd="/",
                umask=0o077,
                start_new_session=True,
                check=True,
                **as_user(program.account),
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise ServerFailed(f"cannot start {program.arguments[0]}: {error}") from error
    return int(done.stdout)


def is_alive(pid: int) -> bool:
    """Whether the process exists and has not ended (a zombie has)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        status = (PROC / str(pid) / "stat").read_text()
    except FileNotFoundError:
        return not PROC.is_dir()
    except (ProcessLookupError, PermissionError):
        return False
    fields = status.rpartition(")")[2].split()
    # A killed process of many threads is a zombie while the others still end, and hold its ports.
    return fields[STATE] not in "ZX" or int(fields[THREADS]) > 1


def command_line(pid: int) -> list[str]:
    """Its arguments, or nothing when it has ended or the system does not tell."""
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return []


def processes() -> list[int]:
    """Every process id that the system shows; none where it has no /proc."""
    if not PROC.is_dir():
        return []
    return [int(entry) for entry in os.listdir(PROC) if entry.isdigit()]


def works_in(pid: int, folder: Path) -> bool:
    """Whether it is a live process whose working folder this is."""
    try:
        return os.readlink(PROC / str(pid) / "cwd") == str(folder) and is_alive(pid)
    except OSError:
        return False


def working_in(folder: Path) -> list[int]:
    """The live processes whose working folder this is."""
    return [pid for pid in processes() if works_in(pid, folder)]


def with_argument(argument: str) -> list[int]:
    """The live processes that were given exactly this argument last."""
    return [pid for pid in processes() if command_line(pid)[-1:] == [argument] and is_alive(pid)]


def send(pids: Iterable[int], which: signal.Signals) -> None:
    """Send the signal to those that are still there."""
    for pid in pids:
        try:
            os.kill(pid, which)
        except ProcessLookupError:
            continue


def wait_until(condition: Callable[[], bool], seconds: float, every: float = POLL) -> bool:
    """Ask again and again until it holds (True) or the time is over (False)."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def wait_gone(pids: Iterable[int], seconds: float) -> bool:
    """Wait for all of them to end."""
    waiting = list(pids)
    return wait_until(lambda: not any(is_alive(pid) for pid in waiting), seconds, 0.01)


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_port(avoid: Iterable[int] = ()) -> int:
    """A port of the loopback address that nobody listens on. Raises `ServerFailed` if there is none."""
    taken = set(avoid)
    # Not `random`: tests seed it alike in several processes, which would then all pick the same port.
    for port in SystemRandom().sample(PORTS, 500):
        if port not in taken and port_is_free(port):
            return port
    raise ServerFailed("no free port on the loopback address")


def tail(log: Path) -> str:
    """The last lines of a log, for an error message."""
    try:
        return gist(log.read_text(errors="replace"))
    except OSError:
        return ""


def gist(output: str, lines: int = 15) -> str:
    """The last lines of a program's output, without the call stacks of Java."""
    return "\n".join([line for line in output.splitlines() if not line.startswith("\tat ")][-lines:])
