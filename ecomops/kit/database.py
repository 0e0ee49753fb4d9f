"""PostgreSQL through SQLAlchemy: engines, and sessions bound to a tenant."""

from typing import Any
from uuid import UUID

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import Session

_BIND = text(
    "SELECT set_config('app.current_tenant_id', :tenant, true),"
    " set_config('app.current_user_id', :person, true)"
)


def make_engine(url: str, *, pool_size: int = 5, application: str = "ecomops") -> Engine:
    """An engine of this process: pre-pinged pool, UTC, and no statement that runs for ever."""
    options = "-c timezone=UTC -c lock_timeout=10s -c statement_timeout=120s"
    # A plan made for a small tenant, or for a table before its first sync, must not be kept.
    options += " -c plan_cache_mode=force_custom_plan"
    return create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "connect_timeout": 5,
            "application_name": application,
            "options": f"{options} -c idle_in_transaction_session_timeout=300s",
        },
    )


def bind_tenant(session: Session, tenant_id: UUID | None, user_id: UUID | None) -> None:
    """Let this session see one workspace's rows, from its open transaction on."""
    session.info["tenant"], session.info["person"] = tenant_id, user_id
    if session.in_transaction():
        session.execute(_BIND, _settings_of(session))


def _settings_of(session: OrmSession) -> dict[str, str]:
    return {name: str(session.info.get(name) or "") for name in ("tenant", "person")}


@event.listens_for(OrmSession, "after_begin")
def _bind_transaction(session: OrmSession, _transaction: object, connection: Any) -> None:
    if "tenant" in session.info:
        connection.execute(_BIND, _settings_of(session))
