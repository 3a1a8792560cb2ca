"""Statistics 统计: a district's month over two million cases of three years, now and long ago."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from libs.common.clocks import local_date, utc_now
from libs.common.policy import Role
from services.grid.statistics.domain import Period
from tests.bench.board import Rate
from tests.bench.lists import DISTRICTS
from tests.bench.loads import Outcome, drive
from tests.bench.people import CITY
from tests.bench.pgbench import Pgbench
from tests.bench.plan import Bench
from tests.bench.stage import Stage

PATH = "/grid/v1/statistics"
DATABASE = "statistics"
CONNECTIONS = 8
CASES = 2_000_000
BEHIND = timedelta(days=40)
LONG_AGO = timedelta(days=900)

_HAPPENED = (
    ("reported", 0, False, "true"), ("accepted", 0.2, False, "true"), ("filed", 0.5, False, "true"),
    ("dispatched", 1, True, "true"), ("answered", 20, True, "true"),
    ("answered_on_time", 20, True, "n % 10 <> 0"), ("fell_due", 24, True, "n % 10 = 0"),
    ("closed", 40, True, "n % 50 <> 0"), ("closed_on_time", 40, True, "n % 10 <> 0 AND n % 50 <> 0"),
)  # fmt: skip
"""What is counted of each case: what, hours after the report, whether a unit has it then, of which cases."""

_STOOD = ((0, False, 1, "true"), (1, False, -1, "true"), (1, True, 1, "true"), (40, True, -1, "n % 50 <> 0"))
"""How a case stands open: with nobody, with its unit, no more; the same, with how many more."""

_ONE = """SELECT left(g.code, 12) AS area,
    date_bin('12 hours', t.at + interval '1 hour' * {hours}, timestamptz '2000-01-01 00:00+08') AS half,
    '{what}' AS what, '0' || 2 + n % 3 || '0' || 1 + n % 4 AS category, 'inspector' AS channel,
    {unit} AS unit, {level} AS level, {more} AS n
FROM generate_series(1, {count}) AS n CROSS JOIN (SELECT interval '1095 days' / {count} AS span) AS s
CROSS JOIN LATERAL (SELECT now() - n * span AS at) AS t
JOIN places AS g ON g.place = n % (SELECT count(*) FROM places) WHERE {which}"""

_PLACES = (
    "CREATE TABLE places AS SELECT row_number() OVER (ORDER BY md5(code)) - 1 AS place, code FROM unit_grid"
)

_COLUMNS = "area, half, what, category, channel, unit, level"

BEST = """SELECT what, sum(n) FROM tally
WHERE left(area, 6) = '{area}' AND half >= '{begins}' AND half < '{ends}' GROUP BY what;
SELECT s.what, s.n - coalesce(t.n, 0) FROM (
    SELECT what, sum(n) AS n FROM tally_stock WHERE left(area, 6) = '{area}' GROUP BY what) AS s
LEFT JOIN (SELECT what, sum(n) AS n FROM tally WHERE left(area, 6) = '{area}' AND half >= '{ends}'
    AND what IN ('open', 'overdue') GROUP BY what) AS t ON t.what = s.what;
