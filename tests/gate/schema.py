"""What a database's schema is, in lines that can be compared: columns, constraints, indexes, options."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

_LINES = text(
    """
    WITH ours AS (
        SELECT c.oid, n.nspname || '.' || c.relname AS name, c.reloptions, pg_get_partkeydef(c.oid) AS parted
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('public', 'log_parts', 'bus') AND c.relkind IN ('r', 'p')
          AND c.relname NOT LIKE '%\\_version'
    )
    SELECT 'table ' || name || ' ' || coalesce(parted, '') || ' ' ||
           coalesce((SELECT string_agg(o, ',' ORDER BY o) FROM unnest(reloptions) o), '') FROM ours
    UNION ALL
    SELECT 'column ' || name || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
           || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END || CAST(a.attidentity AS text)
           || CAST(a.attgenerated AS text)
           || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
    FROM ours JOIN pg_attribute a ON a.attrelid = ours.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    UNION ALL
    SELECT 'constraint ' || name || '.' || conname || ' ' || pg_get_constraintdef(k.oid)
    FROM ours JOIN pg_constraint k ON k.conrelid = ours.oid WHERE k.contype <> 'n'
    UNION ALL
    SELECT 'index ' || pg_get_indexdef(i.indexrelid) FROM ours JOIN pg_index i ON i.indrelid = ours.oid
    UNION ALL
    SELECT 'sequence ' || sequencename || ' ' || data_type FROM pg_sequences WHERE schemaname = 'public'
    UNION ALL
    SELECT 'function ' || pg_get_functiondef(p.oid) FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public'
    UNION ALL
    SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t
    JOIN ours ON ours.oid = t.tgrelid WHERE NOT t.tgisinternal
    """
)


async def schema_of(url: str) -> frozenset[str]:
    """The lines of the database behind the URL."""
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return frozenset((await connection.scalars(_LINES)).all())
    finally:
        await engine.dispose()
