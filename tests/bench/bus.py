"""The bus 消息总线: publishing to Kafka, consuming, and the time from a commit to its effect elsewhere."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import orjson

from libs.common.contracts import own_topics
from libs.common.embedded.kafka import Kafka
from libs.common.embedded.processes import blocking
from libs.common.events.bus_local import local_bus_grants
from libs.common.events.topics import provision
from libs.common.tree import repository_root
from services.tasks.main import SERVICE as TASKS
from tests.bench import scripts
from tests.bench.board import percentile
from tests.bench.chores import unit_event
from tests.bench.loads import drive, intake_order
from tests.bench.pgbench import Pgbench
from tests.bench.plan import Bench
from tests.bench.stage import Stage

EVENTS = 20_000
RATE = 200
EFFECT_SECONDS = 60.0
SERVICES = ("grid", "tasks", "disputes", "targets")

_LOGGED = """
INSERT INTO outbox (event_id, topic, aggregate_type, aggregate_id, version, type, payload, salt, actor)
SELECT gen_random_uuid(), '{topic}', '{noun}', uuidv7(), 1, '{type}', '{payload}', '\\x00', 'bench'
FROM generate_series(1, {count})
"""

_LATENCIES = """
SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin)) FROM {table} {where} ORDER BY {key}
"""


def chore(what: str, **order: Any) -> dict[str, Any]:
    """Let a process of its own do one piece of work; answers what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.chores", what],
        cwd=repository_root(),
        input=orjson.dumps(order),
        stdout=subprocess.PIPE,
        check=True,
    )
    told: dict[str, Any] = orjson.loads(done.stdout)
    return told


def measure_publish(bench: Bench) -> None:
    """`publish_kafka`: the same events by the publisher and as raw batches, in turns."""
    stage = bench.stage
    url = stage.database("tasks_log", TASKS)
    fill_log(stage, "tasks_log", url)
    with kafka_of(stage, "kafka-log") as kafka:
        for _ in bench.each_round("publish_kafka"):
            order = {"url": url, "kafka": _endpoint(kafka, "tasks"), "events": EVENTS}
            limit = chore("raw", **order)["rate"]
            bench.board.add("publish_kafka", chore("publish", **order)["rate"], limit)


def fill_log(stage: Stage, database: str, url: str, count: int = EVENTS) -> None:
    """A log of so many units, each told once."""
    event = unit_event()
    sql = _LOGGED.format(
        topic=event.topic.name,
        noun=event.topic.noun,
        type=event.type,
        payload=event.model_dump_json(),
        count=count,
    )
    stage.run_sql(database, "DELETE FROM outbox")
    stage.run_sql(database, sql)
    chore("sequence", url=url)


def kafka_of(stage: Stage, name: str) -> Kafka:
    """One broker; the services are principals, with the topics and rules of the contracts."""
    kafka = Kafka(stage.folder / name, principals=SERVICES)
    kafka.start()
    topics = [topic for name in SERVICES for topic in own_topics(name)]
    blocking(lambda: provision(kafka.admin_options(), SERVICES, topics=topics))
    return kafka


def _endpoint(kafka: Kafka, principal: str) -> dict[str, str]:
    found = kafka.endpoint(principal)
    return {
        "kafka_bootstrap": found.bootstrap,
        "kafka_username": found.username,
        "kafka_password": found.password,
    }


def measure_consume(bench: Bench) -> None:
    """`consume`: units of `tasks` become known in `grid`, from the producer's log."""
    stage = bench.stage
    producer = stage.database("tasks_log", TASKS)
    consumer = stage.grid("grid_bench")
    stage.grid("grid_limit")
    fill_log(stage, "tasks_log", producer)
    grant(stage, "tasks_log")
    files = scripts.many_rows(stage.folder, _samples(bench, consumer))
    for _ in bench.each_round("consume"):
        limit = Pgbench(stage.postgres, "grid_limit").tps(
            files, clients=1, seconds=bench.seconds, first=bench.next_run()
        )
        for table in ("known_unit", "version_gate", "consumer_offset"):
            stage.run_sql("grid_bench", f"DELETE FROM {table}")
        read = stage.postgres.url_for("tasks_log", "grid")
        done = chore("consume", url=consumer, producers={"tasks": read}, events=EVENTS)
        bench.board.add("consume", done["rate"], limit * scripts.MULTI)