"""


def measure(bench: Bench) -> None:
    """`statistics`, and the rates of a month long ago and of one beside last year."""
    url = bench.stage.grid(DATABASE)
    with bench.step(f"{CASES:,} cases counted"):
        fill(bench.stage, DATABASE, CASES)
    month = _month(BEHIND)
    scripts = [_script(bench, area, month) for area in DISTRICTS]
    limits = Pgbench(bench.stage.postgres, DATABASE)
    with bench.stage.api(url) as api:
        for _ in bench.each_round("statistics"):
            limit = limits.tps(scripts, clients=CONNECTIONS, seconds=bench.seconds)
            bench.board.add("statistics", _asked(bench, api.url, month).rate("page"), limit)
        for what, period, more in (
            ("a month's statistics 月统计", month, {}),
            ("of a month long ago 早年月统计", _month(LONG_AGO), {}),
            ("beside last year 同比", month, {"last_year": "true"}),
        ):
            one = _asked(bench, api.url, period, **more)
            times = one.ms(0.5, "page"), one.ms(0.99, "page")
            bench.board.rates.append(Rate(what, CONNECTIONS, one.rate("page"), *times))


def _month(behind: timedelta) -> Period:
    until: date = local_date(utc_now()) - behind
    return Period(until - timedelta(days=29), until)


def _asked(bench: Bench, url: str, period: Period, **more: str) -> Outcome:
    days = {"since": period.since.isoformat(), "until": period.until.isoformat()}
    asked: list[Any] = [{"area": area, **days, **more} for area in DISTRICTS]
    tokens = bench.stage.people.tokens(Role.LEADER, CONNECTIONS, CITY)
    return drive(url, "pages", CONNECTIONS, bench.seconds, tokens=tokens, asked=asked, path=PATH)


def _script(bench: Bench, area: str, period: Period) -> Path:
    begins, ends = (at.isoformat() for at in period.bounds)
    file = bench.stage.folder / f"statistics-{area}.sql"
    file.write_text(BEST.format(area=area, begins=begins, ends=ends), "utf-8")
    return file


def fill(stage: Stage, database: str, count: int) -> None:
    """What so many cases have left in the tallies, without the indexes at first. Once per database."""
    if stage.run_sql(database, "SELECT 1 FROM tally LIMIT 1"):
        return
    indexes = stage.run_sql(
        database, "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'tally' ORDER BY indexname"
    )
    stage.run_sql(database, "ALTER TABLE tally DROP CONSTRAINT pk_tally")
    for name, _ in indexes:
        stage.run_sql(database, f"DROP INDEX IF EXISTS {name}")
    stage.run_sql(database, f"ALTER DATABASE {database} SET maintenance_work_mem = '256MB'")
    stage.run_sql(database, f"ALTER DATABASE {database} SET work_mem = '256MB'")
    stage.run_sql(database, _PLACES)
    for what, hours, unit, which in _HAPPENED:
        stage.run_sql(database, _insert(_one(count, what, hours, unit, which)))
    moves = (_one(count, "open", hours, unit, which, more) for hours, unit, more, which in _STOOD)
    stage.run_sql(database, _insert(" UNION ALL ".join(moves)))
    stage.run_sql(
        database,
        "INSERT INTO tally_stock SELECT area, what, category, channel, unit, level, sum(n) FROM tally"
        " WHERE what = 'open' GROUP BY area, what, category, channel, unit, level",
    )
    stage.run_sql(
        database,
        "INSERT INTO tally_month SELECT area, date_trunc('month', half, 'Asia/Shanghai') AS month, what,"
        " category, channel, unit, level, sum(n) FROM tally WHERE what = 'open'"
        " GROUP BY area, month, what, category, channel, unit, level",
    )
    for _, made in indexes:
        stage.run_sql(database, str(made))
    stage.run_sql(database, "ALTER TABLE tally ADD CONSTRAINT pk_tally PRIMARY KEY USING INDEX pk_tally")
    stage.run_sql(database, "DROP TABLE places")
    stage.run_sql(database, f"ALTER DATABASE {database} RESET work_mem")
    for table in ("tally", "tally_month", "tally_stock"):
        stage.run_sql(database, f"VACUUM ANALYZE {table}")


def _one(count: int, what: str, hours: float, unit: bool, which: str, more: int = 1) -> str:
    return _ONE.format(
        count=count, what=what, hours=hours, which=which, more=more,
        unit="CASE n % 2 WHEN 0 THEN '' ELSE CAST(md5(CAST(n % 400 AS text)) AS uuid)::text END"
        if unit else "''",
        level="'subdistrict'" if unit else "''",
    )  # fmt: skip


def _insert(given: str) -> str:
    return (
        f"INSERT INTO tally ({_COLUMNS}, n) SELECT {_COLUMNS}, sum(n) FROM ({given}) AS given"
        f" GROUP BY {_COLUMNS} HAVING sum(n) <> 0"
    )
