"""Links of the document: from what was made to what can be read, and on to what can be done."""

from __future__ import annotations

from typing import Any

from libs.common.http.app import ServiceApp
from tests.common.http.documents import operations


def links_of(app: ServiceApp, name: str) -> dict[str, Any]:
    """The links of an operation's successful answers, by their target's path."""
    named = {operation["operationId"]: path for path, operation in operations(app.openapi())}
    found = dict(operations(app.openapi()))[name]["responses"]
    return {
        named[link["operationId"]]: link["parameters"]
        for status, answer in found.items()
        if status.startswith("2")
        for link in answer.get("links", {}).values()
    }


def test_what_was_made_can_be_read(app: ServiceApp) -> None:
    read = "GET /sample/v1/notes/{note_id}"
    assert links_of(app, "POST /sample/v1/notes") == {read: {"note_id": "$response.body#/id"}}
    assert links_of(app, "PUT /sample/v1/notes/{note_id}") == {read: {"note_id": "$request.path.note_id"}}


def test_what_was_read_can_be_changed_on_the_version_read(app: ServiceApp) -> None:
    found = links_of(app, "GET /sample/v1/notes/{note_id}")
    same = {"note_id": "$request.path.note_id"}
    assert found["POST /sample/v1/notes/{note_id}/touch"] == same
    assert found["POST /sample/v1/notes/{note_id}/change"] == {**same, "If-Match": "$response.header.ETag"}


def test_a_list_leads_nowhere(app: ServiceApp) -> None:
    assert links_of(app, "GET /sample/v1/notes") == {}
