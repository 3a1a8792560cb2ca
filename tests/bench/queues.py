"""A device's queue 离线队列: a hundred operations at a time, after a morning without a network."""

from __future__ import annotations

from tests.bench import scripts
from tests.bench.board import Rate
from tests.bench.loads import drive, intake_order
from tests.bench.pgbench import Pgbench
from tests.bench.plan import Bench
from tests.bench.stage import drained

CONNECTIONS, OPERATIONS = 4, 100


def measure(bench: Bench) -> None:
    """`sync_100`: operations per second ÷ as many transactions of three inserts, one after the other."""
    stage = bench.stage
    url = stage.grid("grid_bench")
    stage.grid("grid_limit")
    with stage.api(url) as api:
        drive(api.url, "reports", 8, 1.0, **intake_order(stage, "grid_bench"))
        api.settle()
        drive(api.url, "reports", 8, 0.5, **intake_order(stage, "grid_bench"))
        files = scripts.row_by_row(stage.folder, scripts.samples(stage, "grid_bench"))
        limits = Pgbench(stage.postgres, "grid_limit")
        with stage.worker(url) as worker:
            drained(stage, "grid_bench")
            worker.settle()
            for _ in bench.each_round("sync_100"):
                limit = limits.tps(files, clients=CONNECTIONS, seconds=bench.seconds, first=bench.next_run())
                order = {**intake_order(stage, "grid_bench"), "batch": OPERATIONS}
                one = drive(api.url, "queues", CONNECTIONS, bench.seconds, **order)
                drained(stage, "grid_bench")
                bench.board.add("sync_100", one.rate("queue") * OPERATIONS, limit)
    times = one.ms(0.5, "queue"), one.ms(0.99, "queue")
    bench.board.rates.append(Rate("queue of 100 离线队列", CONNECTIONS, one.rate("queue"), *times))
