"""The edge of every use case: one session, one transaction, one commit."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from psycopg import errors as pg
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from ecomops.kit.context import Context
from ecomops.kit.database import bind_tenant, make_engine
from ecomops.kit.errors import EcomopsError, OperationalError
from ecomops.kit.logging import get_logger
from ecomops.kit.settings import Settings
from ecomops.runtime.denials import record_denial
from ecomops.runtime.outbox import ring_for
from ecomops.runtime.roles import refuse_stronger_roles

Command = TypeVar("Command")
Result = TypeVar("Result")
UseCase = Callable[[Session, Context, Command], Result]

ATTEMPTS = 4
_AGAIN = (pg.DeadlockDetected, pg.SerializationFailure, pg.LockNotAvailable, pg.AdminShutdown)
# The bulk work speaks to the driver itself, whose errors come as they are.
_DATABASE_ERRORS = (DBAPIError, pg.Error, PoolTimeoutError)
log = get_logger(__name__)


class _Process:
    engine: Engine | None = None


def start(settings: Settings, *, pool_size: int = 5) -> None:
    """Make this process's connection pool. After a fork, never before.

    Raises RoleTooStrongError when row-level security would not hold the database role.
    """
    stop()
    made = make_engine(settings.database_url.get_secret_value(), pool_size=pool_size)
    refuse_stronger_roles(made)
    _Process.engine = made


def stop() -> None:
    """Close this process's connections."""
    if _Process.engine is not None:
        _Process.engine.dispose()
        _Process.engine = None


def engine() -> Engine:
    """This process's engine. Raises RuntimeError before ``start``."""
    if _Process.engine is None:
        raise RuntimeError("runtime.start(settings) has not been called in this process.")
    return _Process.engine


@contextmanager
def unit_of_work(ctx: Context) -> Iterator[Session]:
    """A session that sees the workspace of ``ctx``; commits at the end, or rolls all of it back.

    What it put into the outbox is rung for after the commit.
    """
    with Session(engine(), expire_on_commit=False) as session:
        bind_tenant(session, ctx.tenant_id, ctx.actor.user_id)
        yield session
        session.flush()
        _commit(session)
        ring_for(session)


def _commit(session: Session) -> None:
    try:
        session.commit()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        # It may have been done; doing it again could do it twice.
        message = "The connection was lost while saving. See whether it was done before you repeat."
        raise OperationalError(message, detail=str(error.orig)) from error


def run(ctx: Context, use_case: UseCase[Command, Result], command: Command | None = None) -> Result:
    """Run a use case in a unit of work of its own.

    Repeats it when the database asks for that. Raises EcomopsError; a denial is audited first.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with unit_of_work(ctx) as session:
                return use_case(session, ctx, command)  # type: ignore[arg-type]  # None: no command
        except EcomopsError as error:
            record_denial(ctx, error, unit_of_work)
            raise
        except _DATABASE_ERRORS as error:
            if attempt == ATTEMPTS or not _may_repeat(error):
                raise _translated(error) from error
            cause = type(_cause_of(error)).__name__
            log.info("unit repeated", use_case=_name(use_case), cause=cause)
            time.sleep(random.uniform(0.01, 0.1) * 2**attempt)
    raise AssertionError("unreachable")


def _may_repeat(error: Exception) -> bool:
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or isinstance(_cause_of(error), _AGAIN)


def _cause_of(error: Exception) -> BaseException:
    return error.orig or error if isinstance(error, DBAPIError) else error


def _translated(error: Exception) -> EcomopsError:
    cause = _cause_of(error)
    detail = f"{type(cause).__name__}: {cause}"
    if _may_repeat(error) or isinstance(cause, pg.OperationalError | PoolTimeoutError):
        return OperationalError(
            "The database is busy. Please try again in a moment.", detail=detail
        )
    return EcomopsError("Something went wrong on our side. Nothing was changed.", detail=detail)


def _name(use_case: Callable[..., object]) -> str:
    return getattr(use_case, "__qualname__", repr(use_case))
