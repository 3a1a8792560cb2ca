"""A database on which nothing lasts, so that every call finds the same records."""

from __future__ import annotations

from typing import TypeVar

from libs.common.db import Database, Work

T = TypeVar("T")


class Undone(Database):
    """Takes back whatever a transaction has done, once its answer is there."""

    async def _once(self, work: Work[T]) -> T:
        async with self.sessions() as session:
            try:
                return await work(session)
            finally:
                session.expunge_all()  # a rollback would empty the rows that the answer is made of
                await session.rollback()
