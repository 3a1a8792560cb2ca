"""The committed contracts 契约文件: `python -m libs.common.events.contracts check | write`.

`check` fails when the files of `docs/contracts` are not what the code says, and when the code would break a
reader of what is committed. `write` brings the files up to date, and refuses to break a reader; `--anew`
forgets what is committed, which is right only while nobody reads it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from libs.common.contracts import EVENTS, TOPICS
from libs.common.events.asyncapi import document
from libs.common.events.contract import Event, Topic
from libs.common.events.schemas import breaks, envelope_schema, event_schema
from libs.common.tree import repository_root

FOLDER = Path("docs/contracts")


class Contracts:
    """The contracts as the code has them, against the files of a folder."""

    def __init__(self, folder: Path, events: Mapping[str, type[Event]], topics: Mapping[str, Topic]) -> None:
        self.folder = folder
        self.wanted = {
            "cloudevent.json": envelope_schema(),
            "asyncapi.json": document(events, topics),
            **{f"schemas/{type_}.json": event_schema(event) for type_, event in events.items()},
        }

    def drift(self) -> list[str]:
        """Files that are missing, outdated, or of no contract any more."""
        committed = self._committed()
        outdated = [name for name, found in self.wanted.items() if committed.get(name) != render(found)]
        return sorted([*outdated, *(committed.keys() - self.wanted.keys())])

    def breaking(self) -> list[str]:
        """What the code would break for readers of the committed schemas."""
        found: list[str] = []
        for name, text in sorted(self._committed().items()):
            if not name.startswith("schemas/"):
                continue
            type_ = Path(name).stem
            if name not in self.wanted:
                found.append(f"{type_}: removed")
            else:
                found += [f"{type_}: {one}" for one in breaks(json.loads(text), self.wanted[name])]
        return found

    def write(self) -> None:
        """Bring the files up to date."""
        for name in self._committed().keys() - self.wanted.keys():
            (self.folder / name).unlink()
        (self.folder / "schemas").mkdir(parents=True, exist_ok=True)
        for name, found in self.wanted.items():
            (self.folder / name).write_text(render(found), encoding="utf-8")

    def _committed(self) -> dict[str, str]:
        files = [*self.folder.glob("*.json"), *self.folder.glob("schemas/*.json")]
        return {path.relative_to(self.folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def render(content: Any) -> str:
    """The text of a file: the same for the same content."""
    return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def run(arguments: Sequence[str], contracts: Contracts) -> tuple[int, list[str]]:
    """What the command does: exit status, and lines for people."""
    breaking = [] if "--anew" in arguments else contracts.breaking()
    if breaking:
        return 1, ["These changes break readers; a break is a new topic with a new major version:", *breaking]
    if arguments[:1] == ["write"]:
        contracts.write()
        return 0, []
    if arguments[:1] != ["check"]:
        return 2, ["usage: python -m libs.common.events.contracts check | write [--anew]"]
    drift = contracts.drift()
    if drift:
        return 1, ["docs/contracts is not what the code says; run `make contracts`:", *drift]
    return 0, []


def main() -> int:
    """The command."""
    status, lines = run(sys.argv[1:], Contracts(repository_root() / FOLDER, EVENTS, TOPICS))
    for line in lines:
        sys.stderr.write(line + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
