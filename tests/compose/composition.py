"""docker-compose.yml as values: what it says of each service, merged and filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from libs.common.tree import repository_root

FILE = "docker-compose.yml"
COMPLETED, HEALTHY = "service_completed_successfully", "service_healthy"
_VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>[A-Z_]+)(?::-(?P<default>[^}]*))?\})")


class NotUnderstood(ValueError):
    """The file says something that this reader does not know."""


@dataclass(frozen=True)
class Part:
    """One service of the file, a container of Docker."""

    name: str
    said: Mapping[str, Any]
    files: Mapping[str, Path]
    """The file of each secret of the whole composition."""
    root: Path

    @property
    def image(self) -> str:
        """The image without its version."""
        return str(self.said["image"]).rpartition(":")[0]

    @property
    def command(self) -> list[str]:
        """What the image's entry point is given."""
        return list(self.said.get("command", []))

    @property
    def environment(self) -> dict[str, str]:
        """The variables of its process: the files' first, the composition's over them."""
        found: dict[str, str] = {}
        for name in self.said.get("env_file", []):
            lines = (self.root / name).read_text("utf-8").splitlines()
            pairs = (line.partition("=") for line in lines if line.strip() and not line.startswith("#"))
            found.update((key.strip(), value.strip()) for key, _, value in pairs)
        return {**found, **{key: str(value) for key, value in self.said.get("environment", {}).items()}}

    @property
    def secrets(self) -> dict[str, Path]:
        """Name in /run/secrets -> file on the host."""
        found = {}
        for entry in self.said.get("secrets", []):
            source, target = (entry, entry) if isinstance(entry, str) else (entry["source"], entry["target"])
            found[target] = self.files[source]
        return found

    @property
    def mounts(self) -> dict[str, str]:
        """Path in the container -> file on the host (`./...`) or name of a volume."""
        pairs = (str(entry).split(":") for entry in self.said.get("volumes", []))
        return {pair[1]: pair[0] for pair in pairs}

    @property
    def ports(self) -> list[int]:
        """Where it listens."""
        return [int(port) for port in self.said.get("expose", [])]

    @property
    def waits(self) -> dict[str, str]:
        """For whom it waits, and for what of them."""
        waits = self.said.get("depends_on", {})
        return {name: told["condition"] for name, told in waits.items()}

    @property
    def check(self) -> list[str]:
        """The command of its health check, as arguments; empty for what runs once."""
        test = self.said.get("healthcheck", {}).get("test", [])
        if test and test[0] != "CMD":
            raise NotUnderstood(f"{self.name}: a health check of the form {test[0]}")
        return list(test[1:])

    def seconds(self, name: str) -> float:
        """A time of the health check."""
        told = str(self.said["healthcheck"][name])
        if not told.endswith("s"):
            raise NotUnderstood(f"{self.name}: {name} {told}")
        return float(told[:-1])

    @property
    def runs_once(self) -> bool:
        """Whether it is to end, rather than to stay."""
        return self.said.get("restart") == "no"


def read(values: Mapping[str, str], *names: str) -> dict[str, Part]:
    """The parts of the file, or of several laid over each other; `values` are what .env would say."""
    root = repository_root()
    whole: dict[str, Any] = {}
    for name in names or (FILE,):
        whole = laid_over(whole, yaml.safe_load((root / name).read_text("utf-8")))
    whole = _filled(whole, values)
    files = {name: root / told["file"] for name, told in whole["secrets"].items()}
    return {name: Part(name, said, files, root) for name, said in whole["services"].items()}


def laid_over(under: Any, over: Any) -> Any:
    """Two files as docker compose merges them: mappings by key, lists added, the rest replaced."""
    if isinstance(under, dict) and isinstance(over, dict):
        both = {key: laid_over(under[key], over[key]) for key in under.keys() & over.keys()}
        return {**under, **over, **both}
    if isinstance(under, list) and isinstance(over, list):
        return [*under, *over]
    return over


def _filled(node: Any, values: Mapping[str, str]) -> Any:
    """The node with `${NAME:-default}` filled in, as docker compose does it."""

    def one(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        return values.get(match["name"]) or match["default"] or ""

    if isinstance(node, dict):
        return {key: _filled(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(each, values) for each in node]
    return _VARIABLE.sub(one, node) if isinstance(node, str) else node
