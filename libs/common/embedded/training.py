"""Quick starts of Kafka: Java remembers the classes of one training run (an AOT cache, JDK 25).

A broker then answers 1.1 s after its start instead of 2.6, at half the processor time. Tests and chaos runs,
which start and kill brokers again and again, call `train` once per machine; who does not, starts as before.
A cache that does not fit the jars or the Java is ignored by Java itself.
"""

from __future__ import annotations

import asyncio
import fcntl
import shutil
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from libs.common.embedded import jars
from libs.common.embedded.kafka import Kafka
from libs.common.embedded.processes import Progress, blocking, quiet
from libs.common.embedded.topics import Acl, Endpoint, NewTopic

TOPIC = "training"
TRAINEE = "trainee"


def train(progress: Progress = quiet) -> Path:
    """Make the cache if there is none (once, 10 s on an idle machine) and answer its path.

    Several may call it at once. Raises `ServerFailed` or `JarsRefused` as `Kafka.start` does; that no cache
    came of it is no error.
    """
    cache = jars.class_cache(jars.classpath(progress=progress))
    cache.parent.mkdir(parents=True, exist_ok=True)
    with cache.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not cache.exists():
            progress("preparing quick starts of Kafka, once")
            _make(cache)
    return cache


def _make(cache: Path) -> None:
    """A broker in a folder of its own does once what brokers do; Java writes the cache when it ends."""
    folder = cache.with_suffix(".training")
    draft = folder / cache.name
    broker = Kafka(folder, principals=(TRAINEE,), jvm=(f"-XX:AOTCacheOutput={draft}",))
    broker.external = None
    # What a training left behind that was killed itself.
    broker.kill()
    shutil.rmtree(folder, ignore_errors=True)
    rules = [Acl.publish(TRAINEE, TOPIC), Acl.read(TRAINEE, TOPIC), Acl.group(TRAINEE, TOPIC)]
    with broker:
        broker.create_topics([NewTopic(TOPIC, 2, {"cleanup.policy": "compact"})])
        broker.create_acls(rules)
        blocking(lambda: _exchange(broker.endpoint(TRAINEE)))
    if draft.exists():
        draft.replace(cache)
    shutil.rmtree(folder)


async def _exchange(endpoint: Endpoint) -> None:
    producer = AIOKafkaProducer(**endpoint.client_options(), acks="all", enable_idempotence=True)
    consumer = AIOKafkaConsumer(
        TOPIC, **endpoint.client_options(), group_id=TOPIC, auto_offset_reset="earliest"
    )
    try:
        await producer.start()
        await producer.send_and_wait(TOPIC, b"value", key=b"key")
        await consumer.start()
        async with asyncio.timeout(30):
            await consumer.getone()
        await consumer.commit()
    finally:
        await consumer.stop()
        await producer.stop()
