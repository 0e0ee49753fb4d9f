"""One row with all there is to know of it."""

from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from ecomops.domains.access.rules import require
from ecomops.domains.tables.catalog import all_columns, get_table
from ecomops.domains.tables.lineage import related_rows
from ecomops.domains.tables.provider_links import provider_url
from ecomops.domains.tables.schemas import RowAddress, RowDetail, RowEvent
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of
from ecomops.kit.errors import NotFoundError
from ecomops.kit.statements import plain
from ecomops.models import metadata

EVENTS = 50

# The job of the row's connection that was at work when the row was stored, and no other one that
# was started with it.
_EVENTS = (
    "WITH job AS (SELECT j.id, j.correlation_id FROM {table} r JOIN jobs j"
    "  ON j.connection_id = r.connection_id AND j.created_at <= r.ingested_at"
    "  WHERE r.id = %(id)s AND coalesce(j.finished_at, now()) >= r.ingested_at"
    "  ORDER BY j.created_at DESC LIMIT 1)"
    " SELECT e.id, occurred_at, action, actor, status, e.correlation_id"
    " FROM audit_events e JOIN job ON e.correlation_id = job.correlation_id"
    " AND e.resource_type = 'job' AND e.resource_id = job.id::text"
    f" ORDER BY occurred_at, e.id LIMIT {EVENTS}"
)


def get_row(session: Session, ctx: Context, command: RowAddress) -> RowDetail:
    """Raises NotFoundError, also for another workspace's row."""
    require(ctx, "tables.view")
    row = _row(session, command)
    related, more = related_rows(session, command.table, row)
    values = {column.name: row[column.name] for column in all_columns(command.table)}
    url = None
    if row["environment"] == "provider":
        url = provider_url(command.table, row, row["raw_data"], row["detail"])
    return RowDetail(
        at=command,
        values=values | {"connection": row["label"]},
        raw=row["raw_data"],
        related=related,
        more_related=more,
        provider_url=url,
    )


def list_row_events(session: Session, ctx: Context, command: RowAddress) -> tuple[RowEvent, ...]:
    """The audit events of the job that stored the row; none without leave to see the log."""
    require(ctx, "tables.view")
    get_table(command.table)
    if "audit.view" not in ctx.permissions:
        return ()
    statement = _EVENTS.format(table=command.table)
    found = driver_of(session).execute(statement.encode(), {"id": command.row_id})
    return tuple(RowEvent(*event) for event in found)


def _row(session: Session, at: RowAddress) -> dict[str, Any]:
    """Every column of the row, money as units, and what its connection tells."""
    table, connections = get_table(at.table).table, metadata.tables["connections"]
    columns = [plain(column).label(column.name) for column in table.columns]
    of_connection = (connections.c.label, connections.c.environment, connections.c.detail)
    query = (
        select(*columns, *of_connection)
        .join(connections, connections.c.id == table.c.connection_id)
        .where(table.c.id == at.row_id)
    )
    found = session.execute(query).mappings().first()
    if found is None:
        raise NotFoundError("This row does not exist.")
    return dict(found)
