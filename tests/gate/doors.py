"""An import-linter contract: rooms of one service use each other's `service` and `domain` only."""

from __future__ import annotations

from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

DOORS = frozenset({"service", "domain"})


class RoomDoors(Contract):
    """Every import between two rooms of a service goes through a door of the other room."""

    services = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Find every import that enters another room elsewhere than through a door."""
        wrong = []
        named = cast("list[str]", self.services)  # What a field holds once the contract is read.
        for service in named:
            rooms = {name for name in graph.find_children(service) if graph.find_children(name)}
            wrong += [
                f"{importer} -> {imported}"
                for room in rooms
                for importer in graph.find_descendants(room)
                for imported in graph.find_modules_directly_imported_by(importer)
                if _enters_elsewhere(imported, rooms - {room})
            ]
        return ContractCheck(kept=not wrong, metadata={"wrong": sorted(wrong)})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import that is in the way."""
        for line in check.metadata["wrong"]:
            output.print_error(line, bold=False)


def _enters_elsewhere(imported: str, others: set[str]) -> bool:
    room, _, file = imported.rpartition(".")
    return room in others and file not in DOORS
