"""Reads `table.txt`, where it is written by hand who may do what, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from libs.common.policy import Role
from tests.authorisation.places import Place

FILE = Path(__file__).with_name("table.txt")
_ROW = re.compile(
    r"(?P<operation>[A-Z]+ /\S*(?: \[[^]]+\])?)?\s+(?P<who>[a-z_ ]+?)\s+(?P<letters>[+x.](?: [+x.]){5})"
)
NOWHERE = "xxxxxx"
"""What whoever is not named gets: refused by role, wherever they stand."""

PLACES = tuple(Place)
Service = str
Operation = str


@dataclass
class Table:
    """Of each service: what each role is to get from each operation, a letter per place."""

    rows: dict[Service, dict[Operation, dict[Role, str]]] = field(default_factory=dict)

    def expected(self, service: Service, operation: Operation, role: Role) -> str:
        """Six letters in the order of `Place`: `+` allowed, `x` refused, `.` not theirs to know of."""
        return self.rows[service][operation].get(role, NOWHERE)


def read_table(text: str) -> Table:
    """The table. Raises `ValueError` for a line that says nothing clear."""
    table = Table()
    groups: dict[str, tuple[Role, ...]] = {role.value: (role,) for role in Role}
    rows: dict[Operation, dict[Role, str]] = {}
    operation = ""
    for line in _lines(text):
        if line.startswith("["):
            rows = table.rows.setdefault(line.strip("[]"), {})
        elif " = " in line:
            name, _, members = line.partition(" = ")
            groups[name.strip()] = tuple(role for each in members.split() for role in groups[each])
        else:
            named, who, letters = _parts(line)
            operation = named or operation
            if named and named in rows:
                raise ValueError(f"{named} stands twice")
            _fill(rows.setdefault(operation, {}), [role for each in who for role in groups[each]], letters)
    return table


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        told = line.partition("#")[0].rstrip()
        if told.strip():
            yield told


def _parts(line: str) -> tuple[Operation, list[str], str]:
    """`METHOD /path [variant]` or nothing, who, and six letters."""
    found = _ROW.fullmatch(line)
    if found is None:
        raise ValueError(f"an operation, roles and six letters are wanted: {line}")
    return found["operation"] or "", found["who"].split(), found["letters"].replace(" ", "")


def _fill(row: dict[Role, str], roles: list[Role], letters: str) -> None:
    for role in roles:
        if role in row:
            raise ValueError(f"{role} stands twice in one operation")
        row[role] = letters
