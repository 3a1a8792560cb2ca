"""Schemathesis over every operation of a service, as one caller: generated requests, links, all checks."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import schemathesis
from schemathesis import AuthContext, Case, GenerationMode, HookContext, Response, hooks
from schemathesis.core.failures import Failure
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

from libs.common.clocks import utc_now
from libs.common.ids import new_id
from libs.common.tables import MEDIA_TYPE
from tests.fuzz.bodies import Composer
from tests.fuzz.callers import NEIGHBOURHOOD, Callers

OURS = 0.5
"""Share of well-formed requests that are made plausible."""

REFUSALS = ["400", "401", "403", "404", "405", "409", "412", "413", "414", "415", "422", "428", "431"]
CHECKS: Mapping[str, Any] = {
    # 422 and 409 are answers about meaning, which no schema tells; 400 to what fits the schema is a fault.
    "positive_data_acceptance": {
        "expected-statuses": ["2xx", "304", "401", "403", "404", "409", "412", "422"]
    },
    "negative_data_rejection": {"expected-statuses": REFUSALS},
    "missing_required_header": {"expected-statuses": REFUSALS},
}
schemathesis.serializer.alias(MEDIA_TYPE, "application/octet-stream")


@dataclass(frozen=True)
class Budget:
    """How much is tried: examples per operation, and whether every boundary of every schema is.

    `seconds` None: until all is done.
    """

    seed: int
    examples: int
    coverage: bool
    steps: int
    seconds: float | None = None

    def config(self) -> schemathesis.Config:
        """The same as Schemathesis is told it."""
        told: dict[str, Any] = {
            "seed": self.seed,
            "continue-on-failure": True,
            "generation": {"max-examples": self.examples, "no-shrink": True, "database": "none"},
            "checks": dict(CHECKS),
            "phases": {
                "coverage": {"enabled": self.coverage},
                "stateful": {"enabled": self.steps > 0, "max-steps": max(self.steps, 2)},
            },
        }
        if self.seconds is not None:
            told["max-time"] = self.seconds
        return schemathesis.Config.from_dict(told)


@dataclass
class Found:
    """What a run did and what it found wrong, each kind of fault of an operation once."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)

    def take_in(self, recorder: ScenarioRecorder) -> None:
        """Count a scenario's cases and keep what its checks say."""
        self.cases += len(recorder.interactions)
        answers = {id_: each.response for id_, each in recorder.interactions.items() if each.response}
        self.statuses.update(answer.status_code for answer in answers.values())
        for case_id, checks in recorder.checks.items():
            for check in checks:
                if check.failure_info is not None:
                    answer = answers.get(case_id)
                    said = f"{answer.status_code} {answer.text[:600]}" if answer else "no answer"
                    label = recorder.cases[case_id].value.operation.label
                    told = f"{check.failure_info.failure}\n{check.failure_info.code_sample}\n-> {said}"
                    self.faults.setdefault(f"{label}: {check.name}", told)

    def told(self) -> str:
        """One line of figures."""
        by_status = ", ".join(f"{status} × {count}" for status, count in sorted(self.statuses.items()))
        faults = "".join(f"\n{name}: {told}" for name, told in self.faults.items())
        return f"{self.cases} cases ({by_status}), {len(self.faults)} faults{faults}"

    def __iadd__(self, other: Found) -> Found:
        self.cases += other.cases
        self.statuses += other.statuses
        self.faults = other.faults | self.faults
        return self


def run(url: str, service: str, caller: str, callers: Callers, budget: Budget) -> Found:
    """Try the service's operations as the caller, within the budget."""
    schema = schemathesis.openapi.from_url(f"{url}/{service}/openapi.json", config=budget.config())

    class Bearer:
        """Signs the caller in; Schemathesis asks anew every 5 minutes."""

        def get(self, case: Case[Any], context: AuthContext) -> str:
            return callers.token(caller, service)

        def set(self, case: Case[Any], data: str, context: AuthContext) -> None:
            case.headers["Authorization"] = f"Bearer {data}"

    schema.auth()(Bearer)
    shared = shared_paths(schema.raw_schema["paths"])
    enlivened = Enlivened(schema.raw_schema, budget.seed)

    def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
        enlivened(case)

    @schema.hook
    def filter_failure(context: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
        return not is_meant(failure, response, shared=case.operation.path in shared)

    # This hook is Schemathesis's global one: it is taken back, for another schema follows.
    schemathesis.hook(before_call)
    try:
        return gathered(from_schema(schema).execute())
    finally:
        hooks.unregister(before_call)


class Enlivened:
    """Makes many of the well-formed requests plausible, and gives a `PUT` an id of our kind."""

    def __init__(self, document: Mapping[str, Any], seed: int) -> None:
        self._document = document
        self._luck = random.Random(seed)
        self._composer = Composer(document, self._luck, {"area": [NEIGHBOURHOOD]})

    def __call__(self, case: Case[Any]) -> None:
        """Change the case in place, if it is well-formed and has the luck."""
        well_formed = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
        if not well_formed or self._luck.random() > OURS:
            return
        path = case.operation.path
        if case.method.upper() == "PUT" and path.endswith("_id}"):
            name = path.rpartition("{")[2].rstrip("}")
            case.path_parameters = {**case.path_parameters, name: str(new_id())}
        body = self._composer.body(self._document["paths"][path][case.operation.method], utc_now())
        if body is not None:
            case.body = body


def gathered(stream: Iterable[events.EngineEvent]) -> Found:
    """What the engine's events tell."""
    found = Found()
    for event in stream:
        if isinstance(event, events.ScenarioFinished):
            found.take_in(event.recorder)
        elif isinstance(event, events.NonFatalError):
            found.faults.setdefault(f"{event.label}: error", f"{event.value!r}")
        elif isinstance(event, events.FatalError):
            found.faults.setdefault("fatal", f"{event.exception!r}")
    return found


def shared_paths(paths: Iterable[str]) -> frozenset[str]:
    """Paths whose last word stands where another path expects an id."""
    ids = {path.rpartition("/{")[0] for path in paths if path.endswith("}")}
    return frozenset(path for path in paths if path.rpartition("/")[0] in ids and not path.endswith("}"))


def is_meant(failure: Failure, response: Response, *, shared: bool) -> bool:
    """What a check takes for a fault and the interface means.

    A cursor is text that only the list itself can make. A word below a collection (`/disputes/by-deadline`)
    is where another operation expects an id, and that one answers for the methods that it knows.
    """
    if response.status_code == 400 and "positive_data_acceptance" in failure.checks:
        return _code(response) == "cursor-invalid"
    return shared and not {"unsupported_method", "allow_header_conformance"}.isdisjoint(failure.checks)


def _code(response: Response) -> str:
    try:
        return str(orjson.loads(response.content)["code"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""
