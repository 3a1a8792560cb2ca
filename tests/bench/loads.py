"""Load over HTTP, from the generator's process 负载: orders, and what came of them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any, cast

import orjson
import uvloop

from libs.common.clocks import utc_now
from libs.common.coordinates import Crs, from_cgcs2000
from libs.common.embedded.processes import LOOPBACK
from libs.common.policy import Role
from libs.common.tree import repository_root
from tests.bench.board import percentile
from tests.bench.people import DISTRICT, People
from tests.bench.stage import Stage

WARM_SECONDS = 1.0
MICRO = 1e6


class LoadRefused(RuntimeError):
    """Answers came back that nobody expects under load."""


@dataclass(frozen=True)
class Outcome:
    """What the generator measured. `busy` is its share of a core: near 1 it is the limit itself."""

    times: dict[str, list[int]]
    statuses: dict[str, int]
    seconds: float
    busy: float

    def count(self, *kinds: str) -> int:
        """How many requests of these kinds were answered within the measured time."""
        return sum(len(self.times.get(kind, ())) for kind in kinds)

    def rate(self, *kinds: str) -> float:
        """The same per second."""
        return self.count(*kinds) / self.seconds

    def ms(self, share: float, *kinds: str) -> float:
        """The percentile of their times in milliseconds."""
        times = [one for kind in kinds for one in self.times.get(kind, ())]
        return percentile(times, share) / 1000 if times else float("nan")


def drive(url: str, journey: str, connections: int, seconds: float, **order: Any) -> Outcome:
    """Let the generator drive that load. Raises `LoadRefused`."""
    told = {"url": url, "journey": journey, "connections": connections, "seconds": seconds}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.generator"],
        cwd=repository_root(),
        input=orjson.dumps({"warm": WARM_SECONDS, **told, **order}),
        stdout=subprocess.PIPE,
        check=True,
    )
    answer = orjson.loads(done.stdout)
    if answer["refusals"]:
        raise LoadRefused(f"{journey}: {answer['statuses']}: {answer['refusals'][0]}")
    return Outcome(answer["times"], answer["statuses"], answer["seconds"], answer["busy"])


def points(stage: Stage, database: str, area: str = DISTRICT) -> list[tuple[float, float]]:
    """Places of an area as a telephone gives them (GCJ-02), one in each of its unit grids."""
    rows = stage.run_sql(
        database, f"SELECT centre_lon, centre_lat FROM unit_grid WHERE code LIKE '{area}%' ORDER BY code"
    )
    found = []
    for lon, lat in rows:
        place = from_cgcs2000(float(str(lon)) / MICRO, float(str(lat)) / MICRO, Crs.GCJ02)
        found.append((round(place[0], 6), round(place[1], 6)))
    return found


def intake_order(stage: Stage, database: str, connections: int = 32) -> dict[str, Any]:
    """What journeys that report need to know; the tokens are fresh."""
    return {
        "tokens": stage.people.tokens(Role.INSPECTOR, connections),
        "points": points(stage, database),
        "found_at": utc_now().isoformat(),
    }


def case_order(stage: Stage, database: str, connections: int = 32) -> dict[str, Any]:
    """What whole cases need beside: for each connection its people, and photos that they have uploaded."""
    people = stage.people
    office = {
        "acceptor": people.token(Role.ACCEPTOR, "acceptor-1"),
        "chief": people.token(Role.DUTY_CHIEF, "chief-1"),
        "dispatcher": people.token(Role.DISPATCHER, "dispatcher-1"),
    }
    return {
        **intake_order(stage, database, connections),
        "people": [_crew(people, number, office) for number in range(connections)],
    }


def _crew(people: People, number: int, office: dict[str, str]) -> dict[str, Any]:
    names = {role: f"{role}-{number}" for role in ("reporter", "handler", "checker")}
    hers = {role: people.token(Role.INSPECTOR, name) for role, name in names.items()}
    before, after = photo_of(names["reporter"]), photo_of(names["handler"])
    return {
        "tokens": {**office, **hers},
        "photo_before": before,
        "photo_after": after,
        "checker": names["checker"],
    }


def photo_of(subject: str) -> str:
    """The photo that the subject has uploaded."""
    return subject.encode().hex().ljust(64, "0")


def upload_photos(stage: Stage, database: str, connections: int = 32) -> None:
    """Let every crew have its two photos in the store's tables; the bytes play no part."""
    subjects = [f"{role}-{number}" for role in ("reporter", "handler") for number in range(connections)]
    rows = ", ".join(f"('{photo_of(name)}', '{name}')" for name in subjects)
    stage.run_sql(
        database,
        f"WITH given (hash, subject) AS (VALUES {rows}), made AS (INSERT INTO media_object (hash,"
        " stored_digest, media_type, size, width, height, touched_at, stored_at) SELECT hash, hash,"
        " 'image/jpeg', 1, 1, 1, now(), now() FROM given ON CONFLICT DO NOTHING RETURNING hash)"
        " INSERT INTO media_upload (hash, subject, at) SELECT hash, subject, now() FROM given"
        " ON CONFLICT DO NOTHING",
    )


class _Bare(asyncio.Protocol):
    """Answers anything at once: what the generator reaches when nobody is slower than it."""

    ANSWER = b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is none by inheritance

    def data_received(self, data: bytes) -> None:
        self._transport.write(self.ANSWER)


@contextmanager
def bare_server() -> Iterator[str]:
    """The URL of a server in a thread of its own that answers anything at once."""
    ready, stop, urls = Event(), Event(), list[str]()

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(_Bare, LOOPBACK, 0)
        urls.append(f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}")
        ready.set()
        await asyncio.to_thread(stop.wait)
        server.close()

    def run() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve())

    thread = Thread(target=run)
    thread.start()
    ready.wait()
    try:
        yield urls[0]
    finally:
        stop.set()
        thread.join()


def medians(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome whose rate is the middle one."""
    return sorted(outcomes, key=lambda one: sum(map(len, one.times.values())))[len(outcomes) // 2]
