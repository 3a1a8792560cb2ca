"""What every service has: keys, the deny list and photos; and what their operations are sent."""

from __future__ import annotations

from libs.common.db import Database
from libs.common.http.api_keys import KeyOrder, issue_key
from libs.common.ids import stable_id
from libs.common.policy import Actor, Role
from services.disputes.main import SERVICE as DISPUTES
from services.grid.main import SERVICE as GRID
from services.targets.main import SERVICE as TARGETS
from services.tasks.main import SERVICE as TASKS
from tests.authorisation.calls import NEW, Call
from tests.authorisation.places import EVERY_SCOPE, Home
from tests.common.media.pictures import jpeg
from tests.grid.factories import MONDAY

SERVICES = (GRID, TASKS, DISPUTES, TARGETS)
PHOTO = jpeg()
READER = "somebody"
"""Who looks at a photo that another person has uploaded."""
KEY = stable_id("api-key", "matrix")


async def issue(database: Database, service: str, home: Home) -> None:
    """A system's key for the records' area."""
    order = KeyOrder("对接系统", scopes_of(service), areas=[home.area], id=KEY)
    actor = Actor("administrator-9", Role.ADMINISTRATOR)
    await database.transact(lambda session: issue_key(session, order, actor=actor, now=MONDAY))


def scopes_of(service: str) -> list[str]:
    """What a system's key can be given in the service."""
    return sorted(scope for scope in EVERY_SCOPE if scope.startswith(f"{service}."))


def access_calls(service: str, home: Home, photo: str) -> dict[str, Call]:
    """The calls; `photo` is the hash of one that belongs to a record."""
    order = {"name": "对接系统", "scopes": scopes_of(service), "areas": [home.area]}
    uploaded = {"sha256": photo}
    return {
        "PUT /api-keys/{key_id}": Call({"key_id": NEW}, order),
        "GET /api-keys": Call(shows=str(KEY)),
        "POST /api-keys/{key_id}/revoke": Call({"key_id": str(KEY)}),
        "POST /denials": Call(body={"kind": "sub", "value": "3f1c2a"}),
        "PUT /media/{sha256}": Call(uploaded, photo=PHOTO),
        "GET /media/{sha256}": Call(uploaded, subject=READER),
    }
