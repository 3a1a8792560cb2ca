"""The database edge: one command, one batch, one job batch is one transaction, opened and committed here.

`Database.transact` runs a unit of work as one shielded task, so that a cancelled request cannot leave a
commit half asked for, and runs it again as a whole on deadlock, serialization failure and lock timeout.
While it is open, `refuse_outside_calls` raises: no HTTP inside a transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy import Executable, MetaData, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from libs.common.errors import Unavailable
from libs.common.signals import Signal

T = TypeVar("T")
Work = Callable[[AsyncSession], Awaitable[T]]

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# deadlock_detected, serialization_failure, lock_not_available: the whole unit of work may run again.
RETRYABLE = frozenset({"40P01", "40001", "55P03"})
ATTEMPTS = 3

_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")

_APART = "apart"
APART_POOL = 2

_open: ContextVar[bool] = ContextVar("transaction_open", default=False)


class DatabaseAway(Unavailable):
    """The database does not answer, or every connection is taken (数据库暂不可用)."""

    code = "database-unavailable"
    zh = "数据库暂不可用，请稍后重试"
    en = "The database is not available now, please try again"


class OutsideCallInTransaction(RuntimeError):
    """A client was called while a transaction was open: a mistake of the programmer."""


class ConnectionLost(ConnectionError):
    """The connection broke before the commit was asked for, mostly because the server was started again while
    it lay in the pool: nothing was kept, and the whole unit of work may run on another one."""


def metadata() -> MetaData:
    """A MetaData whose constraints have predictable names."""
    return MetaData(naming_convention=NAMING)


def refuse_outside_calls() -> None:
    """Raise `OutsideCallInTransaction` if this task has a transaction open. Called by every client."""
    if _open.get():
        raise OutsideCallInTransaction


async def hold(session: AsyncSession, name: str) -> None:
    """Let those who hold the same name follow each other, to the end of the transaction: for what has no row
    to lock yet."""
    await session.execute(_HOLD, {"name": name})


async def apart(session: AsyncSession, statement: Executable, values: Mapping[str, Any]) -> Any:
    """The one value of a statement that is committed at once, whatever becomes of the session's transaction.

    For counters whose numbers may have gaps: their row would stay locked until the transaction ends, and
    everybody would wait for everybody. It asks for no sync of its own, and loses nothing by it: whatever is
    written with the number is committed later, and that sync reaches this far back.
    """
    engine: AsyncEngine | None = session.info.get(_APART)
    if engine is None:
        return await session.scalar(statement, dict(values))
    async with engine.connect() as connection:
        return await connection.scalar(statement, dict(values))


def sqlstate(error: BaseException) -> str | None:
    """The SQLSTATE behind a driver error, or None."""
    origin = getattr(error, "orig", None)
    return getattr(origin, "sqlstate", None) or getattr(origin, "pgcode", None)


def is_away(error: BaseException) -> bool:
    """Whether the error says that the database cannot work now: class 08, 53, 57P, or no connection."""
    if isinstance(error, PoolTimeout | OSError | asyncio.TimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = sqlstate(error) or ""
    if state.startswith(("08", "53", "57P", "25006")):
        return True
    unanswered = isinstance(error, InterfaceError | OperationalError) and not state
    return error.connection_invalidated or unanswered


class Database:
    """One service's database: an engine, and the one place where transactions begin and end."""

    def __init__(self, url: str, *, pool_size: int = 10, name: str = "jiayuan") -> None:
        self.url = url
        self.engine = _engine(url, pool_size, name)
        self._apart = _engine(url, APART_POOL, name, apart=True)
        self.committed = Signal()
        """Set after every commit in this process: wakes the sequencer."""
        self.sessions = async_sessionmaker(
            self.engine, expire_on_commit=False, autoflush=False, info={_APART: self._apart}
        )
        # Every statement of a read sees what is committed then, so a transaction around it is two idle turns.
        reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._readers = async_sessionmaker(reading, expire_on_commit=False, autoflush=False)

    async def transact(self, work: Work[T], *, attempts: int = ATTEMPTS) -> T:
        """Run `work(session)` and commit. Raises what it raises, or `DatabaseAway`; then nothing is kept.

        An error during the commit itself may hide a commit that happened: the caller's retry must carry
        a key (idempotency key, event id, client id) by which the second run finds the first.
        """
        return await asyncio.shield(asyncio.ensure_future(self._attempt(self._once, work, attempts)))

    async def read(self, work: Work[T]) -> T:
        """Run `work(session)` for reading only. Raises `DatabaseAway` when the database is away."""
        return await self._attempt(self._look, work, ATTEMPTS)

    async def _attempt(self, run: Callable[[Work[T]], Awaitable[T]], work: Work[T], attempts: int) -> T:
        for attempt in range(1, attempts + 1):
            try:
                return await run(work)
            except ConnectionLost as lost:
                if attempt == attempts:
                    raise DatabaseAway from lost
            except DBAPIError as error:
                if sqlstate(error) in RETRYABLE and attempt < attempts:
                    await asyncio.sleep(0.01 * attempt)
                    continue
                if is_away(error) or sqlstate(error) in RETRYABLE:
                    raise DatabaseAway from error
                raise
            except (PoolTimeout, OSError) as error:
                raise DatabaseAway from error
        raise AssertionError("unreachable")

    async def _once(self, work: Work[T]) -> T:
        token = _open.set(True)
        try:
            async with self.sessions() as session, session.begin():
                result = await _before_commit(session, work)
            self.committed.set()
            return result
        finally:
            _open.reset(token)

    async def _look(self, work: Work[T]) -> T:
        async with self._readers() as session:
            return await _before_commit(session, work)

    async def close(self) -> None:
        """Give every connection back."""
        await self.engine.dispose()
        await self._apart.dispose()


def _engine(url: str, pool_size: int, name: str, *, apart: bool = False) -> AsyncEngine:
    """`apart`: every statement is committed by itself, without a sync of its own."""
    told = {
        "application_name": name,
        "timezone": "UTC",
        "lock_timeout": "5000",
        "statement_timeout": "30000",
        "idle_in_transaction_session_timeout": "60000",
        "jit": "off",
        **({"synchronous_commit": "off"} if apart else {}),
    }
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        connect_args={"timeout": 5, "server_settings": told},
        **({"isolation_level": "AUTOCOMMIT"} if apart else {}),
    )


async def _before_commit(session: AsyncSession, work: Work[T]) -> T:
    """The unit of work. Raises `ConnectionLost` beside what it raises."""
    try:
        return await work(session)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise ConnectionLost from error
        raise
