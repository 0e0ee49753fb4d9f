"""The edge of every use case: one session, one transaction, one commit."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from psycopg import errors as pg
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from ecomops.kit.context import Context
from ecomops.kit.database import bind_tenant, make_engine
from ecomops.kit.errors import EcomopsError, OperationalError
from ecomops.kit.logging import get_logger
from ecomops.kit.settings import Settings
from ecomops.runtime.denials import record_denial
from ecomops.runtime.outbox import ring_for

Command = TypeVar("Command")
Result = TypeVar("Result")
UseCase = Callable[[Session, Context, Command], Result]

ATTEMPTS = 4
_AGAIN = (pg.DeadlockDetected, pg.SerializationFailure, pg.LockNotAvailable, pg.AdminShutdown)
log = get_logger(__name__)


class _Process:
    engine: Engine | None = None


def start(settings: Settings, *, pool_size: int = 5) -> None:
    """Make this process's connection pool. After a fork, never before."""
    stop()
    _Process.engine = make_engine(settings.database_url.get_secret_value(), pool_size=pool_size)


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
        session.commit()
        ring_for(session)


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
        except DBAPIError as error:
            if attempt == ATTEMPTS or not _may_repeat(error):
                raise _translated(error) from error
            log.info("unit repeated", use_case=_name(use_case), cause=type(error.orig).__name__)
            time.sleep(random.uniform(0.01, 0.1) * 2**attempt)
    raise AssertionError("unreachable")


def _may_repeat(error: DBAPIError) -> bool:
    return isinstance(error.orig, _AGAIN) or error.connection_invalidated


def _translated(error: DBAPIError) -> EcomopsError:
    detail = f"{type(error.orig).__name__}: {error.orig}"
    if _may_repeat(error) or isinstance(error.orig, pg.OperationalError):
        return OperationalError(
            "The database is busy. Please try again in a moment.", detail=detail
        )
    return EcomopsError("Something went wrong on our side. Nothing was changed.", detail=detail)


def _name(use_case: Callable[..., object]) -> str:
    return getattr(use_case, "__qualname__", repr(use_case))
