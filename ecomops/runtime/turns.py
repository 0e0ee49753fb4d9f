"""One at a time, whichever process: for what must not be done twice outside of a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from ecomops.runtime.database_errors import DATABASE_ERRORS, translated
from ecomops.runtime.units import engine

_TAKE = text("SELECT pg_advisory_lock(hashtextextended(:name, 1))")
_LEAVE = text("SELECT pg_advisory_unlock(hashtextextended(:name, 1))")


@contextmanager
def turn(name: str) -> Iterator[None]:
    """Wait until nobody else has the turn of this name, and have it for the block.

    It holds a connection of the pool, and ends with it if this process dies. Raises EcomopsError.
    """
    try:
        connection = engine().connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(_TAKE, {"name": name})
    except DATABASE_ERRORS as error:
        raise translated(error) from error
    try:
        yield
    finally:
        with connection:
            connection.execute(_LEAVE, {"name": name})
