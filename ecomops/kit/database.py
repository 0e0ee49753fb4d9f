"""PostgreSQL through SQLAlchemy: engines, and sessions bound to a tenant."""

from typing import Any
from uuid import UUID

from psycopg import Connection
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import Session

_BIND = (
    "SELECT set_config('app.current_tenant_id', %s, true),"
    " set_config('app.current_user_id', %s, true)"
)


def make_engine(url: str, *, pool_size: int = 5, application: str = "ecomops") -> Engine:
    """An engine of this process: pre-pinged pool, UTC, and no statement that runs for ever."""
    # A plan made for a small tenant, or for a table before its first sync, must not be kept.
    plans = "force_custom_plan"
    return _engine(url, pool_size, application, plans, pool_pre_ping=True)


def make_look_up_engine(url: str, *, pool_size: int = 5, application: str = "ecomops") -> Engine:
    """An engine for look-ups by unique keys, each a transaction of its own.

    Their plans do not depend on sizes, so they are made once. The caller must be ready to find
    a connection dead.
    """
    plans = "force_generic_plan"
    return _engine(url, pool_size, application, plans, isolation_level="AUTOCOMMIT")


def _engine(url: str, pool_size: int, application: str, plans: str, **how: Any) -> Engine:
    options = "-c timezone=UTC -c lock_timeout=10s -c statement_timeout=120s"
    return create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_recycle=1800,
        **how,
        hide_parameters=True,  # an error must not carry hashes and ciphertexts into a log
        connect_args={
            "connect_timeout": 5,
            "application_name": application,
            "options": f"{options} -c plan_cache_mode={plans}"
            " -c idle_in_transaction_session_timeout=300s",
        },
    )


def driver_of(reader: Session | Connection[Any]) -> Connection[Any]:
    """The driver's own connection: of a session, the one in its transaction."""
    if isinstance(reader, Connection):
        return reader
    connection: Connection[Any] = reader.connection().connection.driver_connection  # type: ignore[assignment]  # psycopg, always
    return connection


def bind_tenant(session: Session, tenant_id: UUID | None, user_id: UUID | None) -> None:
    """Let this session see one workspace's rows, from its open transaction on."""
    session.info["tenant"], session.info["person"] = tenant_id, user_id
    if session.in_transaction():
        session.connection().exec_driver_sql(_BIND, _settings_of(session))


def _settings_of(session: OrmSession) -> tuple[str, ...]:
    return tuple([str(session.info.get(name) or "") for name in ("tenant", "person")])


@event.listens_for(OrmSession, "after_begin")
def _bind_transaction(session: OrmSession, _transaction: object, connection: Any) -> None:
    if "tenant" in session.info:
        connection.exec_driver_sql(_BIND, _settings_of(session))
