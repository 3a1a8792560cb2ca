"""Fixtures of the whole run: one PostgreSQL and one Kafka for all workers, templates and their clones."""

from __future__ import annotations

from tests.support import measuring

# isort: split
from libs.common import garbage

# isort: split
import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from libs.common.embedded.kafka import Kafka
from libs.common.embedded.postgres import Postgres
from tests.support.databases import Databases
from tests.support.servers import Run, close_run, kafka_of, open_run, postgres_of

RUN = pytest.StashKey[Run]()

NewDatabase = Callable[[str], Awaitable[str]]

LANES = ("arena", "platform")
"""The fixtures of tests that start a whole platform; those of one fixture take it in turns."""


def pytest_configure(config: pytest.Config) -> None:
    """Open the run, or join the run of the process that started this worker."""
    config.stash[RUN] = open_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Write down what was measured; end the run's servers, if this process opened it."""
    measuring.end()
    run = config.stash.get(RUN, None)
    if run is not None:
        close_run(run)


def pytest_collection_finish() -> None:
    """What was collected stays to the end of the run."""
    garbage.keep_what_is()


def pytest_xdist_auto_num_workers() -> int:
    """Workers of `-n auto`: the tests wait for servers a third of their time, so more than cores.

    Not many more: with four on two cores whole platforms hinder each other, and all takes a minute longer.
    """
    cores = len(os.sched_getaffinity(0))
    return cores + (cores + 1) // 2


def _asks_for(item: pytest.Item, fixture: str) -> bool:
    return fixture in getattr(item, "fixturenames", ())


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, each lane on a worker of its own: on two it would wait for itself."""
    workers = max(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")), 1)
    lanes = [[item for item in items if _asks_for(item, lane)] for lane in LANES]
    share = len(items) // workers
    rest = [item for item in items if not any(item in lane for lane in lanes)]
    # A worker begins with its share of the list, and the quick ones then take from the others' ends.
    first, second = lanes
    # Both lanes need the prepared platform: while one makes it, the other does what needs none.
    second.sort(key=lambda item: _asks_for(item, "prepared"))
    fill = share - len(first) if workers > 1 else 0
    items[:] = [*first, *rest[:fill], *second, *rest[fill:]]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures that tests have noted: times, rates, seeds."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in report.user_properties:
                if name == "figures":
                    terminalreporter.write_line(str(value))


@pytest.fixture(scope="session")
def run(request: pytest.FixtureRequest) -> Run:
    """The test run that this process belongs to."""
    return request.config.stash[RUN]


@pytest.fixture(scope="session")
def postgres(run: Run) -> Postgres:
    """The run's PostgreSQL 18, shared by all workers; without durability."""
    return postgres_of(run)


@pytest.fixture(scope="session")
def kafka(run: Run) -> Kafka:
    """The run's Kafka broker, shared by all workers; each service is a principal of its own."""
    return kafka_of(run)


@pytest.fixture(scope="session")
def databases(run: Run, postgres: Postgres) -> Databases:
    """Makes templates once per run and clones of them."""
    return Databases(postgres, run.folder)


@pytest.fixture(scope="session")
def template_database(databases: Databases) -> Callable[[str], str]:
    """`template_database("grid")`: the name of the service's migrated, empty template."""
    return databases.of_service


@pytest.fixture
async def new_database(databases: Databases) -> AsyncIterator[NewDatabase]:
    """`await new_database("grid")`: the URL of a migrated database of the test's own, dropped after it."""
    made: list[str] = []

    async def make(service: str) -> str:
        template = await asyncio.to_thread(databases.of_service, service)
        name, url = await asyncio.to_thread(databases.clone, template)
        made.append(name)
        return url

    yield make
    for name in made:
        await asyncio.to_thread(databases.drop, name)
