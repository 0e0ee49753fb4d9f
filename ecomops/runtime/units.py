"""The edge of every use case: one session, one transaction, one commit."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session
from structlog.contextvars import bound_contextvars

from ecomops.kit.context import Context
from ecomops.kit.database import bind_tenant, make_engine
from ecomops.kit.errors import EcomopsError, OperationalError
from ecomops.kit.logging import get_logger
from ecomops.kit.settings import Settings
from ecomops.runtime import lookups
from ecomops.runtime.database_errors import (
    DATABASE_ERRORS,
    cause_of,
    may_repeat,
    translated,
)
from ecomops.runtime.denials import record_denial
from ecomops.runtime.outbox import ring_for
from ecomops.runtime.revocations import tell_of
from ecomops.runtime.roles import refuse_stronger_roles

Command = TypeVar("Command")
Result = TypeVar("Result")
UseCase = Callable[[Session, Context, Command], Result]

ATTEMPTS = 4
log = get_logger(__name__)


class _Process:
    engine: Engine | None = None


def start(settings: Settings, *, pool_size: int = 5) -> None:
    """Make this process's connection pool. After a fork, never before.

    Raises RoleTooStrongError when row-level security would not hold the database role.
    """
    stop()
    url = settings.database_url.get_secret_value()
    made = make_engine(url, pool_size=pool_size)
    refuse_stronger_roles(made)
    _Process.engine = made
    lookups.start(url, pool_size=pool_size)


def stop() -> None:
    """Close this process's connections."""
    lookups.stop()
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

    What it put into the outbox is rung for after the commit, and who it signed out is told.
    """
    with Session(engine(), expire_on_commit=False) as session:
        bind_tenant(session, ctx.tenant_id, ctx.actor.user_id)
        yield session
        session.flush()
        _commit(session)
        ring_for(session)
        tell_of(session)


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
            with bound_contextvars(**_named_in_logs(ctx)), unit_of_work(ctx) as session:
                return use_case(session, ctx, command)  # type: ignore[arg-type]  # None: no command
        except EcomopsError as error:
            record_denial(ctx, error, unit_of_work)
            raise
        except DATABASE_ERRORS as error:
            if attempt == ATTEMPTS or not may_repeat(error):
                raise translated(error) from error
            cause = type(cause_of(error)).__name__
            log.info("unit repeated", use_case=_name(use_case), cause=cause)
            time.sleep(random.uniform(0.01, 0.1) * 2**attempt)
    raise AssertionError("unreachable")


def _named_in_logs(ctx: Context) -> dict[str, str]:
    names = {"tenant_id": ctx.tenant_id, "user_id": ctx.actor.user_id}
    known = {name: str(value) for name, value in names.items() if value is not None}
    return {"correlation_id": ctx.correlation_id, **known}


def _name(use_case: Callable[..., object]) -> str:
    return getattr(use_case, "__qualname__", repr(use_case))
