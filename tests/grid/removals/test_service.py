"""Everything of estates' own people can be said again."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.main import SERVICE
from tests.authorisation.estates import Estates
from tests.grid.estates import in_estate, two_estates
from tests.grid.factories import Desk, known_unit

NOUNS = ("statement", "objection", "dissuasion", "studio", "visit", "collection-point", "removal")


async def test_each_noun_is_said_again_at_its_version(desk: Desk) -> None:
    own, _ = await two_estates(desk)
    await Estates.made(desk, own, await known_unit(desk.database), await in_estate(desk, own))

    async def again(session: AsyncSession) -> None:
        for noun in NOUNS:
            last: UUID | None = None
            while (last := await SERVICE.restaters[noun](session, 1, last)) is not None:
                pass

    await desk.database.transact(again)
    query = text(
        """SELECT topic, version, count(*) AS n, count(*) FILTER (WHERE restatement) AS again,
            count(DISTINCT payload::jsonb - 'happened_at') AS told
        FROM outbox WHERE topic = ANY(:topics) GROUP BY topic, version"""
    )
    topics = {"topics": [f"jiayuan.grid.{noun}.v1" for noun in NOUNS]}
    rows = (await desk.database.read(lambda s: s.execute(query, topics))).all()
    assert {row.topic for row in rows} == set(topics["topics"])
    assert {(row.version, row.n, row.again, row.told) for row in rows} == {(1, 2, 1, 1)}
