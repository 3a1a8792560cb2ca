"""Every example request that the document shows is sent by somebody who may, and answered as documented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from libs.common.http import examples
from libs.common.http.app import outline
from libs.common.policy import Role
from tests.authorisation.access import SERVICES
from tests.authorisation.calls import Call, World
from tests.authorisation.places import Place
from tests.authorisation.table import FILE, PLACES, Operation, Service, read_table
from tests.common.http.documents import absolute, operations

TABLE = read_table(FILE.read_text("utf-8"))

OURS: Mapping[Service, Mapping[Operation, tuple[str, ...]]] = {
    "grid": {
        "POST /cases/{case_id}/merge": ("into",),
        "POST /orders/{order_id}/name-accused": ("unit_id",),
        "POST /nodes": ("covers",),
        "POST /cases/{case_id}/study": ("participant_ids",),
        "POST /cases/{case_id}/dispatch-jointly": ("partners",),
        "POST /cases/{case_id}/add-partner": ("unit_id",),
        "POST /cases/{case_id}/release-partner": ("unit_id",),
        "POST /cases/{case_id}/designate-partner": ("unit_id",),
        "POST /ratings": ("receipt_number", "phone_tail"),
        "POST /cases/{case_id}/repair": ("unit_id",),
        "POST /dissuasions": ("estate_id",),
        "POST /submissions": ("estate_id",),
        "POST /collection-points": ("estate_id",),
        "POST /removals": ("point_id",),
    },
    "tasks": {
        "POST /duties": ("category", "lead_unit_ids"),
        "POST /tasks": ("unit_id",),
        "POST /tasks/{task_id}/staff": ("assignee",),
        "POST /tasks/{task_id}/chase": ("unit_id",),
    },
    "disputes": {
        "POST /types": ("code",),
        "POST /disputes/{dispute_id}/consents": ("party_ids",),
        "POST /disputes/{dispute_id}/refuse": ("party_id",),
        "POST /disputes/{dispute_id}/object": ("party_id",),
        "POST /disputes/{dispute_id}/extend": ("party_ids",),
        "PUT /api-keys/{key_id}": ("areas",),
    },
    "targets": {
        "PUT /targets/{target_id}": ("plan_id",),
        "PUT /targets/{target_id}/allocations": ("items",),
        "PUT /api-keys/{key_id}": ("areas",),
    },
}  # fmt: skip
"""Fields of an example that name a record: the world's own takes its place."""


FROM_AROUND = frozenset({"POST /nodes", "POST /bodies", "PUT /api-keys/{key_id}"})
"""Operations whose example is for the area around the world's: whoever works there sends it."""


@cache
def document_of(name: Service) -> dict[str, Any]:
    """The service's document."""
    (service,) = (service for service in SERVICES if service.name == name)
    return outline(service).openapi()


@dataclass(frozen=True)
class Shown:
    """One example of the document: of an operation's body, or of a reading's parameters."""

    service: Service
    operation: Operation
    name: str
    body: Any
    params: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.service} {self.operation} {self.name}"


def shown(service: Service, document: Mapping[str, Any]) -> Iterator[Shown]:
    """Every example of the service's document; of a body that has none there is one that is not there."""
    for operation, told in operations(document):
        named = operation.replace(f"/{service}/v1", "", 1)
        if "requestBody" not in told:
            params = {
                each["name"]: each["schema"]["examples"][0]
                for each in told.get("parameters", ())
                if each["in"] == "query" and "examples" in each["schema"]
            }
            yield Shown(service, named, "parameters", None, params)
        elif examples.JSON in told["requestBody"]["content"]:
            for name, body in (examples.named(told) or {"missing": None}).items():
                yield Shown(service, named, name, body, {})


@cache
def who_may(service: Service, operation: Operation) -> tuple[Operation, Role, Place]:
    """A call of the operation, and who may send it."""
    place = Place.CHILD if operation in FROM_AROUND else Place.OWN
    for named, roles in TABLE.rows[service].items():
        if named.partition(" [")[0] == operation:
            for role, letters in roles.items():
                if letters[PLACES.index(place)] == "+":
                    return named, role, place
    raise AssertionError(f"nobody may {operation}")


async def fault_of(world: World, example: Shown) -> str:
    """Why the example is not answered as documented; nothing if it is."""
    if example.name == "missing":
        return f"{example}: the body has no example"
    named, role, place = who_may(example.service, example.operation)
    call = world.calls.get(named, Call())
    prepared = call.body() if callable(call.body) else call.body
    ours = {name: prepared[name] for name in OURS.get(example.service, {}).get(example.operation, ())}
    sent = replace(
        call, body={**example.body, **ours} if ours else example.body, params=example.params or call.params
    )
    answer = await world.answer(example.operation, sent, role, place)
    if answer.status_code == 412:  # the world's calls need not know the version for what they ask
        sent = replace(sent, version=answer.json()["data"]["current"])
        answer = await world.answer(example.operation, sent, role, place)
    if not 200 <= answer.status_code < 300:
        return f"{example} as {role}: {answer.status_code} {answer.text[:400]}"
    return not_as_documented(example, answer)


def not_as_documented(example: Shown, answer: httpx.Response) -> str:
    """What is wrong with the answer by the document."""
    document = document_of(example.service)
    method, path = example.operation.split()
    told = document["paths"][f"/{example.service}/v1{path}"][method.lower()]["responses"]
    if str(answer.status_code) not in told:
        return f"{example}: {answer.status_code} is not documented"
    content = told[str(answer.status_code)].get("content", {}).get(examples.JSON)
    if content is None or not answer.content:
        return ""
    schema = absolute(content["schema"])
    checker = validator_for(schema, Draft202012Validator)(schema, registry=registry_of(example.service))
    return "".join(
        f"{example}: {error.json_path} {error.message[:200]}\n"
        for error in checker.iter_errors(answer.json())
    )


@cache
def registry_of(service: Service) -> Registry[Any]:
    """Where the references of a document are found."""
    resource = DRAFT202012.create_resource(document_of(service))
    registry: Registry[Any] = Registry().with_resource("urn:document", resource)
    return registry


async def judge(world: World) -> None:
    """Send every example; every fault is a line of the failure."""
    faults = [
        fault
        for example in shown(world.service, document_of(world.service))
        if (fault := await fault_of(world, example))
    ]
    assert faults == [], "\n" + "\n".join(faults)


def test_a_body_without_an_example_is_found() -> None:
    document = deepcopy(document_of("grid"))
    del document["paths"]["/grid/v1/cases/{case_id}/urge"]["post"]["requestBody"]["content"][examples.JSON][
        "examples"
    ]
    missing = [each.operation for each in shown("grid", document) if each.name == "missing"]
    assert missing == ["POST /cases/{case_id}/urge"]


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (200, {"items": [], "next": None, "total": None}, ""),
        (200, {"items": 1, "next": None, "total": None}, "items"),
        (202, {}, "not documented"),
    ],
)
def test_an_answer_off_the_document_is_found(status: int, body: Any, found: str) -> None:
    example = Shown("grid", "GET /cases", "parameters", None, {})
    told = not_as_documented(example, httpx.Response(status, json=body))
    assert found in told
    assert bool(told) == bool(found)


async def test_grid(grid: World) -> None:
    await judge(grid)


async def test_tasks(tasks: World) -> None:
    await judge(tasks)


async def test_disputes(disputes: World) -> None:
    await judge(disputes)


async def test_targets(targets: World) -> None:
    await judge(targets)
