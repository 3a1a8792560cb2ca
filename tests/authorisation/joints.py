"""Grid's cases that several units have, and many dispatched at once; and what each operation is sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.common.ids import new_id
from tests.authorisation.calls import Call
from tests.grid.factories import Desk, known_unit


class Joints:
    """A filed case, and one that a unit leads with another beside it."""

    def __init__(self, units: list[str], cases: dict[str, UUID], versions: dict[str, int]) -> None:
        self.units = units
        self.cases = cases
        self.versions = versions

    @classmethod
    async def made(cls, desk: Desk) -> Joints:
        """Make both."""
        units = [str(await known_unit(desk.database)) for _ in range(3)]
        cases = {"filed": await desk.filed(), "shared": await desk.filed()}
        body = {"unit_id": units[0], "partners": [{"unit_id": units[1]}]}
        await desk.step(cases["shared"], "dispatch-jointly", body)
        versions = {name: (await desk.case(case_id)).version for name, case_id in cases.items()}
        return cls(units, cases, versions)

    def _at(self, name: str, body: Any) -> Call:
        return Call({"case_id": str(self.cases[name])}, body, self.versions[name])

    def calls(self) -> dict[str, Call]:
        """What each operation is sent."""
        lead, beside, third = self.units
        why = {"unit_id": beside, "reason": "经研究"}
        steps = {
            "dispatch-jointly": self._at("filed", {"unit_id": lead, "partners": [{"unit_id": beside}]}),
            "add-partner": self._at("shared", {"unit_id": third}),
            "release-partner": self._at("shared", why),
            "designate-partner": self._at("shared", why),
        }
        return {
            **{f"POST /cases/{{case_id}}/{step}": call for step, call in steps.items()},
            "PUT /dispatches": Call(body=self._batch, shows='"status":200'),
        }

    def _batch(self) -> dict[str, Any]:
        """One case of a batch, under a fresh operation id."""
        stands = {"case_id": str(self.cases["filed"]), "base_version": self.versions["filed"]}
        return {"items": [stands | {"operation_id": str(new_id()), "body": {"squad": "网格处置一队"}}]}
