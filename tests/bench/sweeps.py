"""Sweeps 定时处理: a hundred thousand cases are due at once, and each goes up one level."""

from __future__ import annotations

from pathlib import Path

from services.grid.cases.models import ESCALATING
from tests.bench import scripts
from tests.bench.bus import chore
from tests.bench.loads import drive, intake_order
from tests.bench.pgbench import Pgbench
from tests.bench.plan import Bench

DUE, BATCH = 100_000, 100
SWEPT, LIMIT = "grid_swept", "grid_swept_limit"

_FILL = """INSERT INTO grid_case (id, version, fingerprint, receipt_number, state, channel, category,
    description, words, found_at, reported_at, reported_by, verification, area, level, loop, capable_level)
SELECT uuidv7(), version, fingerprint, 'S' || n, 'filed', channel, category, description, words, found_at,
    reported_at, reported_by, verification, area, 'information_point', 'self', 'information_point'
FROM (SELECT * FROM grid_case ORDER BY id LIMIT 1) AS one CROSS JOIN generate_series(1, {count}) AS n"""

_DUE = """UPDATE grid_case SET level = 'information_point', loop = 'self',
    escalate_at = now() - interval '1 hour' - (random() * interval '1 day') WHERE receipt_number LIKE 'S%'"""

_BEST = """WITH due AS (
    SELECT id, version + 1 AS version, area, round, due_at FROM grid_case
    WHERE {escalating} AND escalate_at <= now() ORDER BY escalate_at, id LIMIT {batch} FOR UPDATE SKIP LOCKED
), moved AS (
    UPDATE grid_case AS c SET level = 'workstation', loop = 'micro', version = due.version,
        escalated_at = now(), escalate_at = now() + interval '1 day', queue = 'escalated',
        queue_due_at = now()
    FROM due WHERE c.id = due.id
), kept AS (
    INSERT INTO escalation (id, case_id, round, area, from_level, to_level, reason, due_at, at, by)
    SELECT uuidv7(), id, round, area, 'information_point', 'workstation', 'timeout', due_at, now(), 'system'
    FROM due
), told AS ({history} FROM due RETURNING aggregate_id)
{outbox} FROM due;
"""


def measure(bench: Bench) -> None:
    """`sweep`: cases per second by the worker's own sweep ÷ one statement for each batch."""
    stage = bench.stage
    url = stage.grid(SWEPT)
    with stage.api(url) as api:
        drive(api.url, "reports", 4, 1.0, **intake_order(stage, SWEPT))
    file = _script(bench)
    with bench.step(f"{DUE:,} cases"):
        stage.run_sql(SWEPT, _FILL.format(count=DUE))
        stage.run_sql(SWEPT, "DELETE FROM outbox")
        stage.database(LIMIT, template=SWEPT)
    for _ in bench.each_round("sweep"):
        for database in (SWEPT, LIMIT):
            stage.run_sql(database, _DUE)
            stage.run_sql(database, "VACUUM ANALYZE grid_case")
        limit = Pgbench(stage.postgres, LIMIT).tps([file], clients=1, seconds=bench.seconds)
        swept = chore("sweep", url=url, seconds=bench.seconds, batch=BATCH)
        bench.board.add("sweep", swept["rate"], limit * BATCH)


def _script(bench: Bench) -> Path:
    (one, *_) = scripts.samples(bench.stage, SWEPT)
    told = {"aggregate_id": "due.id", "version": "due.version"}
    file = bench.stage.folder / "sweep.sql"
    file.write_text(
        _BEST.format(
            escalating=ESCALATING,
            batch=BATCH,
            history=scripts.selected("history", {**one.history.columns, **told}),
            outbox=scripts.selected("outbox", {**one.outbox.columns, **told, "event_id": "uuidv7()"}),
        ),
        "utf-8",
    )
    return file
