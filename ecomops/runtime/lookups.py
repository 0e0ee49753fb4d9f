"""Look-ups by a unique key: one statement, one round trip, no transaction around it."""

from collections.abc import Callable
from contextlib import suppress
from threading import BoundedSemaphore
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from ecomops.kit.context import Context
from ecomops.kit.database import connect_for_look_ups
from ecomops.kit.errors import OperationalError
from ecomops.runtime.database_errors import DATABASE_ERRORS, translated
from ecomops.runtime.roles import refuse_stronger_role

Command = TypeVar("Command")
Result = TypeVar("Result")
Cursor = psycopg.Cursor[Any]
LookUp = Callable[[Cursor, Context, Command], Result]

PATIENCE = 30.0


class _Pool:
    """Cursors, each on a connection of its own, for as many threads at a time as there are.

    A look-up is one round trip: making a cursor for it, or asking first whether the connection
    lives, would cost as much again.
    """

    def __init__(self, url: str, size: int) -> None:
        self._url = url
        self._free = BoundedSemaphore(size)
        self._idle: list[Cursor] = []
        self._closed = False

    def take(self) -> Cursor:
        """A cursor for the caller alone. Raises OperationalError when all stay taken."""
        if not self._free.acquire(timeout=PATIENCE):
            raise OperationalError("The database is busy. Please try again in a moment.")
        with suppress(IndexError):
            return self._idle.pop()
        try:
            return _made(self._url)
        except BaseException:
            self._free.release()
            raise

    def give_back(self, cursor: Cursor) -> None:
        """The caller is done. A connection that is dead or not at rest is not used again."""
        idle = cursor.connection.pgconn.transaction_status == TransactionStatus.IDLE
        if idle and not self._closed:
            self._idle.append(cursor)
        else:
            cursor.connection.close()
        self._free.release()

    def drop_idle(self) -> None:
        """Close the connections that nobody uses now."""
        while self._idle:
            self._idle.pop().connection.close()

    def close(self) -> None:
        """Close all; those in use as they come back."""
        self._closed = True
        self.drop_idle()


def _made(url: str) -> Cursor:
    connection = connect_for_look_ups(url)
    try:
        refuse_stronger_role(connection)
    except BaseException:
        connection.close()
        raise
    return connection.cursor(binary=True)


class _Process:
    pool: _Pool | None = None


def start(url: str, *, pool_size: int) -> None:
    """Get ready to connect for look-ups, at most twice ``pool_size`` times in this process."""
    _Process.pool = _Pool(url, 2 * pool_size)


def stop() -> None:
    """Close this process's connections for look-ups."""
    if _Process.pool is not None:
        _Process.pool.close()
        _Process.pool = None


def look_up(ctx: Context, find: LookUp[Command, Result], command: Command) -> Result:
    """What ``find`` makes of one statement on the cursor that it is given.

    The statement is a transaction of its own, and sees no workspace but one that it names itself.
    Raises EcomopsError.
    """
    pool = _pool()
    try:
        try:
            return _find(pool, ctx, find, command)
        except psycopg.OperationalError:
            # The server was restarted since, perhaps: then every connection of before is dead.
            pool.drop_idle()
            return _find(pool, ctx, find, command)
    except DATABASE_ERRORS as error:
        raise translated(error) from error


def _find(pool: _Pool, ctx: Context, find: LookUp[Command, Result], command: Command) -> Result:
    cursor = pool.take()
    try:
        return find(cursor, ctx, command)
    finally:
        pool.give_back(cursor)


def _pool() -> _Pool:
    if _Process.pool is None:
        raise RuntimeError("runtime.start(settings) has not been called in this process.")
    return _Process.pool
