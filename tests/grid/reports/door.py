"""Bad requests: each is refused in both languages by a clear problem document, and nothing is stored."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.policy import Role
from tests.grid.factories import Desk, as_, report_body

JSON = {"content-type": "application/json"}
LEAVE_OUT = object()
TABLES = (  # not the counter of numbers: one that was taken stays taken
    "grid_case", "case_reporter", "case_photo", "case_check", "dispatch",
    "outbox", "history", "stored_answer", "media_link", "outgoing_handover",
)  # fmt: skip


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    """A good report with parts replaced, named by JSON Pointer."""
    body = report_body()
    for pointer, value in changes.items():
        *path, last = pointer.strip("/").split("/")
        part = body
        for name in path:
            part = part.setdefault(name, {})
        if value is LEAVE_OUT:
            del part[last]
        else:
            part[last] = copy.deepcopy(value)
    return body


async def counts(database: Database) -> dict[str, int]:
    """How many rows each table holds that a command of a case can write."""

    async def work(session: AsyncSession) -> dict[str, int]:
        return {
            name: (await session.execute(text(f"SELECT count(*) FROM {name}"))).scalar_one()
            for name in TABLES
        }

    return await database.read(work)


@asynccontextmanager
async def altered(database: Database, update: str, back: str, **values: Any) -> AsyncIterator[None]:
    """Reference data changed by one statement, and put back by another."""

    async def run(statement: str) -> None:
        given = {name: value for name, value in values.items() if f":{name}" in statement}
        await database.transact(lambda session: session.execute(text(statement), given))

    await run(update)
    try:
        yield
    finally:
        await run(back)


def is_chinese(sentence: str) -> bool:
    """Whether the sentence holds a Chinese character."""
    return any("\u4e00" <= character <= "\u9fff" for character in sentence)


def check_document(answer: httpx.Response, language: str) -> dict[str, Any]:
    """What every problem document must be."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert answer.headers["content-language"] == {"zh": "zh-CN", "en": "en"}[language]
    document: dict[str, Any] = answer.json()
    assert document["type"] == f"urn:jiayuan:problem:{document['code']}"
    assert document["status"] == answer.status_code
    assert document["trace_id"]
    sentences = [document["title"], document["detail"], *(e["detail"] for e in document.get("errors", []))]
    for sentence in sentences:
        assert is_chinese(sentence) == (language == "zh"), sentence
    return document


def pointers(document: dict[str, Any]) -> list[str]:
    """Where the faults lie: pointers into the body, names of parameters."""
    return [error.get("pointer") or error["parameter"] for error in document.get("errors", [])]


class Door:
    """Sends the same bad request in both languages and sees that nothing was stored."""

    def __init__(self, client: httpx.AsyncClient, database: Database, desk: Desk) -> None:
        self.client = client
        self.database = database
        self.desk = desk

    async def refuses(
        self, method: str, path: str, status: int, code: str, headers: dict[str, str], **sent: Any
    ) -> dict[str, Any]:
        """The document in English, after both were checked."""
        before = await counts(self.database)
        document: dict[str, Any] = {}
        for language in ("zh", "en"):
            asked = {"accept-language": language, **headers}
            answer = await self.client.request(method, path, headers=asked, **sent)
            assert answer.status_code == status, answer.text
            document = check_document(answer, language)
            assert document["code"] == code, document
        assert await counts(self.database) == before
        return document

    async def refuses_report(self, status: int, code: str, **sent: Any) -> dict[str, Any]:
        """The same for a report by an inspector of the district."""
        headers = as_(Role.INSPECTOR) | sent.pop("headers", {})
        return await self.refuses("PUT", f"/grid/v1/cases/{new_id()}", status, code, headers, **sent)
