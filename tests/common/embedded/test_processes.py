"""Processes that outlive us: started, recognised, waited for."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from libs.common.embedded import processes
from libs.common.embedded.processes import Program, ServerFailed


def test_a_detached_program_is_nobodys_child_and_is_known_by_what_it_is(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = "import os, sys, time; os.chdir(sys.argv[1]); print('up', flush=True); time.sleep(600)"
    pid = processes.start_detached(Program([sys.executable, "-c", program, str(tmp_path)], log))

    assert processes.wait_until(lambda: processes.working_in(tmp_path) == [pid], 30)
    assert processes.with_argument(str(tmp_path)) == [pid]
    assert processes.command_line(pid)[0] == sys.executable
    assert log.read_text() == "up\n"
    assert os.getsid(pid) != os.getsid(0)

    processes.send([pid], signal.SIGKILL)
    assert processes.wait_gone([pid], 30)
    processes.send([pid], signal.SIGKILL)
    assert processes.with_argument(str(tmp_path)) == []
    assert processes.working_in(tmp_path) == []


def test_a_zombie_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    assert processes.wait_gone([child.pid], 30)
    assert Path(f"/proc/{child.pid}").exists()
    child.wait()
    assert processes.command_line(child.pid) == []


def test_a_process_of_somebody_else_is_alive() -> None:
    assert processes.is_alive(1)
    assert processes.is_alive(os.getpid())


def test_what_cannot_be_started_is_reported(tmp_path: Path) -> None:
    program = Program(["/no/such/program"], tmp_path / "log", processes.Account(12345, 12345))
    if os.geteuid() == 0:
        assert processes.wait_gone([processes.start_detached(program)], 30)
        assert "/no/such/program" in processes.tail(program.log)
    else:
        with pytest.raises(ServerFailed, match="cannot start"):
            processes.start_detached(program)


def test_a_taken_port_is_not_free() -> None:
    with socket.socket() as taken:
        taken.bind((processes.LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not processes.port_is_free(port)
    assert processes.port_is_free(port)
    free = processes.free_port(avoid=[port])
    assert free in processes.PORTS
    assert free != processes.free_port(avoid=[free])
    with pytest.raises(ServerFailed, match="no free port"):
        processes.free_port(avoid=processes.PORTS)


def test_waiting_ends_when_the_time_is_over() -> None:
    assert not processes.wait_until(lambda: False, 0.05, 0.01)


def test_a_log_in_an_error_message_is_its_gist(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert processes.tail(log) == ""
    log.write_text("first\n" + "".join(f"line {n}\n\tat some.java.Method\n" for n in range(20)))
    assert processes.tail(log).splitlines() == [f"line {n}" for n in range(5, 20)]


def test_a_coroutine_runs_to_its_end_with_and_without_a_loop() -> None:
    async def answer() -> int:
        return 7

    assert processes.blocking(answer) == 7


async def test_a_coroutine_runs_to_its_end_inside_a_loop() -> None:
    async def answer() -> int:
        return 7

    assert processes.blocking(answer) == 7
