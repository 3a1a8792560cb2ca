"""Topics and access rules of a Kafka cluster 主题与权限, derived from the contracts.

The owner writes, the named readers read, nobody else may do either; groups belong to their reader.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from libs.common.contracts import TOPICS
from libs.common.embedded.topics import (
    Acl,
    Endpoint,
    NewTopic,
    Operation,
    Resource,
    create_acls,
    create_topics,
)
from libs.common.events.contract import Topic

DAY_MS = 86_400_000
RETENTION_DAYS = 30
"""How long a topic without a retention of its own keeps events; the log keeps them longer."""


def configuration(topic: Topic) -> dict[str, str]:
    """The topic's settings on the cluster: reference nouns keep each key's last state for ever."""
    if topic.compacted:
        return {"cleanup.policy": "compact", "min.compaction.lag.ms": str(DAY_MS)}
    days = topic.retention_days or RETENTION_DAYS
    return {"cleanup.policy": "delete", "retention.ms": str(days * DAY_MS)}


def new_topics(topics: Iterable[Topic], *, prefix: str = "") -> list[NewTopic]:
    """The topics as the cluster is to make them. The partition count is fixed from then on."""
    return [NewTopic(prefix + topic.name, topic.partitions, configuration(topic)) for topic in topics]


def access_rules(topics: Iterable[Topic], services: Collection[str], *, prefix: str = "") -> list[Acl]:
    """Who may do what; services are the principals."""
    rules: list[Acl] = []
    for topic in topics:
        name = prefix + topic.name
        if topic.owner in services:
            rules.append(Acl(topic.owner, Operation.WRITE, Resource.TOPIC, name))
        rules += [Acl.read(reader, name) for reader in sorted(topic.readers) if reader in services]
    return rules + [Acl(service, Operation.READ, Resource.GROUP, prefix + service) for service in services]


async def provision(
    options: Mapping[str, Any],
    services: Collection[str],
    *,
    topics: Collection[Topic] | None = None,
    prefix: str = "",
) -> None:
    """Make what is missing on the cluster; `options` are the administrator's client options. Idempotent.

    Topics of services that are not deployed are made too, so that their readers can start before them.
    """
    known = list(TOPICS.values()) if topics is None else list(topics)
    wanted = [topic for topic in known if {topic.owner, *topic.readers} & set(services)]
    endpoint = Endpoint(
        bootstrap=options["bootstrap_servers"],
        username=options.get("sasl_plain_username", ""),
        password=options.get("sasl_plain_password", ""),
    )
    await asyncio.to_thread(create_topics, endpoint, new_topics(wanted, prefix=prefix))
    if endpoint.username:
        rules = access_rules(wanted, services, prefix=prefix)
        await asyncio.to_thread(create_acls, endpoint, rules)
