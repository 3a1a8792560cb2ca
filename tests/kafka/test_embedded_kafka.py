"""The embedded Kafka: fresh, again, killed, refused jars, and who may read what."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    InvalidReplicationFactorError,
    KafkaConnectionError,
    TopicAuthorizationFailedError,
)

from libs.common.embedded import jars, topics
from libs.common.embedded.jars import JarsRefused
from libs.common.embedded.kafka import Kafka
from libs.common.embedded.processes import ServerFailed, command_line, free_port
from libs.common.embedded.topics import Acl, Endpoint, NewTopic
from libs.common.embedded.training import train
from tests.support.servers import Run, new_kafka

pytestmark = pytest.mark.kafka

CASES = "jiayuan.grid.case.v1"


@pytest.fixture
def bus(run: Run, tmp_path: Path) -> Iterator[Kafka]:
    """A broker of the test's own, which it may kill; two principals besides the administrator."""
    own = new_kafka(run, f"kafka-own-{os.getpid()}-{tmp_path.name}", principals=("grid", "tasks"))
    try:
        yield own.start()
    finally:
        own.kill()


async def produce(endpoint: Endpoint, topic: str, numbers: range) -> None:
    """Send the numbers, each acknowledged by all replicas."""
    producer = AIOKafkaProducer(**endpoint.client_options(), acks="all", enable_idempotence=True)
    try:
        await producer.start()
        for number in numbers:
            await producer.send_and_wait(topic, b"%d" % number, key=b"key")
    finally:
        await producer.stop()


