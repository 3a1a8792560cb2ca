"""Embedded servers 内嵌服务: the real PostgreSQL and the real Kafka, started on loopback with Python alone.

    from pathlib import Path
    from libs.common.embedded.postgres import Postgres

    server = Postgres(Path("var/postgres"))
    server.start()  # makes, starts, adopts or recovers; blocks until it answers
    url = server.ensure_database("grid", "grid")  # postgresql+asyncpg://grid:...@127.0.0.1:.../grid
    server.stop()

    from libs.common.embedded.kafka import Kafka

    bus = Kafka(Path("var/kafka"), principals=("grid", "tasks"))
    bus.start()
    bus.endpoint("grid").client_options()           # what aiokafka's clients take
    bus.stop()

Tests that start brokers again and again call `training.train()` first: Java then starts in half the time.
Everything here is synchronous: it starts programs and waits for them. From a running event loop call it by
`asyncio.to_thread`. Both servers are detached: they outlive a `kill -9` of the program that started them,
and the next `start()` adopts them.
"""
