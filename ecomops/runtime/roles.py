"""The database role of this process: one that row-level security holds, or none at all."""

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError as Unreachable

from ecomops.kit.errors import EcomopsError
from ecomops.kit.logging import get_logger

log = get_logger(__name__)

# What the role itself may do, and what it could become by SET ROLE.
_TOO_STRONG = (
    "SELECT string_agg(DISTINCT reason, ', ') FROM ("
    " SELECT CASE WHEN rolsuper THEN 'is a superuser' ELSE 'may bypass row-level security' END"
    "  FROM pg_roles WHERE (rolsuper OR rolbypassrls) AND pg_has_role(oid, 'MEMBER')"
    " UNION ALL SELECT 'owns tables' FROM pg_class"
    "  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    "  AND pg_has_role(relowner, 'MEMBER')) strengths (reason)"
)


class RoleTooStrongError(EcomopsError):
    """DATABASE_URL names a role that row-level security would not hold."""

    code = "database_role"

    def __init__(self, reasons: str) -> None:
        super().__init__(
            f"The role of DATABASE_URL {reasons}. ecomops only runs as a role that row-level"
            " security holds: use ecomops_app, and keep the owner for DATABASE_OWNER_URL."
        )


def refuse_stronger_roles(engine: Engine) -> None:
    """Let ``engine`` connect as a harmless role only. Raises RoleTooStrongError.

    A database that cannot be reached yet is asked when it can be.
    """
    event.listen(engine, "connect", _check)
    try:
        engine.connect().close()
    except Unreachable as error:
        log.warning("database not reachable yet", cause=type(error.orig).__name__)


def refuse_stronger_role(connection: Any) -> None:
    """Raise RoleTooStrongError when this connection's role is not a harmless one."""
    reasons = connection.execute(_TOO_STRONG).fetchone()[0]
    connection.rollback()
    if reasons:
        raise RoleTooStrongError(reasons)


def _check(connection: Any, _record: object) -> None:
    refuse_stronger_role(connection)
