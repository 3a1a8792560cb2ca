"""What an image would bring, here: Python, Debian's nginx, Kafka's jars, the wheel's PostgreSQL."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from libs.common.embedded import jars
from libs.common.embedded.kafka import JVM
from libs.common.embedded.postgres import Postgres, pg_bin
from libs.common.tree import repository_root
from tests.compose.composition import Part
from tests.compose.places import SECRETS, Places

PACKAGE = "nginx-light"
NGINX_PLACES = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
OURS, GATEWAY, BROKER, DATABASE = "jiayuan", "nginx", "apache/kafka", "postgres"
_SETTING = re.compile(r"^ENV ((?:[^\\\n]|\\\n)*)", re.M)
_KAFKA = {"kafka-storage.sh": "kafka.tools.StorageTool", "kafka-server-start.sh": "kafka.Kafka"}


class NotInstalled(RuntimeError):
    """A program of the machine is missing. The message says how to get it."""


def nginx(path: str = NGINX_PLACES, *, may_install: bool = os.geteuid() == 0) -> str:
    """The gateway's program. As root its Debian package is installed; otherwise `NotInstalled` names it."""
    found = shutil.which("nginx", path=path)
    if found is None and may_install:
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", PACKAGE]):
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", *command], env=environment, capture_output=True, check=False)
        found = shutil.which("nginx", path=path)
    if found is None:
        raise NotInstalled(f"nginx is missing: apt-get install {PACKAGE}")
    return found


def image_environment() -> dict[str, str]:
    """The variables that deploy/Dockerfile sets, PATH apart."""
    text = (repository_root() / "deploy" / "Dockerfile").read_text("utf-8")
    words = [word for found in _SETTING.findall(text) for word in shlex.split(found.replace("\\\n", " "))]
    return dict(word.split("=", 1) for word in words if not word.startswith("PATH="))


def environment(part: Part, places: Places) -> dict[str, str]:
    """Exactly what the part's process would find, and what the clean-up of a broken test run looks for."""
    told = {**(image_environment() if part.image == OURS else {}), **part.environment}
    base = {"PATH": f"{NGINX_PLACES}:{os.defpath}", "LANG": "C.UTF-8"}
    mine = {name: places.here(part, value) for name, value in told.items()}
    return {**base, **mine, "JIAYUAN_VAR": f"{places.folder(part)}/"}


def command(part: Part, places: Places) -> list[str]:
    """The arguments of the part's process."""
    words = places.arguments(part, part.command)
    if part.image == OURS:
        return [sys.executable, "-m", "services.cli", *words]
    if part.image == GATEWAY:
        _only_here(part, places)
        return [nginx(), *words[1:]]
    if part.image == BROKER:
        _scripts_of_kafka(places.folder(part) / "bin")
    return words


def check(part: Part, places: Places) -> list[str]:
    """The arguments of the part's health check."""
    words = places.arguments(part, part.check)
    known = {"python": sys.executable, "pg_isready": str(pg_bin() / "pg_isready")}
    return [known.get(words[0], words[0]), *words[1:]]


def _only_here(part: Part, places: Places) -> None:
    """A gateway in a container may listen on every address; here it must not."""
    file = Path(places.paths(part)["/etc/nginx/nginx.conf"])
    text = file.read_text("utf-8")
    listen = f"listen {part.ports[0]};"
    assert text.count(listen) == 1, listen
    file.write_text(text.replace(listen, f"listen 127.0.0.1:{places.port(part)};"), "utf-8")


def _scripts_of_kafka(folder: Path) -> None:
    """The programs that the image has in /opt/kafka/bin, over the pinned jars."""
    path = jars.classpath()
    cache = jars.class_cache(path)
    remembered = [f"-XX:AOTCache={cache}"] if cache.exists() else []
    java = shlex.join([str(jars.java()), *JVM, *remembered, "-cp", ":".join(map(str, path))])
    folder.mkdir(exist_ok=True)
    for name, main in _KAFKA.items():
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {java} ${{KAFKA_HEAP_OPTS:-}} {main} "$@"\n')
        script.chmod(0o755)


def database(part: Part, places: Places) -> Postgres:
    """The part's PostgreSQL, started with its command's settings; its scripts have run, as the image does."""
    words = part.command[1:]
    settings = dict(
        word.split("=", 1) for flag, word in zip(words[::2], words[1::2], strict=True) if flag == "-c"
    )
    server = Postgres(places.folder(part) / "cluster", settings=settings, throwaway=True).start()
    places.ports[part.name, part.ports[0]] = server.port
    address = server.address()
    told = {
        "PATH": f"{pg_bin()}:{os.defpath}",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(address.port),
        "PGPASSWORD": address.password,
        "SECRETS": places.paths(part)[SECRETS],
        **part.environment,
    }
    scripts = [target for target in part.mounts if target.startswith("/docker-entrypoint-initdb.d/")]
    for script in sorted(scripts):
        subprocess.run(
            ["bash", places.paths(part)[script]], env=told, check=True, capture_output=True, text=True
        )
    return server
