"""What a connection asks for 请求序列: single reports, batches, whole cases, pages, searches.

A journey is a generator: it yields (kind, request) and is sent the answer. It ends with a whole case or after
every request; the next one begins at once on the same connection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlencode

import orjson
from uuid_utils import uuid7

_TAG = re.compile(rb'\r\netag: ("\d+")')


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    head: bytes
    body: bytes

    @property
    def tag(self) -> bytes:
        """Its ETag."""
        found = _TAG.search(self.head)
        assert found is not None, self.head
        return found[1]


Steps = Generator[tuple[str, bytes], Answer, None]
Journey = Callable[[], Steps]
Order = Mapping[str, Any]


def head_of(method: str, token: str) -> bytes:
    """What stays the same of every request of a caller, up to its path and behind it."""
    return f" HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n".encode()


def request(method: bytes, path: bytes, head: bytes, body: bytes | None = None, more: bytes = b"") -> bytes:
    """A whole request."""
    if body is None:
        return method + b" " + path + head + more + b"\r\n"
    told = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    return method + b" " + path + head + more + told + body


def report(order: Order, number: int, serial: int) -> dict[str, Any]:
    """The body of a report: a place, a time, some words that differ."""
    points = order["points"]
    lon, lat = points[(number * 7919 + serial) % len(points)]
    return {
        "channel": "inspector",
        "category": "0202",
        "description": f"{serial % 40 + 1} 号楼 {number % 20 + 1} 层楼道堆放纸箱，编号 {number}-{serial}",
        "found_at": order["found_at"],
        "place": {
            "point": {"lon": lon, "lat": lat, "crs": "GCJ02"},
            "address": f"武宁路{serial % 900 + 1}弄{number}号2层楼道",
        },
    }


def reports(number: int, order: Order) -> Journey:
    """One report after the other, each a new case."""
    head = head_of("PUT", order["tokens"][number])
    serials = count()

    def journey() -> Steps:
        body = orjson.dumps(report(order, number, next(serials)))
        yield "report", request(b"PUT", b"/grid/v1/cases/" + str(uuid7()).encode(), head, body)

    return journey


def batches(number: int, order: Order) -> Journey:
    """A hundred reports at a time."""
    head = head_of("PUT", order["tokens"][number])
    serials = count()

    def journey() -> Steps:
        items = [{"id": str(uuid7()), **report(order, number, next(serials))} for _ in range(order["batch"])]
        yield "batch", request(b"PUT", b"/grid/v1/cases", head, orjson.dumps({"items": items}))

    return journey


SUPPLEMENTED = 3
"""Behind every how many reports of a queue something is added to the case."""


def queues(number: int, order: Order) -> Journey:
    """A device's queue of a hundred operations: three reports, then something added to the last of them."""
    head = head_of("PUT", order["tokens"][number])
    serials = count()

    def journey() -> Steps:
        items: list[dict[str, Any]] = []
        while len(items) < order["batch"]:
            if len(items) % (SUPPLEMENTED + 1) < SUPPLEMENTED:
                body = report(order, number, next(serials))
                items.append({"operation_id": str(uuid7()), "action": "report", "body": body})
            else:
                made = items[-1]["operation_id"]
                told = {
                    "case_id": made,
                    "after": made,
                    "action": "supplement",
                    "body": {"text": "又新增一处"},
                }
                items.append({"operation_id": str(uuid7()), **told})
        answer = yield "queue", request(b"PUT", b"/grid/v1/operations", head, orjson.dumps({"items": items}))
        assert b'"problem":{' not in answer.body, answer.body[:1000]

    return journey


STEPS = (
    ("accept", "acceptor", None),
    ("file", "chief", {"standard": "found"}),
    ("dispatch", "dispatcher", {"squad": "网格处置一队"}),
    ("start", "handler", None),
    ("answer", "handler", {"outcome": "solved", "summary": "已清理完毕"}),
    ("assign-check", "dispatcher", None),
    ("check", "checker", {"passed": True, "note": "已查看，现场整洁"}),
    ("close", "chief", {"note": "同意结案"}),
)
"""The steps behind the report, by whom, with what."""


def cases(number: int, order: Order) -> Journey:
    """Whole cases, from the report to the close, handled by the grid's own squad."""
    who = order["people"][number]
    heads = {role: head_of("POST", token) for role, token in who["tokens"].items()}
    serials = count()
    given = {
        "answer": {"photos": [who["photo_after"]]},
        "assign-check": {"inspector": who["checker"]},
    }
    bodies = {
        action: orjson.dumps(body | given.get(action, {})) if body or action in given else b""
        for action, _, told in STEPS
        for body in (told or {},)
    }

    def journey() -> Steps:
        path = b"/grid/v1/cases/" + str(uuid7()).encode()
        body = report(order, number, next(serials)) | {"photos": [who["photo_before"]]}
        answer = yield "report", request(b"PUT", path, heads["reporter"], orjson.dumps(body))
        tag = b'"1"'
        for action, role, _ in STEPS:
            more = b"If-Match: " + tag + b"\r\nIdempotency-Key: " + str(uuid7()).encode() + b"\r\n"
            raw = bodies[action]
            step = path + b"/" + action.encode()
            answer = yield (
                "step",
                request(
                    b"POST", step, heads[role], raw or None, more if raw else more + b"Content-Length: 0\r\n"
                ),
            )
            tag = answer.tag

    return journey


def pages(number: int, order: Order) -> Journey:
    """The same page, or pages at random places, again and again; of cases unless a `path` is given."""
    head = head_of("GET", order["tokens"][number])
    path = order.get("path", "/grid/v1/cases")
    paths = [f"{path}?{urlencode(asked)}".encode() for asked in order["asked"]]
    serials = count(number)

    def journey() -> Steps:
        yield "page", request(b"GET", paths[next(serials) % len(paths)], head)

    return journey


def bare(number: int, order: Order) -> Journey:
    """Requests of a report's size to whoever answers anything: how quick the generator is."""
    return reports(number, order)


JOURNEYS: Mapping[str, Callable[[int, Order], Journey]] = {
    "reports": reports,
    "batches": batches,
    "queues": queues,
    "cases": cases,
    "pages": pages,
    "bare": bare,
}
