"""Making jobs and asking them to stop: what people do with jobs."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.jobs.schemas import CancelJob, Enqueue
from ecomops.domains.plans.rules import require_writable
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError, NotFoundError
from ecomops.kit.ids import new_id
from ecomops.models.jobs import JOB_NEWS, Job, OutboxEntry

ACTIVE_STATUSES = ("pending", "running")
RETRIABLE = ("failed", "dead", "canceled")


def enqueue(session: Session, ctx: Context, command: Enqueue) -> Job | None:
    """Make a job and its outbox entry; None when the same sync is already pending or running."""
    job_id = new_id()
    values = {
        "tenant_id": ctx.tenant,
        "id": job_id,
        "kind": command.kind,
        "queue": command.queue,
        "status": "pending",
        "connection_id": command.connection_id,
        "retry_of": command.retry_of,
        "arguments": dict(command.arguments),
        "correlation_id": ctx.correlation_id,
        "requested_by": ctx.actor.user_id,
        "requested_by_label": ctx.actor.label,
        "max_attempts": Job.model_fields["max_attempts"].default,
        "cancel_requested": False,
        "phase": "",
    }
    added = session.execute(
        insert(Job).values(**values).on_conflict_do_nothing().returning(col(Job.id))
    )
    if added.first() is None:
        return None
    session.add(OutboxEntry(job_id=job_id, tenant_id=ctx.tenant, queue=command.queue))
    session.flush()
    session.info.setdefault("rings", []).append((ctx.tenant, job_id, command.queue))
    tell(session, ctx)
    return session.get_one(Job, (ctx.tenant, job_id))


def tell(session: Session, ctx: Context) -> None:
    """Let open pages of the workspace know, after the commit, that its jobs changed."""
    session.execute(_TELL, {"tenant": str(ctx.tenant)})


_TELL = text(f"SELECT pg_notify('{JOB_NEWS}', :tenant)")


def cancel_job(session: Session, ctx: Context, command: CancelJob) -> None:
    """Ask a job to stop: at once if nobody works on it, else at its next page.

    Raises NotFoundError, ConflictError when the job is over.
    """
    require(ctx, "jobs.run")
    require_writable(ctx)
    job = session.exec(select(Job).where(Job.id == command.job_id).with_for_update()).first()
    if job is None:
        raise NotFoundError("This job does not exist.")
    if job.status not in ACTIVE_STATUSES:
        raise ConflictError(f"This job is already {job.status}.")
    stop(session, ctx, job)


def stop(session: Session, ctx: Context, job: Job) -> None:
    """Ask a locked job that is not over to stop."""
    job.cancel_requested = True
    record(session, ctx, Event("job", "job_cancel_requested", "job", str(job.id)))
    if job.status == "pending":
        _end_unstarted(session, ctx, job)


def cancel_of_connection(session: Session, ctx: Context, connection_id: UUID) -> int:
    """Stop all jobs of a connection that is going away; how many there were."""
    query = select(Job).where(
        Job.connection_id == connection_id, col(Job.status).in_(ACTIVE_STATUSES)
    )
    jobs = session.exec(query.with_for_update()).all()
    for job in jobs:
        job.cancel_requested = True
        if job.status == "pending":
            _end_unstarted(session, ctx, job)
    return len(jobs)


def _end_unstarted(session: Session, ctx: Context, job: Job) -> None:
    """Cancel a job that nobody works on."""
    job.status, job.finished_at = "canceled", datetime.now(UTC)
    of_job = replace(ctx, correlation_id=job.correlation_id)
    record(session, of_job, Event("job", "job_canceled", "job", str(job.id)))
    entry = session.get(OutboxEntry, job.id)
    if entry is not None:
        session.delete(entry)
