"""Containers' names, ports and paths as they are on this machine: loopback, and folders of the test."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from libs.common.embedded.processes import LOOPBACK, free_port
from libs.common.tree import repository_root
from tests.compose.composition import Part

SECRETS = "/run/secrets"
OWN = ("0.0.0.0", LOOPBACK, "localhost")


class Places:
    """Where everything of a composition is here. `root` is the test's folder."""

    def __init__(self, parts: Mapping[str, Part], root: Path) -> None:
        self.root = root
        self.ports: dict[tuple[str, int], int] = {}
        for part in parts.values():
            for port in part.ports:
                self.ports[part.name, port] = free_port(avoid=self.ports.values())
        hosts = "|".join(re.escape(name) for name in (*parts, *OWN))
        self._address = rf"(?<![\w.-])(?P<host>{hosts})(?P<between>[:/])(?P<port>\d+)\b"

    def port(self, part: Part) -> int:
        """The first port of the part, here."""
        return self.ports[part.name, part.ports[0]]

    def folder(self, part: Part) -> Path:
        """The folder of the part."""
        return self.root / part.name

    def paths(self, part: Part) -> dict[str, str]:
        """Path in the container -> path here, of everything that is mounted into it."""
        home = self.folder(part)
        found = {"/tmp": str(home / "tmp"), SECRETS: str(home / "secrets")}
        found |= {"/srv/jiayuan": str(repository_root()), "/opt/kafka/bin": str(home / "bin")}
        for target, source in part.mounts.items():
            kept = home if source.startswith((".", "/")) else self.root / "volumes"
            found[target] = str(kept / (source if kept != home else Path(target).name))
        return found

    def here(self, part: Part, text: str) -> str:
        """The text of a command, a variable or a file of the part, as it has to be on this machine."""
        paths = self.paths(part)
        known = "|".join(re.escape(path) for path in sorted(paths, key=len, reverse=True))
        either = re.compile(rf"{self._address}|(?P<path>(?<![\w.]){known})(?![\w-])")

        def one(match: re.Match[str]) -> str:
            if match["path"]:
                return paths[match["path"]]
            name = part.name if match["host"] in OWN else match["host"]
            port = self.ports.get((name, int(match["port"])))
            return match[0] if port is None else f"{LOOPBACK}{match['between']}{port}"

        return either.sub(one, text)

    def arguments(self, part: Part, words: list[str]) -> list[str]:
        """The same for the words of a command, which may be an address or a port alone."""
        ports = {str(port): str(self.ports[part.name, port]) for port in part.ports}
        alone = {**ports, "0.0.0.0": LOOPBACK}
        return [alone.get(word) or self.here(part, word) for word in words]

    def furnish(self, part: Part) -> None:
        """Make the part's folders, its secrets and its mounted files."""
        home = self.folder(part)
        for folder in (home, home / "tmp", home / "secrets", self.root / "volumes"):
            folder.mkdir(exist_ok=True)
        for name, secret in part.secrets.items():
            (home / "secrets" / name).write_bytes(secret.read_bytes())
        for target, source in part.mounts.items():
            place = Path(self.paths(part)[target])
            if source.startswith("."):
                place.write_text(self.here(part, (part.root / source).read_text("utf-8")), "utf-8")
            else:
                place.mkdir(exist_ok=True)
