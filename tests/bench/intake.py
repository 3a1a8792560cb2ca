"""Intake 上报: single reports, batches, whole cases, each against what the database does by itself."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from tests.bench import scripts
from tests.bench.board import Rate
from tests.bench.loads import Outcome, bare_server, case_order, drive, intake_order, upload_photos
from tests.bench.pgbench import Pgbench
from tests.bench.plan import Bench
from tests.bench.stage import Process, drained

CONNECTIONS = 32
OTHERS = (1, 8)
KNOWN_SECONDS = 3.0


def measure(bench: Bench) -> None:
    """`intake_32`, `intake_p99_over_p50`, `batch_100`, `lifecycle`, and the absolute rates."""
    stage = bench.stage
    url = stage.grid("grid_bench")
    stage.grid("grid_limit")
    upload_photos(stage, "grid_bench")
    with stage.api(url) as api:
        drive(api.url, "reports", 8, 1.0, **intake_order(stage, "grid_bench"))
        api.settle()
        drive(api.url, "reports", 8, 0.5, **intake_order(stage, "grid_bench"))
        found = scripts.samples(stage, "grid_bench")
        assert found, "the API has written nothing"
        with stage.worker(url) as worker:
            drained(stage, "grid_bench")
            worker.settle()
            if bench.wants("intake_32", "intake_p99_over_p50"):
                _single(bench, api, found)
            if bench.wants("batch_100"):
                _batches(bench, api.url, found)
            if bench.wants("lifecycle"):
                _cases(bench, api.url, found)


def _limit(bench: Bench) -> Pgbench:
    return Pgbench(bench.stage.postgres, "grid_limit")


def _single(bench: Bench, api: Process, found: list[scripts.Sample]) -> None:
    url, stage, files = api.url, bench.stage, scripts.row_by_row(bench.stage.folder, found)
    outcomes, costs = [], list[Costs]()
    for _ in bench.each_round("intake_32"):
        began = stage.database_cpu()
        limit = _limit(bench).tps(files, clients=CONNECTIONS, seconds=bench.seconds, first=bench.next_run())
        between, used = stage.database_cpu(), api.cpu
        one = drive(url, "reports", CONNECTIONS, bench.seconds, **intake_order(bench.stage, "grid_bench"))
        costs.append(
            Costs(
                (between - began) / (limit * bench.seconds),
                (api.cpu - used) / sum(one.statuses.values()),
                (stage.database_cpu() - between) / sum(one.statuses.values()),
            )
        )
        drained(bench.stage, "grid_bench")
        bench.board.add("intake_32", one.rate("report"), limit)
        bench.board.add("intake_p99_over_p50", one.ms(0.99, "report"), one.ms(0.5, "report"))
        outcomes.append(one)
    _tell(bench, "create 上报", CONNECTIONS, outcomes[-1], "report")
    for connections in OTHERS:
        order = intake_order(bench.stage, "grid_bench")
        _tell(
            bench,
            "create 上报",
            connections,
            drive(url, "reports", connections, bench.seconds, **order),
            "report",
        )
    _generator(bench, outcomes[-1])
    bench.board.notes.append(_told(costs))


class Costs(NamedTuple):
    """Seconds of processor time for a report: of the database in the limit, of the API, of its database."""

    limit: float
    api: float
    database: float


def _told(costs: Sequence[Costs]) -> str:
    """What a report costs: steadier than rates where other work runs beside."""
    limit, api, database = (median(column) * 1e6 for column in zip(*costs, strict=True))
    return (
        f"processor time of a report: API {api:,.0f} µs, its database {database:,.0f} µs (worker's part"
        f" included); of the limit's three inserts: database {limit:,.0f} µs"
    )


def _generator(bench: Bench, one: Outcome) -> None:
    """How far the generator is from being the limit."""
    with bare_server() as url:
        order = intake_order(bench.stage, "grid_bench")
        bare = drive(url, "bare", CONNECTIONS, min(2.0, bench.seconds), **order)
    bench.board.notes.append(
        f"load generator: {one.busy:.0%} of a core at {one.rate('report'):,.0f}/s;"
        f" {bare.rate('report'):,.0f}/s against a server that answers at once"
    )


def _batches(bench: Bench, url: str, found: list[scripts.Sample]) -> None:
    files = scripts.many_rows(bench.stage.folder, found)
    for _ in bench.each_round("batch_100"):
        limit = _limit(bench).tps(files, clients=4, seconds=bench.seconds, first=bench.next_run())
        order = {**intake_order(bench.stage, "grid_bench"), "batch": 100}
        one = drive(url, "batches", 4, bench.seconds, **order)
        drained(bench.stage, "grid_bench")
        bench.board.add("batch_100", one.rate("batch") * 100, limit * scripts.MULTI)
    _tell(bench, "batch of 100 批量上报", 4, one, "batch")


def _cases(bench: Bench, url: str, found: list[scripts.Sample]) -> None:
    files = scripts.row_by_row(bench.stage.folder, found)
    made = bench.next_run()
    _limit(bench).tps(files, clients=CONNECTIONS, seconds=KNOWN_SECONDS, first=made)
    known = _least_made(bench, made)
    steps = scripts.one_step(bench.stage.folder, found, made, known)
    for _ in bench.each_round("lifecycle"):
        limit = _limit(bench).tps(steps, clients=CONNECTIONS, seconds=bench.seconds, first=bench.next_run())
        order = case_order(bench.stage, "grid_bench")
        one = drive(url, "cases", CONNECTIONS, bench.seconds, **order)
        drained(bench.stage, "grid_bench")
        bench.board.add("lifecycle", one.rate("report", "step"), limit)
    _tell(bench, "step of a case 环节", CONNECTIONS, one, "report", "step")
    _tell(bench, "whole case 全流程", CONNECTIONS, one, "journey")
    for connections in OTHERS:
        order = case_order(bench.stage, "grid_bench", connections)
        one = drive(url, "cases", connections, bench.seconds, **order)
        _tell(bench, "whole case 全流程", connections, one, "journey")


def _least_made(bench: Bench, run: int) -> int:
    """How many cases the run has made for every one of its clients."""
    prefix = f"{run:08x}"
    rows = bench.stage.run_sql(
        "grid_limit",
        f"SELECT count(*) FROM grid_case WHERE id >= '{prefix}-0000-0000-0000-000000000000'"
        f" AND id <= '{prefix}-ffff-ffff-ffff-ffffffffffff' GROUP BY right(id::text, 12)",
    )
    assert len(rows) == CONNECTIONS, "every client has made cases"
    return min(int(str(count)) for (count,) in rows)


def _tell(bench: Bench, what: str, connections: int, one: Outcome, *kinds: str) -> None:
    bench.board.rates.append(
        Rate(what, connections, one.rate(*kinds), one.ms(0.5, *kinds), one.ms(0.99, *kinds))
    )
