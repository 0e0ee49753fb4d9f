"""PostgreSQL through SQLAlchemy: engines, and sessions bound to a tenant."""

import math
import time
from typing import Any
from uuid import UUID

import psycopg
from psycopg import ClientCursor, Connection
from sqlalchemy import Engine, Select, create_engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import Session

_BIND = (
    "SELECT set_config('app.current_tenant_id', %s, true),"
    " set_config('app.current_user_id', %s, true), set_config('plan_cache_mode', %s, true)"
)
# A plan made for a small tenant, or for a table before its first sync, must not be kept.
_ANEW = "force_custom_plan"
_KEPT = "force_generic_plan"
_PLAN_ANEW = f"SET LOCAL plan_cache_mode = {_ANEW}"
RESTED_SECONDS = 1.0
"""After so long without work a connection is asked whether it lives before it gets some."""

_SILENT_PEER = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""A server that vanishes without a word is given up within half a minute (seconds; the last ms)."""


def make_engine(url: str, *, pool_size: int = 5, application: str = "ecomops") -> Engine:
    """An engine of this process: UTC, no statement that runs for ever, connections that live."""
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_recycle=1800,
        hide_parameters=True,  # an error must not carry hashes and ciphertexts into a log
        connect_args=_how_to_connect(application, plans=_ANEW),
    )
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", _ask_after_rest)
    return engine


def connect_for_look_ups(url: str, *, application: str = "ecomops") -> Connection[Any]:
    """A connection for look-ups by unique keys, each a transaction of its own.

    Their plans do not depend on sizes, so they are made once.
    """
    how = _how_to_connect(application, plans=_KEPT)
    return psycopg.connect(url, autocommit=True, **how)


def _how_to_connect(application: str, *, plans: str) -> dict[str, Any]:
    return {
        "connect_timeout": 5,
        **_SILENT_PEER,
        "application_name": application,
        "options": "-c timezone=UTC -c lock_timeout=10s -c statement_timeout=120s"
        f" -c plan_cache_mode={plans} -c idle_in_transaction_session_timeout=300s",
    }


def _note_rest(_connection: object, record: Any) -> None:
    record.info["rests_since"] = time.monotonic()


def _ask_after_rest(connection: Any, record: Any, _proxy: object) -> None:
    """Have the pool connect anew once a connection has died while nobody used it.

    What was used a moment ago is not asked: that costs a round trip for each unit of work, and
    a connection may die after the answer as well.
    """
    if time.monotonic() - record.info.get("rests_since", math.inf) < RESTED_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise InvalidatePoolError from error


def driver_of(session: Session) -> Connection[Any]:
    """The driver's own connection of a session, in its transaction."""
    connection: Connection[Any] = session.connection().connection.driver_connection  # type: ignore[assignment]  # psycopg, always
    return connection


def literal_sql(session: Session, query: Select[Any]) -> str:
    """The query with its values written into it, for the driver."""
    compiled = query.compile(session.connection(), compile_kwargs={"render_postcompile": True})
    return ClientCursor(driver_of(session)).mogrify(str(compiled), compiled.params)


def keep_plans(session: Session) -> None:
    """Have this session's coming transactions keep the plans of their statements.

    For statements that find rows by unique keys, whose plans do not depend on sizes;
    ``plan_anew`` comes before any other.
    """
    session.info["plans"] = _KEPT


def plan_anew(connection: Connection[Any]) -> None:
    """Make plans for the sizes that there are, until the transaction ends."""
    connection.execute(_PLAN_ANEW)


def bind_tenant(session: Session, tenant_id: UUID | None, user_id: UUID | None) -> None:
    """Let this session see one workspace's rows, from its open transaction on."""
    session.info["tenant"], session.info["person"] = tenant_id, user_id
    if session.in_transaction():
        session.connection().exec_driver_sql(_BIND, _settings_of(session))


def _settings_of(session: OrmSession) -> tuple[str, ...]:
    bound = [str(session.info.get(name) or "") for name in ("tenant", "person")]
    return (*bound, session.info.get("plans", _ANEW))


@event.listens_for(OrmSession, "after_begin")
def _bind_transaction(session: OrmSession, _transaction: object, connection: Any) -> None:
    if "tenant" in session.info:
        connection.exec_driver_sql(_BIND, _settings_of(session))
