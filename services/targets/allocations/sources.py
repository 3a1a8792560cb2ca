"""The shares of the demonstration's targets from the project's files. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from libs.common.ids import stable_id
from services.targets.allocations.domain import Share
from services.targets.plans.service import DEMONSTRATION, for_year, read_yaml

EACH = "each"


def read_shares(folder: Path, year: int) -> dict[UUID, tuple[list[Share], Decimal | None]]:
    """The shares and the reserve of each target of the demonstration, by the target's id."""
    told = for_year(read_yaml(folder / DEMONSTRATION), year)
    return {
        stable_id("target", row["code"]): (list(_shares(row, told)), _figure(row.get("reserve")))
        for row in told["targets"]
    }


def _shares(row: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[Share]:
    given = row["shares"]
    by_towns = row.get("towns_of", ())
    for district in told["districts"]:
        figure = row.get("value") if given == EACH else given[district]
        if district not in by_towns:
            yield _share(row, told, row["unit_kind"], district, figure)
            continue
        for town in told["towns"][district]:
            yield _share(row, told, row["town_kind"], town, figure)


def _share(row: Mapping[str, Any], told: Mapping[str, Any], kind: str, area: str, figure: Any) -> Share:
    code = told["named"].get(kind, {}).get(area, f"{area}.{kind}")
    value = _figure(figure)
    return Share(stable_id("unit", code), area, value, row.get("unit") if value is not None else None)


def _figure(given: int | str | None) -> Decimal | None:
    return None if given is None else Decimal(str(given))
