"""Lists and search 列表与检索, with 10,000, 200,000 and a million cases of three years in the whole city."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.db import Database
from libs.common.embedded.processes import blocking
from libs.common.policy import Principal, Role
from services.grid.cases.service import Wanted
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.api import BY_TIME
from services.grid.dossiers.service import Viewing
from tests.bench.board import Rate
from tests.bench.crowd import fill
from tests.bench.loads import drive
from tests.bench.people import CITY, DISTRICT
from tests.bench.pgbench import Pgbench
from tests.bench.plan import Bench
from tests.bench.statements import literal
from tests.support.statements import statements

CONNECTIONS = 32
FEW, SOME = 10_000, 200_000
DISTRICTS = (
    "310101", "310104", "310105", "310106", "310107", "310109", "310110", "310112", "310113", "310114",
    "310115", "310116", "310117", "310118", "310120", "310151",
)  # fmt: skip
SCOPES = {"list_flat_district": {"area": DISTRICT}, "list_flat_city": {}}
DEPTHS = (0.02, 0.25, 0.5, 0.75, 0.98)
PAGE = 51
"""Rows that are asked for a page of fifty: one more tells that there is a next one."""
LEADER = Principal("leader-0", "leader-0", frozenset({Role.LEADER}), (CITY,))
Ask = Callable[[AsyncSession, Viewing], Awaitable[object]]
SEARCHES = ("楼道堆物 充电", "武宁路 消防通道", "电动车")


def measure(bench: Bench) -> None:
    """`list_page`, `list_flat_*`, and the absolute rates of lists and searches at each size."""
    stage, sizes = bench.stage, sorted({FEW, SOME, bench.cases})
    for size in sizes:
        name = f"list_{size}"
        stage.grid(name)
        with bench.step(f"{size:,} cases"):
            fill(stage, name, size)
    with _apis(bench, (FEW, bench.cases)) as (few, many):
        if bench.wants("list_page"):
            _page(bench, many)
        for name, scope in SCOPES.items():
            if bench.wants(name):
                _flat(bench, name, scope, (few, many))
    for size in sizes:
        with _apis(bench, (size,)) as (url,):
            _rates(bench, url, size)


@contextmanager
def _apis(bench: Bench, sizes: tuple[int, ...]) -> Iterator[list[str]]:
    """An API over each of these sizes."""
    first, *others = sizes
    with bench.stage.api(bench.stage.grid(f"list_{first}")) as api:
        if not others:
            yield [api.url]
            return
        with _apis(bench, tuple(others)) as urls:
            yield [api.url, *urls]


def _page(bench: Bench, url: str) -> None:
    asked = [{"area": district} for district in DISTRICTS]
    scripts = [_script(bench, one["area"]) for one in asked]
    limits = Pgbench(bench.stage.postgres, f"list_{bench.cases}")
    for _ in bench.each_round("list_page"):
        limit = limits.tps(scripts, clients=CONNECTIONS, seconds=bench.seconds)
        tokens = bench.stage.people.tokens(Role.LEADER, CONNECTIONS, CITY)
        one = drive(url, "pages", CONNECTIONS, bench.seconds, tokens=tokens, asked=asked)
        bench.board.add("list_page", one.rate("page"), limit)


def _script(bench: Bench, area: str) -> Path:
    """The query that the list runs for the area, as a script."""

    async def ask(session: AsyncSession, viewing: Viewing) -> None:
        await dossiers.listed(session, Wanted(area=area), viewing, after=None, limit=PAGE)

    return script_of(bench, f"list_{bench.cases}", f"page-{area}", ask)


def script_of(bench: Bench, database: str, name: str, ask: Ask, viewer: Principal = LEADER) -> Path:
    """The statement that the platform runs last for what is asked, as a script."""
    viewing, found = Viewing(viewer, utc_now()), list[str]()

    async def run() -> None:
        opened = Database(bench.stage.grid(database), pool_size=1)
        async with statements(opened) as asked:
            await opened.read(lambda session: ask(session, viewing))
        found.extend(literal(statement, values) for statement, values in asked)
        await opened.close()

    blocking(run)
    file = bench.stage.folder / f"{name}.sql"
    file.write_text(f"{found[-1]};\n", "utf-8")
    return file


def _flat(bench: Bench, name: str, scope: dict[str, str], urls: tuple[str, str]) -> None:
    few, many = urls
    cursors = [_cursor(bench, share, scope.get("area", CITY)) for share in DEPTHS]
    seconds = max(0.5, bench.seconds / 4)

    def p50(url: str, **more: str) -> float:
        tokens = bench.stage.people.tokens(Role.LEADER, 1, CITY)
        return drive(url, "pages", 1, seconds, tokens=tokens, asked=[{**scope, **more}]).ms(0.5, "page")

    for _ in bench.each_round(name):
        small, first = p50(few), p50(many)
        deepest = max(p50(many, after=cursor) for cursor in cursors)
        bench.board.add(name, max(deepest / first, first / small))


def _cursor(bench: Bench, share: float, area: str) -> str:
    """The cursor behind a case so deep in the area's list."""
    place = int(share * bench.cases / (len(DISTRICTS) if area == DISTRICT else 1))
    (found,) = bench.stage.run_sql(
        f"list_{bench.cases}",
        f"SELECT reported_at, id FROM grid_case WHERE area LIKE '{area}%'"
        f" ORDER BY reported_at DESC, id DESC OFFSET {place} LIMIT 1",
    ) or [(utc_now() - timedelta(days=900), UUID(int=0))]
    at, key = found
    assert isinstance(at, datetime)
    return BY_TIME.encode(at, key)


def _rates(bench: Bench, url: str, size: int) -> None:
    """Lists and searches as they are, at a few connections."""
    for what, asked in (
        ("first page 列表首页", [{"area": district} for district in DISTRICTS]),
        ("search 检索", [{"q": words} for words in SEARCHES]),
    ):
        for connections in (1, 8):
            tokens = bench.stage.people.tokens(Role.LEADER, connections, CITY)
            seconds = max(0.5, bench.seconds / 2)
            one = drive(url, "pages", connections, seconds, tokens=tokens, asked=asked)
            bench.board.rates.append(
                Rate(
                    f"{what}, {size:,}",
                    connections,
                    one.rate("page"),
                    one.ms(0.5, "page"),
                    one.ms(0.99, "page"),
                )
            )