def _samples(bench: Bench, url: str) -> list[scripts.Sample]:
    with bench.stage.api(url) as api:
        drive(api.url, "reports", 8, 1.0, **intake_order(bench.stage, "grid_bench"))
        return scripts.samples(bench.stage, "grid_bench")


def grant(stage: Stage, database: str) -> None:
    """Let `grid` read the log of `tasks`."""
    for name in SERVICES:
        stage.postgres.ensure_role(name)
    for statement in local_bus_grants("tasks", own_topics("tasks"), SERVICES):
        stage.run_sql(database, statement)


def measure_effects(bench: Bench) -> None:
    """`effect_local`, `effect_kafka`: from the commit in `tasks` to that in `grid`, by the server's clock."""
    stage = bench.stage
    producer, consumer = stage.database("tasks_effect", TASKS), stage.grid("grid_bench")
    grant(stage, "tasks_effect")
    stage.run_sql("tasks_effect", "DELETE FROM outbox")
    local = {"bus": "local", "bus_urls": f'{{"tasks": "{stage.postgres.url_for("tasks_effect", "grid")}"}}'}
    if bench.wants("effect_local"):
        _effect(bench, "effect_local", (producer, consumer), {"tasks": {}, "grid": local})
    if bench.wants("effect_kafka"):
        with kafka_of(stage, "kafka-effects") as kafka:
            settings = {name: {"bus": "kafka", **_endpoint(kafka, name)} for name in SERVICES}
            _effect(bench, "effect_kafka", (producer, consumer), settings)


def _effect(bench: Bench, name: str, urls: tuple[str, str], settings: dict[str, dict[str, str]]) -> None:
    producer, consumer = urls
    seconds = min(EFFECT_SECONDS, 12 * bench.seconds)
    with (
        bench.stage.worker(producer, "tasks", **settings["tasks"]),
        bench.stage.worker(consumer, "grid", **settings["grid"]),
    ):
        # Counted from when the reader has joined and takes what comes: how long it joins is another matter.
        _await_arrival(bench, chore("units", url=producer, rate=20, seconds=5.0)["ids"])
        for _ in range(bench.rounds if seconds < EFFECT_SECONDS else 1):
            with bench.step(f"{name} {seconds:.0f} s"):
                ids = chore("units", url=producer, rate=RATE, seconds=seconds)["ids"]
                bench.board.add(name, percentile(_latencies(bench, ids), 0.99) * 1000)


def _await_arrival(bench: Bench, ids: list[str]) -> str:
    """Wait until all of them are known; answers the condition that chooses them."""
    stage, listed = bench.stage, ", ".join(f"'{one}'" for one in ids)
    wanted = f"WHERE id IN ({listed})"
    arrived = f"SELECT count(*) FROM known_unit {wanted}"
    if not stage.awaited(lambda: stage.run_sql("grid_bench", arrived) == [(len(ids),)], 60.0):
        raise RuntimeError(f"of {len(ids)} effects {stage.run_sql('grid_bench', arrived)} came")
    return wanted


def _latencies(bench: Bench, ids: list[str]) -> list[float]:
    """Seconds between the two commits of each."""
    stage, wanted = bench.stage, _await_arrival(bench, ids)
    effects = stage.run_sql("grid_bench", _LATENCIES.format(table="known_unit", where=wanted, key="id"))
    causes = stage.run_sql(
        "tasks_effect",
        _LATENCIES.format(
            table="history", where=wanted.replace("id IN", "aggregate_id IN"), key="aggregate_id"
        ),
    )
    pairs = zip(causes, effects, strict=True)
    return [float(str(effect)) - float(str(cause)) for (cause,), (effect,) in pairs]
