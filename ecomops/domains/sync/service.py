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

SYNCED_PROVIDERS = frozenset({"stripe"})
"""Providers whose connector has streams: the others can be connected and tested."""


def start_sync(session: Session, ctx: Context, command: StartSync) -> SyncStarted:
    """Make a sync job for one connection or for all; one that already runs is left alone.

    Connections whose provider has nothing to read yet are passed over.
    Raises NotFoundError, and ConflictError when there is nothing to sync.
    """
    require(ctx, "jobs.run")
    require_writable(ctx)
    query = select(Connection).where(col(Connection.status) != "revoked")
    if command.connection_id is not None:
        query = query.where(Connection.id == command.connection_id)
    connections = session.exec(query).all()
    synced = [it for it in connections if it.provider in SYNCED_PROVIDERS]
    if not synced:
        raise _nothing_to_sync(command, connected=bool(connections))
    made = [enqueue(session, ctx, Enqueue("sync", "sync", it.id)) for it in synced]
    started = sum(job is not None for job in made)
    return SyncStarted(started, len(made) - started)


def _nothing_to_sync(command: StartSync, connected: bool) -> ConflictError | NotFoundError:
    if connected:
        return ConflictError(
            "There is nothing to sync yet. Records are read from Stripe connections only."
        )
    if command.connection_id is not None:
        return NotFoundError("This connection does not exist.")
    return ConflictError("There is nothing to sync yet. Add a connection first.")
