"""Starting a sync."""

from sqlmodel import Session, col, select

from ecomops.domains.access.rules import require
from ecomops.domains.jobs.schemas import Enqueue
from ecomops.domains.jobs.service import enqueue
from ecomops.domains.plans.rules import require_writable
from ecomops.domains.sync.schemas import StartSync, SyncStarted
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError, NotFoundError
from ecomops.models.connections import Connection


def start_sync(session: Session, ctx: Context, command: StartSync) -> SyncStarted:
    """Make a sync job for one connection or for all; one that already runs is left alone.

    Raises NotFoundError, and ConflictError when there is nothing to sync.
    """
    require(ctx, "jobs.run")
    require_writable(ctx)
    query = select(Connection).where(col(Connection.status) != "revoked")
    if command.connection_id is not None:
        query = query.where(Connection.id == command.connection_id)
    connections = session.exec(query).all()
    if not connections:
        raise _nothing_to_sync(command)
    made = [
        enqueue(session, ctx, Enqueue("sync", "sync", connection.id)) for connection in connections
    ]
    started = sum(job is not None for job in made)
    return SyncStarted(started, len(made) - started)


def _nothing_to_sync(command: StartSync) -> ConflictError | NotFoundError:
    if command.connection_id is not None:
        return NotFoundError("This connection does not exist.")
    return ConflictError("There is nothing to sync yet. Add a connection first.")
