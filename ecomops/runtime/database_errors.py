"""What the database's errors mean to those who asked: try again, or something is wrong."""

from psycopg import errors as pg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from ecomops.kit.errors import EcomopsError, OperationalError

_AGAIN = (pg.DeadlockDetected, pg.SerializationFailure, pg.LockNotAvailable, pg.AdminShutdown)
# The bulk work speaks to the driver itself, whose errors come as they are.
DATABASE_ERRORS = (DBAPIError, pg.Error, PoolTimeoutError)


def may_repeat(error: Exception) -> bool:
    """Whether the same may well succeed now, in a transaction that has not been committed."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or isinstance(cause_of(error), _AGAIN)


def cause_of(error: Exception) -> BaseException:
    """The driver's error."""
    return error.orig or error if isinstance(error, DBAPIError) else error


def translated(error: Exception) -> EcomopsError:
    """The same for people."""
    cause = cause_of(error)
    detail = f"{type(cause).__name__}: {cause}"
    if may_repeat(error) or isinstance(cause, pg.OperationalError | PoolTimeoutError):
        return OperationalError(
            "The database is busy. Please try again in a moment.", detail=detail
        )
    return EcomopsError("Something went wrong on our side. Nothing was changed.", detail=detail)
