"""The configuration of one Kafka node, from the template in deploy/kafka.

>>> node = Node(1, 20001, 20002)
>>> render("node.id=${node}", node, Layout((node,), "/tmp/k"), {}).strip()
'node.id=1'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Template

ADMIN = "admin"
LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule"


@dataclass(frozen=True)
class Node:
    """One process: broker and controller."""

    number: int
    client_port: int
    controller_port: int


@dataclass(frozen=True)
class Layout:
    """The cluster that a node belongs to, and the node's data folder."""

    nodes: tuple[Node, ...]
    data: str

    @property
    def controllers(self) -> str:
        """Where the controllers listen."""
        return ",".join(f"127.0.0.1:{node.controller_port}" for node in self.nodes)


def render(template: str, node: Node, layout: Layout, passwords: Mapping[str, str]) -> str:
    """The properties. With `passwords` (principal -> password) every listener asks for one, and ACLs rule."""
    several = len(layout.nodes) > 1
    filled = Template(template).substitute(
        node=node.number,
        controllers=layout.controllers,
        client_port=node.client_port,
        controller_port=node.controller_port,
        protocol="SASL_PLAINTEXT" if passwords else "PLAINTEXT",
        data=layout.data,
        replication=3 if several else 1,
        in_sync=2 if several else 1,
        # A restarted broker waits out its old session; one that a busy machine starves must not lose it.
        session_ms=3000 if several else 4000,
        heartbeat_ms=500,
    )
    return filled + ("\n" + _security(passwords) if passwords else "")


def _security(passwords: Mapping[str, str]) -> str:
    users = " ".join(f'user_{name}="{secret}"' for name, secret in sorted(passwords.items()))
    login = f'{LOGIN} required username="{ADMIN}" password="{passwords[ADMIN]}" {users};'
    lines = [
        "sasl.enabled.mechanisms=PLAIN",
        "sasl.mechanism.inter.broker.protocol=PLAIN",
        "sasl.mechanism.controller.protocol=PLAIN",
        *(f"listener.name.{name}.plain.sasl.jaas.config={login}" for name in ("client", "controller")),
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        f"super.users=User:{ADMIN}",
        "allow.everyone.if.no.acl.found=false",
    ]
    return "\n".join(lines) + "\n"
