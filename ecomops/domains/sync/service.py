"""Starting a sync, and doing one over."""

from sqlmodel import Session, col, select

from ecomops.domains.access.rules import require
from ecomops.domains.connections.files import refuse_files
from ecomops.domains.jobs.schemas import Enqueue, RetryJob
from ecomops.domains.jobs.service import RETRIABLE, enqueue
from ecomops.domains.plans.rules import require_writable
from ecomops.domains.sync.schemas import StartSync, SyncStarted
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError, NotFoundError
from ecomops.models.connections import FILES, Connection
from ecomops.models.jobs import Job


def start_sync(session: Session, ctx: Context, command: StartSync) -> SyncStarted:
    """Make a sync job for one connection or for all; one that already runs is left alone.

    Raises NotFoundError, and ConflictError when there is nothing to sync.
    """
    require(ctx, "jobs.run")
    require_writable(ctx)
    query = select(Connection).where(col(Connection.status) != "revoked")
    if command.connection_id is None:
        query = query.where(Connection.environment != FILES)
    else:
        query = query.where(Connection.id == command.connection_id)
    connections = session.exec(query).all()
    if not connections:
        raise _nothing_to_sync(command)
    for it in connections:
        refuse_files(it)
    made = [enqueue(session, ctx, Enqueue("sync", "sync", it.id)) for it in connections]
    started = sum(job is not None for job in made)
    return SyncStarted(started, len(made) - started)


def retry_sync(session: Session, ctx: Context, command: RetryJob) -> SyncStarted:
    """Do a job over that failed, died or was canceled, as a new job that names the old one.

    It goes on from where the old one stopped: what was stored stays stored.
    Raises NotFoundError, ConflictError when the old one is not over or was fine.
    """
    require(ctx, "jobs.run")
    require_writable(ctx)
    job = session.exec(select(Job).where(Job.id == command.job_id)).first()
    if job is None:
        raise NotFoundError("This job does not exist.")
    if job.status not in RETRIABLE:
        raise ConflictError(f"This job is {job.status}: there is nothing to do over.")
    if job.connection_id is None:
        raise ConflictError("This job reads no connection: begin anew where it was begun.")
    connection = session.exec(select(Connection).where(Connection.id == job.connection_id)).one()
    if connection.status == "revoked":
        raise ConflictError(f"The connection '{connection.label}' was revoked.")
    again = Enqueue(job.kind, job.queue, connection.id, job.id, job.arguments)
    made = enqueue(session, ctx, again)
    return SyncStarted(1, 0) if made else SyncStarted(0, 1)


def _nothing_to_sync(command: StartSync) -> ConflictError | NotFoundError:
    if command.connection_id is not None:
        return NotFoundError("This connection does not exist.")
    return ConflictError("There is nothing to sync yet. Add a connection first.")
