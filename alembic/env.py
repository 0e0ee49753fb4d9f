"""Migrations run as the owner of the tables, and compare row-level security too."""

from typing import Any

from alembic import context
from alembic.autogenerate import comparators
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation
from alembic.operations.ops import UpgradeOps
from alembic.util import DispatchPriority, PriorityDispatchResult
from sqlalchemy import create_engine, pool
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlmodel.sql.sqltypes import AutoString

from ecomops.kit.settings import get_settings
from ecomops.models import metadata
from ecomops.models.audit import Xid8
from ecomops.models.drift import security_drift
from ecomops.models.money import Money

LOCK_TIMEOUT = "5s"
ischema_names["xid8"] = Xid8


class RowSecurityDrift(MigrateOperation):
    """What autogenerate reports when a policy differs; a person writes the migration."""

    def __init__(self, problem: str) -> None:
        self.problem = problem

    def to_diff_tuple(self) -> tuple[Any, ...]:
        return ("row_security", self.problem)

    def reverse(self) -> MigrateOperation:
        return self


@comparators.dispatch_for("schema", priority=DispatchPriority.LAST)
def compare_row_security(
    autogen: AutogenContext, upgrade_ops: UpgradeOps, _schemas: set[str | None]
) -> PriorityDispatchResult:
    assert autogen.connection is not None
    upgrade_ops.ops.extend(RowSecurityDrift(p) for p in security_drift(autogen.connection))
    return PriorityDispatchResult.CONTINUE


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | bool:
    """Migrations name plain column types, never ours: they must not change with our code."""
    plain = {Money: "sa.BigInteger()", AutoString: "sa.String()", Xid8: "Xid8()"}
    if kind == "type" and type(item) in plain:
        length = getattr(item, "length", None)
        return f"sa.String({length})" if length else plain[type(item)]
    return False


def owner_url() -> str:
    given = context.get_x_argument(as_dictionary=True).get("url")
    url = given or get_settings().database_owner_url.get_secret_value()
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def run() -> None:
    engine = create_engine(owner_url(), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        context.configure(
            connection=connection,
            target_metadata=metadata,
            compare_type=True,
            compare_server_default=True,
            render_item=render_item,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
