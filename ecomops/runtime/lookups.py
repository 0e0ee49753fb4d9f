"""Look-ups by a unique key: one statement, one round trip, no transaction around it."""

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine

from ecomops.kit.context import Context
from ecomops.kit.database import make_look_up_engine
from ecomops.runtime.database_errors import DATABASE_ERRORS, translated
from ecomops.runtime.roles import refuse_stronger_roles

Command = TypeVar("Command")
Result = TypeVar("Result")
LookUp = Callable[[psycopg.Connection[Any], Context, Command], Result]


class _Process:
    engine: Engine | None = None


def start(url: str, *, pool_size: int) -> None:
    """Make this process's connections for look-ups."""
    _Process.engine = make_look_up_engine(url, pool_size=pool_size)
    refuse_stronger_roles(_Process.engine)


def stop() -> None:
    """Close them."""
    if _Process.engine is not None:
        _Process.engine.dispose()
        _Process.engine = None


def look_up(ctx: Context, find: LookUp[Command, Result], command: Command) -> Result:
    """What ``find`` makes of one statement on the connection that it is given.

    The statement is a transaction of its own, and sees no workspace but one that it names itself.
    Raises EcomopsError.
    """
    try:
        try:
            return _find(ctx, find, command)
        except psycopg.OperationalError:
            # The server was restarted since, perhaps: then every connection of before is dead.
            _engine().dispose()
            return _find(ctx, find, command)
    except DATABASE_ERRORS as error:
        raise translated(error) from error


def _find(ctx: Context, find: LookUp[Command, Result], command: Command) -> Result:
    connection = _engine().raw_connection()
    try:
        driver: Any = connection.driver_connection
        return find(driver, ctx, command)
    finally:
        connection.close()


def _engine() -> Engine:
    if _Process.engine is None:
        raise RuntimeError("runtime.start(settings) has not been called in this process.")
    return _Process.engine
