"""A city's cases of three years 三年案件, one in fifty of them open, spread over every unit grid."""

from __future__ import annotations

from tests.bench.stage import Stage

_CASES = """
INSERT INTO grid_case (id, version, fingerprint, receipt_number, state, channel, category, description, words,
    found_at, reported_at, reported_by, verification, area, address, lon, lat, handler, due_at, queue,
    queue_due_at, ended_at)
SELECT uuidv7(-(n * span)), 1, '\\x00', 'L' || n, CASE WHEN n % 50 = 0 THEN 'handling' ELSE 'closed' END,
    'inspector', '0' || 2 + n % 3 || '0' || 1 + n % 4,
    n % 40 + 1 || ' 号楼 ' || n % 20 + 1 || ' 层楼道堆放纸箱，影响通行，编号 ' || n,
    CAST(w.base || ' ' || w.more[1 + n % 12] || ' w' || n AS tsvector),
    at - interval '10 minutes', at, 'inspector-' || n % 3000, 'not_needed', g.code,
    '武宁路' || n % 900 + 1 || '弄' || n % 60 || '号', g.centre_lon / 1e6, g.centre_lat / 1e6,
    'inspector-' || n % 3000, at + interval '1 day',
    CASE WHEN n % 50 = 0 THEN 'overdue' END, CASE WHEN n % 50 = 0 THEN at + interval '1 day' END,
    CASE WHEN n % 50 <> 0 THEN at + interval '2 days' END
FROM generate_series(1, {count}) AS n
CROSS JOIN (SELECT interval '1095 days' / {count} AS span) AS s
CROSS JOIN (SELECT '{base}' AS base, ARRAY[{more}] AS more) AS w
CROSS JOIN LATERAL (SELECT now() - n * span AS at) AS t
JOIN places AS g ON g.place = n % (SELECT count(*) FROM places)
"""

_PLACES = """
CREATE TABLE places AS
SELECT row_number() OVER (ORDER BY md5(code)) - 1 AS place, code, centre_lon, centre_lat FROM unit_grid
"""

BASE = "楼 楼道 道 道堆 堆 堆物 物 号 号楼 层 层楼 堆放 放 放纸 纸 纸箱 箱 影 影响 响 响通 通 通行 行 编 编号"
MORE = (
    "武 武宁 宁 宁路 路 消 消防 防 防通 通道", "充 充电 电", "电 电动 动 动车 车", "噪 噪音 音", "漏 漏水 水",
    "渗 渗漏 漏", "群 群租 租", "违 违建 建", "绿 绿化 化", "停 停车 车", "垃 垃圾 圾", "电 电梯 梯",
)  # fmt: skip


def fill(stage: Stage, database: str, count: int) -> None:
    """So many cases, without their indexes at first, then with fresh statistics. Once per database."""
    if stage.run_sql(database, "SELECT 1 FROM grid_case LIMIT 1"):
        return
    indexes = stage.run_sql(
        database,
        "SELECT indexname, indexdef FROM pg_indexes i WHERE tablename = 'grid_case' AND NOT EXISTS"
        " (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)",
    )
    for name, _ in indexes:
        stage.run_sql(database, f"DROP INDEX {name}")
    stage.run_sql(database, f"ALTER DATABASE {database} SET maintenance_work_mem = '256MB'")
    stage.run_sql(database, _PLACES)
    more = ", ".join(f"'{words}'" for words in MORE)
    for step in _steps(count):
        stage.run_sql(
            database,
            _CASES.format(count=count, base=BASE, more=more).replace(f"generate_series(1, {count})", step),
        )
    for _, made in indexes:
        stage.run_sql(database, str(made))
    stage.run_sql(database, "DROP TABLE places")
    stage.run_sql(database, "VACUUM ANALYZE grid_case")


def _steps(count: int, most: int = 100_000) -> list[str]:
    """The series in parts, so that no statement takes minutes.

    >>> _steps(3, 2)
    ['generate_series(1, 2)', 'generate_series(3, 3)']
    """
    return [
        f"generate_series({first}, {min(first + most - 1, count)})" for first in range(1, count + 1, most)
    ]
