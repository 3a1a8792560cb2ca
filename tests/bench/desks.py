"""What inspectors and the centre ask for all day 日常查询, over twice the cases of the longest list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.coordinates import Crs
from libs.common.policy import Principal, Role
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.schemas import CaseFilter
from services.grid.dossiers.service import Viewing
from services.grid.queues import service as queues
from services.grid.reports import service as reports
from tests.bench.board import Rate
from tests.bench.crowd import fill
from tests.bench.lists import LEADER, PAGE, script_of
from tests.bench.loads import Outcome, drive
from tests.bench.people import CITY, DISTRICT
from tests.bench.pgbench import Pgbench
from tests.bench.plan import Bench

CONNECTIONS = 8
CASES = "/grid/v1/cases"
INSPECTOR = Principal("inspector-0", "inspector-0", frozenset({Role.INSPECTOR}), (CITY,))
DISPATCHER = Principal("dispatcher-0", "dispatcher-0", frozenset({Role.DISPATCHER}), (CITY,))
_FILES = count()


@dataclass(frozen=True)
class Listed:
    """A list as somebody asks for it: with what, who, and where."""

    what: str
    asked: Mapping[str, str]
    viewer: Principal = LEADER
    path: str = CASES

    async def ask(self, session: AsyncSession, viewing: Viewing) -> None:
        """What the route asks of the database."""
        if self.path == CASES:
            await dossiers.listed(
                session, CaseFilter.model_validate(self.asked).wanted, viewing, after=None, limit=PAGE
            )
        else:
            await queues.waiting(session, [], viewing, area=DISTRICT, after=None, limit=PAGE)


NAMED = (
    Listed("open of a district 未结", {"area": DISTRICT, "open": "true"}),
    Listed("overdue of a district 超时", {"area": DISTRICT, "overdue": "true"}),
    Listed("of a category 类别", {"area": DISTRICT, "category": "0202"}),
    Listed("reported by me 本人上报", {"mine": "true"}, INSPECTOR),
    Listed("handled by me 本人处置", {"handling": "true"}, INSPECTOR),
    Listed("the queue 待办", {"area": DISTRICT}, DISPATCHER, "/grid/v1/queue"),
)


def measure(bench: Bench) -> None:
    """`search_rare`, `search_frequent`, `list_named` and `near`."""
    database = f"list_{2 * bench.cases}"
    url = bench.stage.grid(database)
    with bench.step(f"{2 * bench.cases:,} cases"):
        fill(bench.stage, database, 2 * bench.cases)
    with bench.stage.api(url) as api:
        asked = _Asked(bench, database, api.url)
        rare = [f"w{Random(number).randrange(1, 2 * bench.cases)}" for number in range(40)]
        for name, words in (("search_rare", rare), ("search_frequent", ["楼道堆物", "堆放纸箱", "影响通行"])):
            if bench.wants(name):
                asked.searches(name, words)
        if bench.wants("list_named"):
            asked.named()
        if bench.wants("near"):
            asked.near()


@dataclass
class _Asked:
    """One database with its API."""

    bench: Bench
    database: str
    url: str

    def searches(self, name: str, words: list[str]) -> None:
        """Pages of a search ÷ their own statement."""
        lists = [Listed(name, {"q": one}) for one in words]
        scripts = [self._script(one) for one in lists]
        for _ in self.bench.each_round(name):
            limit = self._limit(scripts)
            one = self._drive([dict(one.asked) for one in lists], LEADER)
            self.bench.board.add(name, one.rate("page"), limit)
        self._tell(f"{name}, {2 * self.bench.cases:,}", one)

    def named(self) -> None:
        """The list whose page falls furthest behind its own statement."""
        scripts = [self._script(one) for one in NAMED]
        for number in self.bench.each_round("list_named"):
            found = []
            for script, one in zip(scripts, NAMED, strict=True):
                limit, outcome = self._limit([script]), self._drive([dict(one.asked)], one.viewer, one.path)
                found.append((outcome.rate("page") / limit, outcome.rate("page"), limit))
                if number == self.bench.rounds - 1:
                    self._tell(one.what, outcome)
            _, rate, limit = min(found)
            self.bench.board.add("list_named", rate, limit)

    def near(self) -> None:
        """What an inspector is shown before the report is sent."""
        rows = self.bench.stage.run_sql(
            self.database, "SELECT lon, lat FROM grid_case WHERE ended_at IS NULL ORDER BY id LIMIT 40"
        )
        places = [(float(str(lon)), float(str(lat))) for lon, lat in rows]
        scripts = [self._near_script(place) for place in places]
        asked = [
            {"category": "0202", "lon": lon, "lat": lat, "crs": Crs.CGCS2000.value} for lon, lat in places
        ]
        for _ in self.bench.each_round("near"):
            limit = self._limit(scripts)
            one = self._drive(asked, INSPECTOR, f"{CASES}/near")
            self.bench.board.add("near", one.rate("page"), limit)
        self._tell("what is near 疑似重复提示", one)

    def _near_script(self, place: tuple[float, float]) -> Any:
        async def ask(session: AsyncSession, viewing: Viewing) -> None:
            spot = (*place, Crs.CGCS2000)
            await reports.near(session, "0202", spot, viewer=viewing.viewer, now=viewing.now)

        return script_of(self.bench, self.database, f"near-{next(_FILES)}", ask, INSPECTOR)

    def _script(self, one: Listed) -> Any:
        return script_of(self.bench, self.database, f"desk-{next(_FILES)}", one.ask, one.viewer)

    def _limit(self, scripts: list[Any]) -> float:
        limits = Pgbench(self.bench.stage.postgres, self.database)
        return limits.tps(scripts, clients=CONNECTIONS, seconds=self.bench.seconds)

    def _drive(self, asked: list[dict[str, Any]], viewer: Principal, path: str = CASES) -> Outcome:
        (role,) = viewer.roles
        tokens = self.bench.stage.people.tokens(role, CONNECTIONS, CITY)
        return drive(
            self.url, "pages", CONNECTIONS, self.bench.seconds, tokens=tokens, asked=asked, path=path
        )

    def _tell(self, what: str, one: Outcome) -> None:
        times = one.ms(0.5, "page"), one.ms(0.99, "page")
        self.bench.board.rates.append(Rate(what, CONNECTIONS, one.rate("page"), *times))
