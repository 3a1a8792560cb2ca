"""Topics and access rules of a Kafka cluster 主题与访问控制, over a connection of its own per call.

aiokafka's admin client knows topics, but no access rules; both are sent here as protocol requests by its
lower client, which negotiates the versions. Every function blocks; from a loop use `asyncio.to_thread`.

>>> Acl.publish("grid", "jiayuan.grid.").pattern
<Pattern.PREFIX: 4>
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial
from typing import Any, TypeVar

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.admin import CreateAclsRequest, CreateTopicsRequest, DescribeAclsRequest
from aiokafka.protocol.metadata import MetadataRequest

from libs.common.embedded.processes import LOOPBACK, ServerFailed, blocking

T = TypeVar("T")


def _of_interest(record: logging.LogRecord) -> bool:
    """All but aiokafka's warning at each connection: a password in the clear that stays on this machine."""
    return record.msg != "Sending username and password in the clear"


REQUEST_MS = 15_000
SETTLE_SECONDS = 30.0
TOPIC_EXISTS = 36
_ALLOW = 3
# Leader or controller not known yet: normal while a cluster starts.
NOT_YET = frozenset({5, 6, 7, 8, 14, 15, 16, 41, 89})


@dataclass(frozen=True)
class Endpoint:
    """A cluster, as one principal. Without `username` the cluster asks for no password."""

    bootstrap: str
    username: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls) -> Endpoint | None:
        """The cluster that `KAFKA_BOOTSTRAP_SERVERS` names (with KAFKA_USERNAME, KAFKA_PASSWORD), if any."""
        servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "")
        if not servers:
            return None
        return cls(servers, os.environ.get("KAFKA_USERNAME", ""), os.environ.get("KAFKA_PASSWORD", ""))

    def client_options(self) -> dict[str, Any]:
        """The arguments that every client class of aiokafka takes."""
        options: dict[str, Any] = {"bootstrap_servers": self.bootstrap}
        if all(server.startswith(f"{LOOPBACK}:") for server in self.bootstrap.split(",")):
            logging.getLogger("aiokafka.conn").addFilter(_of_interest)
        if self.username:
            options |= {
                "security_protocol": "SASL_PLAINTEXT",
                "sasl_mechanism": "PLAIN",
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return options


@dataclass(frozen=True)
class NewTopic:
    """A topic to make. The number of partitions never changes: it decides which key lies where."""

    name: str
    partitions: int = 12
    config: Mapping[str, str] = field(default_factory=dict)


class Resource(IntEnum):
    """What an access rule is about."""

    TOPIC = 2
    GROUP = 3
    CLUSTER = 4


class Operation(IntEnum):
    """What it allows. READ and WRITE include DESCRIBE."""

    READ = 3
    WRITE = 4
    CREATE = 5
    DELETE = 6
    ALTER = 7
    DESCRIBE = 8


class Pattern(IntEnum):
    """Whether the name is whole or a beginning."""

    LITERAL = 3
    PREFIX = 4


@dataclass(frozen=True)
class Acl:
    """One thing allowed to one principal; everything else is refused."""

    principal: str
    operation: Operation
    resource: Resource
    name: str
    pattern: Pattern = Pattern.LITERAL

    @classmethod
    def publish(cls, principal: str, prefix: str) -> Acl:
        """May write to all topics whose names begin so (an idempotent producer needs no more)."""
        return cls(principal, Operation.WRITE, Resource.TOPIC, prefix, Pattern.PREFIX)

    @classmethod
    def read(cls, principal: str, topic: str) -> Acl:
        """May read this topic."""
        return cls(principal, Operation.READ, Resource.TOPIC, topic)

    @classmethod
    def group(cls, principal: str, prefix: str) -> Acl:
        """May use consumer groups whose names begin so."""
        return cls(principal, Operation.READ, Resource.GROUP, prefix, Pattern.PREFIX)


class _CreateAcls:
    """Any number of rules in one request: aiokafka's own carries one, and each costs 30 ms."""

    API_KEY = CreateAclsRequest.API_KEY

    def __init__(self, acls: Sequence[Acl]) -> None:
        self._rows = [
            (acl.resource, acl.name, acl.pattern, f"User:{acl.principal}", "*", acl.operation, _ALLOW)
            for acl in acls
        ]

    def prepare(self, versions: Mapping[int, tuple[int, int]]) -> Any:
        """The request in the version that the broker speaks; patterns came with version 1, as Kafka 2.0."""
        return type(CreateAclsRequest(*self._rows[0]).prepare(versions))(self._rows)


@dataclass(frozen=True)
class Metadata:
    """What one broker knows of the cluster: its brokers, and per topic the leaders of its partitions."""

    brokers: frozenset[int]
    leaders: Mapping[str, Sequence[int]]


def within(endpoint: Endpoint, work: Callable[[Any], Awaitable[T]]) -> T:
    """Connect, do the work, close; in a loop of its own. Raises aiokafka's `KafkaError`."""

    async def run() -> T:
        client = AIOKafkaClient(**endpoint.client_options(), request_timeout_ms=REQUEST_MS)
        try:
            await client.bootstrap()
            return await work(client)
        finally:
            await client.close()

    return blocking(run)


def metadata(endpoint: Endpoint) -> Metadata:
    """Ask one broker."""
    return within(endpoint, lambda client: _metadata(client, client.get_random_node()))


def create_topics(endpoint: Endpoint, topics: Sequence[NewTopic], *, replication: int = -1) -> None:
    """Make those that do not exist yet and wait until every broker knows their leaders.

    Replication is the cluster's default unless given. Raises aiokafka's error of the first that is refused.
    """

    async def work(client: Any) -> None:
        wanted = list(topics)
        deadline = time.monotonic() + SETTLE_SECONDS
        while wanted:
            wanted = await _create(client, wanted, replication)
            if wanted and time.monotonic() > deadline:
                raise ServerFailed(f"Kafka does not make the topics {[topic.name for topic in wanted]}")
            await asyncio.sleep(0.1 if wanted else 0)
        await _settle(client, lambda known: all(_has_leaders(known, topic) for topic in topics))

    within(endpoint, work)


def create_acls(endpoint: Endpoint, acls: Sequence[Acl]) -> None:
    """Allow these (again, if they are allowed already) and wait until every broker knows them."""
    if not acls:
        return

    async def work(client: Any) -> None:
        node = client.get_random_node()
        answer = await client.send(node, _CreateAcls(acls))
        for error, message in answer.creation_responses:
            if error:
                raise for_code(error)(message)
        for broker in (await _metadata(client, node)).brokers:
            await _wait(partial(_knows, client, broker, acls))

    within(endpoint, work)


def list_acls(endpoint: Endpoint) -> set[Acl]:
    """Every access rule of the kinds above."""
    return within(endpoint, lambda client: _acls(client, client.get_random_node()))


async def _metadata(client: Any, node: int) -> Metadata:
    answer = (await client.send(node, MetadataRequest(None))).to_object()
    leaders = {
        topic["topic"]: [partition["leader"] for partition in topic["partitions"]]
        for topic in answer["topics"]
        if not topic["error_code"]
    }
    return Metadata(frozenset(broker["node_id"] for broker in answer["brokers"]), leaders)


def _has_leaders(known: Metadata, topic: NewTopic) -> bool:
    leaders = known.leaders.get(topic.name, ())
    return bool(leaders) and all(leader in known.brokers for leader in leaders)


async def _create(client: Any, topics: Sequence[NewTopic], replication: int) -> list[NewTopic]:
    """Ask for them; answers those to ask for again."""
    rows: list[tuple[Any, ...]] = [
        (t.name, t.partitions, replication, [], list(t.config.items())) for t in topics
    ]
    request = CreateTopicsRequest(create_topic_requests=rows, timeout=REQUEST_MS, validate_only=False)
    answer = await client.send(client.get_random_node(), request)
    again = set()
    for name, error, message in answer.topic_errors:
        if error in NOT_YET:
            again.add(name)
        elif error not in (0, TOPIC_EXISTS):
            raise for_code(error)(f"{name}: {message}")
    return [topic for topic in topics if topic.name in again]


async def _settle(client: Any, condition: Callable[[Metadata], bool]) -> None:
    """Wait until the condition holds in what each broker knows."""

    async def holds(broker: int) -> bool:
        return condition(await _metadata(client, broker))

    for broker in (await _metadata(client, client.get_random_node())).brokers:
        await _wait(partial(holds, broker))


async def _wait(holds: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        try:
            if await holds():
                return
        except KafkaError:
            if time.monotonic() > deadline:
                raise
        if time.monotonic() > deadline:
            raise ServerFailed("the brokers of Kafka do not come to know what was changed")
        await asyncio.sleep(0.05)


async def _knows(client: Any, broker: int, acls: Sequence[Acl]) -> bool:
    return set(acls) <= await _acls(client, broker)


async def _acls(client: Any, node: int) -> set[Acl]:
    answer = await client.send(node, DescribeAclsRequest(1, None, 1, None, None, 1, 1))
    if answer.error_code:
        raise for_code(answer.error_code)(answer.error_message)
    return {
        Acl(principal.removeprefix("User:"), Operation(operation), Resource(kind), name, Pattern(pattern))
        for kind, name, pattern, rules in answer.resources
        for principal, _, operation, _ in rules
    }
