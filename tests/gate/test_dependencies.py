"""What a route depends on is a coroutine: FastAPI runs any other function in a thread, which costs more."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from libs.common.http.app import outline
from services.cli import SERVICES


def in_threads(dependant: Dependant) -> Iterator[str]:
    """The functions that would run in a thread of their own."""
    for needed in dependant.dependencies:
        if not inspect.iscoroutinefunction(needed.call):
            yield getattr(needed.call, "__qualname__", repr(needed.call))
        yield from in_threads(needed)


@pytest.mark.parametrize("name", SERVICES)
def test_no_route_depends_on_a_plain_function(name: str) -> None:
    routes = [context.original_route for context in iter_route_contexts(outline(SERVICES[name]).routes)]
    found = {
        f"{route.path}: {function}"
        for route in routes
        if isinstance(route, APIRoute)
        for function in in_threads(route.dependant)
    }
    assert not found, "\n".join(sorted(found))


def test_a_plain_function_is_found() -> None:
    def plain() -> int:
        return 1

    planted = Dependant(dependencies=[Dependant(call=plain)])
    assert len(list(in_threads(planted))) == 1