async def consume(endpoint: Endpoint, topic: str, count: int, group: str) -> list[int]:
    """Read that many numbers from the beginning."""
    consumer = AIOKafkaConsumer(
        topic,
        **endpoint.client_options(),
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    try:
        await consumer.start()
        async with asyncio.timeout(60):
            return [int((await consumer.getone()).value) for _ in range(count)]
    finally:
        await consumer.stop()


async def test_what_was_acknowledged_outlives_a_kill_and_an_orderly_restart(bus: Kafka) -> None:
    grid, tasks = bus.endpoint("grid"), bus.endpoint("tasks")
    await asyncio.to_thread(bus.create_topics, [NewTopic(CASES, 3)])
    await asyncio.to_thread(
        bus.create_acls,
        [Acl.publish("grid", "jiayuan.grid."), Acl.read("tasks", CASES), Acl.group("tasks", "tasks")],
    )
    servers = bus.bootstrap_servers

    await produce(grid, CASES, range(100))
    await asyncio.to_thread(bus.kill)
    assert not await asyncio.to_thread(bus.is_ready)
    await asyncio.to_thread(bus.start)
    await produce(grid, CASES, range(100, 150))
    await asyncio.to_thread(bus.restart)

    assert bus.bootstrap_servers == servers
    assert await consume(tasks, CASES, 150, "tasks.one") == list(range(150))


async def test_a_producer_goes_on_after_the_broker_was_killed_under_it(bus: Kafka) -> None:
    await asyncio.to_thread(bus.create_topics, [NewTopic(CASES, 1)])
    admin = bus.endpoint()
    producer = AIOKafkaProducer(**admin.client_options(), acks="all", enable_idempotence=True)
    await producer.start()
    for number in range(20):
        await producer.send_and_wait(CASES, b"%d" % number)

    await asyncio.to_thread(bus.kill)
    sending = [await producer.send(CASES, b"%d" % number) for number in range(20, 40)]
    await asyncio.to_thread(bus.start)
    await asyncio.gather(*sending)
    await producer.stop()

    assert await consume(admin, CASES, 40, "all") == list(range(40))


async def test_a_principal_is_refused_what_no_rule_allows(kafka: Kafka) -> None:
    mine, foreign = "test-rules.mine.v1", "test-rules.foreign.v1"
    await asyncio.to_thread(kafka.create_topics, [NewTopic(mine, 1), NewTopic(foreign, 1)])
    rules = [Acl.publish("grid", "test-rules.m"), Acl.read("tasks", mine), Acl.group("tasks", "test-rules")]
    await asyncio.to_thread(kafka.create_acls, rules)
    await asyncio.to_thread(kafka.create_acls, rules)
    assert set(rules) <= await asyncio.to_thread(topics.list_acls, kafka.endpoint())

    grid, tasks = kafka.endpoint("grid"), kafka.endpoint("tasks")
    with pytest.raises(TopicAuthorizationFailedError):
        await produce(grid, foreign, range(1))
    with pytest.raises(TopicAuthorizationFailedError):
        await consume(tasks, foreign, 1, "test-rules")
    await produce(grid, mine, range(1))
    with pytest.raises(GroupAuthorizationFailedError):
        await consume(tasks, mine, 1, "other")
    assert await consume(tasks, mine, 1, "test-rules.one") == [0]
    with pytest.raises(KafkaConnectionError):
        await produce(Endpoint(kafka.bootstrap_servers, "tasks", "wrong"), mine, range(1))


def test_it_outlives_the_program_that_started_it_and_is_adopted(bus: Kafka) -> None:
    bus.kill()
    program = (
        "import os, signal; from pathlib import Path; from libs.common.embedded.kafka import Kafka;"
        f"Kafka(Path({str(bus.folder)!r}), principals=('grid', 'tasks')).start();"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == -signal.SIGKILL
    pid = bus.pid()
    assert pid is not None
    assert bus.start().pid() == pid

    # A service more is a configuration more: the running broker is replaced.
    other = Kafka(bus.folder, principals={"grid": "its-own", "tasks": "", "disputes": ""}).start()
    assert other.pid() not in (None, pid)
    assert other.endpoint("grid").password == "its-own"
    assert other.endpoint("tasks") == bus.endpoint("tasks")
    assert "its-own" not in repr(other.endpoint("grid"))


def test_a_taken_port_is_exchanged(bus: Kafka) -> None:
    bus.kill()
    with Kafka(bus.folder.with_name(f"{bus.folder.name}-other")) as other:
        kept = bus.keep.load()
        kept["ports"][0][0] = other.nodes[0].client_port
        bus.keep.save(kept)
        assert bus.start().nodes[0].client_port != other.nodes[0].client_port
        assert other.endpoint() == Endpoint(other.bootstrap_servers)


def test_secrets_are_private(kafka: Kafka) -> None:
    for path in (kafka.keep.path, kafka.log(), kafka.folder / "node-1" / "server.properties"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    with pytest.raises(ServerFailed, match="no principal"):
        kafka.endpoint("stranger")
    with pytest.raises(ServerFailed, match="1 brokers"):
        Kafka(kafka.folder, brokers=3).start()


def test_a_topic_that_kafka_refuses_is_an_error(kafka: Kafka) -> None:
    with pytest.raises(InvalidReplicationFactorError):
        topics.create_topics(kafka.endpoint(), [NewTopic("test-refused")], replication=3)


async def test_three_brokers_lose_one_and_nothing_else(run: Run) -> None:
    cluster = new_kafka(run, f"kafka-three-{os.getpid()}", brokers=3)
    try:
        await asyncio.to_thread(cluster.start)
        await asyncio.to_thread(cluster.create_topics, [NewTopic(CASES, 3)])
        await produce(cluster.endpoint(), CASES, range(20))
        await asyncio.to_thread(cluster.kill, 2)
        assert not await asyncio.to_thread(cluster.is_ready)
        await produce(cluster.endpoint(), CASES, range(20, 40))
        await asyncio.to_thread(cluster.start)
        assert await consume(cluster.endpoint(), CASES, 40, "all") == list(range(40))
    finally:
        await asyncio.to_thread(cluster.kill)


def test_a_broker_that_cannot_start_says_why(tmp_path: Path) -> None:
    deploy = copy_of_deploy(tmp_path)
    with (deploy / "server.properties").open("a") as template:
        template.write("\nnum.io.threads=none\n")
    with pytest.raises(ServerFailed, match=r"cannot format(.|\n)*num\.io\.threads"):
        Kafka(tmp_path / "kafka", deploy=deploy).start()


def test_one_broker_or_three(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="three"):
        Kafka(tmp_path, brokers=2)
    nothing = Kafka(tmp_path / "none")
    nothing.stop()
    with pytest.raises(ServerFailed, match="ever started"):
        _ = nothing.nodes


def test_a_cluster_given_by_the_environment_is_used_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("KAFKA_USERNAME", "admin")
    monkeypatch.setenv("KAFKA_PASSWORD", "secret")
    given = Kafka(tmp_path / "none")
    assert given.start().endpoint("grid") == Endpoint(given.bootstrap_servers, "admin", "secret")
    assert not given.is_ready()
    given.stop()
    with pytest.raises(ServerFailed, match="not started here"):
        given.kill()
    assert not (tmp_path / "none").exists()


def copy_of_deploy(folder: Path) -> Path:
    """A copy of the pins and the template, to be spoilt."""
    return Path(shutil.copytree(jars.deploy_folder(), folder / "deploy"))


def test_a_wrong_jar_refuses_to_start(tmp_path: Path) -> None:
    deploy = copy_of_deploy(tmp_path)
    pins = deploy / "jars.sha256"
    digest = pins.read_text().split()[0]
    pins.write_text(pins.read_text().replace(digest, "0" * 64, 1))
    with pytest.raises(JarsRefused, match=rf"has SHA-256 {digest}, .* says 0000"):
        Kafka(tmp_path / "kafka", deploy=deploy).start()
    assert not (tmp_path / "kafka" / "node-1").exists()


def test_a_jar_that_nobody_reviewed_refuses_to_start(tmp_path: Path) -> None:
    deploy = copy_of_deploy(tmp_path)
    (deploy / "jars.sha256").write_text(f"{'0' * 64}  org/x/1/x-1.jar\n")
    repository = tmp_path / "repository"

    def fetch(coordinates: str) -> list[Path]:
        assert coordinates.startswith("org.apache.kafka:")
        jar = repository / "org/x/2/x-2.jar"
        jar.parent.mkdir(parents=True)
        jar.write_bytes(b"jar")
        return [jar]

    with pytest.raises(JarsRefused, match=r"other jars .*: org/x/1/x-1\.jar, org/x/2/x-2\.jar"):
        jars.classpath(deploy, repository=repository, fetch=fetch)


def test_missing_jars_are_fetched_and_checked(tmp_path: Path) -> None:
    deploy = copy_of_deploy(tmp_path)
    repository = tmp_path / "repository"
    jar = repository / "org/x/1/x-1.jar"

    def fetch(_: str) -> list[Path]:
        jar.parent.mkdir(parents=True)
        jar.write_bytes(b"jar")
        return [jar]

    def no_network(_: str) -> list[Path]:
        raise OSError("no route")

    source = tmp_path / "x.jar"
    source.write_bytes(b"jar")
    (deploy / "jars.sha256").write_text(f"{jars.sha256(source)}  org/x/1/x-1.jar\n")
    with pytest.raises(ServerFailed, match="no route"):
        jars.classpath(deploy, repository=repository, fetch=no_network)
    assert jars.classpath(deploy, repository=repository, fetch=fetch) == [jar]
    assert jars.classpath(deploy, repository=repository, fetch=no_network) == [jar]
    assert jars.pin([jar], repository) == (deploy / "jars.sha256").read_text()


def test_training_makes_a_cache_that_brokers_start_with(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(run.folder / f"cache-{os.getpid()}"))
    said: list[str] = []
    cache = train(said.append)
    assert train(said.append) == cache
    assert said == ["preparing quick starts of Kafka, once"]
    assert cache.stat().st_size > 10_000_000
    assert sorted(path.suffix for path in cache.parent.iterdir()) == [".aot", ".lock"]

    with Kafka(run.folder / f"kafka-trained-{os.getpid()}") as broker:
        pid = broker.pid()
        assert pid is not None
        assert f"-XX:AOTCache={cache}" in command_line(pid)
        assert "aot" not in broker.log().read_text()


def test_the_coordinates_resolve_to_the_pinned_jars() -> None:
    deploy, repository = jars.deploy_folder(), jars.local_repository()
    jars.classpath()
    found = jars.fetch_with_jgo((deploy / "coordinates").read_text().strip())
    assert jars.pin(found, repository) == (deploy / "jars.sha256").read_text()


def test_a_client_gives_a_password_only_where_one_is_asked_for() -> None:
    away = Endpoint("kafka.invalid:9092", "grid", "secret").client_options()
    assert away["sasl_plain_username"] == "grid"
    assert Endpoint("kafka.invalid:9092").client_options() == {"bootstrap_servers": "kafka.invalid:9092"}
