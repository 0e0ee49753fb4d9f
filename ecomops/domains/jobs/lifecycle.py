"""A job in a worker's hands: claim, progress, end. Each write shows its fence.

A worker that was paused past its lease finds a newer fence on the row when it wakes: its
transaction is refused whole, rows and all.
"""

from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from psycopg import Connection
from sqlalchemy import text
from sqlmodel import Session

from ecomops.domains.audit.service import Event, Status, record
from ecomops.domains.jobs.errors import JobCanceledError, LeaseLostError
from ecomops.domains.jobs.schemas import Claim, Failure, Lease, Phase, Progress
from ecomops.domains.jobs.service import tell
from ecomops.kit.context import Actor, Context
from ecomops.kit.settings import get_settings

_LEASED = "now() + make_interval(secs => :lease)"

# One job at a time reads a connection: what is stored is never older than what was stored before.
_QUEUE_UP = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(connection_id::text, 0)) FROM jobs"
    " WHERE id = :job AND connection_id IS NOT NULL"
)
_CLAIM = text(
    "UPDATE jobs SET status = 'running', fence = fence + 1,"
    " attempts = least(attempts + 1, max_attempts),"
    f" lease_until = {_LEASED}, started_at = coalesce(started_at, now())"
    " WHERE id = :job AND status IN ('pending', 'running')"
    " AND (lease_until IS NULL OR lease_until < now())"
    " AND NOT EXISTS (SELECT FROM jobs o WHERE o.connection_id = jobs.connection_id"
    "  AND o.id <> jobs.id AND o.status = 'running' AND o.lease_until >= now())"
    " RETURNING id, fence, kind, connection_id, correlation_id, requested_by,"
    " requested_by_label, attempts, arguments, cancel_requested,"
    " old.attempts >= old.max_attempts AS exhausted"
)
_ADVANCE = (
    "UPDATE jobs SET lease_until = now() + make_interval(secs => %(lease)s),"
    " rows_done = rows_done + %(received)s, inserted = inserted + %(inserted)s,"
    " updated = updated + %(updated)s, unchanged = unchanged + %(unchanged)s,"
    " rejected = rejected + %(rejected)s, ignored = ignored + %(ignored)s,"
    " phase_fraction = coalesce(%(phase_fraction)s, phase_fraction)"
    " WHERE id = %(job)s AND fence = %(fence)s AND status = 'running' RETURNING cancel_requested,"
    " CASE WHEN NOT %(durable)s THEN set_config('synchronous_commit', 'off', true) END"
)
_PHASE = text(
    f"UPDATE jobs SET lease_until = {_LEASED}, phase = :label, phase_number = :number,"
    " phase_count = :count, phase_fraction = 0, phase_started_at = now()"
    " WHERE id = :job AND fence = :fence AND status = 'running' RETURNING cancel_requested"
)
_RENEW = text(
    f"UPDATE jobs SET lease_until = {_LEASED}"
    " WHERE id = :job AND fence = :fence AND status = 'running' RETURNING cancel_requested"
)
_END = text(
    "UPDATE jobs SET status = cast(:status AS varchar), finished_at = now(), lease_until = NULL,"
    " error_code = :code, error_message = :message,"
    " phase_fraction = CASE WHEN cast(:status AS varchar) = 'completed' THEN 1000"
    " ELSE phase_fraction END"
    " WHERE id = :job AND fence = :fence AND status = 'running'"
    " RETURNING rows_done, inserted, updated, unchanged, rejected, ignored, attempts"
)
_PUT_BACK = text(
    "UPDATE jobs SET status = 'pending', error_code = :code, error_message = :message,"
    " lease_until = now() + make_interval(secs => :delay)"
    " WHERE id = :job AND fence = :fence AND status = 'running'"
    " AND attempts < max_attempts RETURNING id"
)
# The entry rings again when the lease runs out, so a dead worker's job finds another.
_RING_AFTER_LEASE = text(f"UPDATE outbox SET ring_at = {_LEASED} WHERE job_id = :job")
_RING_AFTER = text(
    "UPDATE outbox SET ring_at = now() + make_interval(secs => :delay) WHERE job_id = :job"
)
_RING_NEXT = text(
    "UPDATE outbox SET ring_at = now(), rung = 0 WHERE job_id IN (SELECT o.id FROM jobs o"
    " JOIN jobs j ON j.connection_id = o.connection_id"
    " WHERE j.id = :job AND o.id <> j.id AND o.status = 'pending')"
)
_RING_NEVER = text("DELETE FROM outbox WHERE job_id = :job")

_BACKOFF = (5, 20, 60, 180)


def claim(session: Session, ctx: Context, command: Claim) -> Lease | None:
    """Take a job that waits, or whose worker's lease ran out. None: it is not to be had.

    While another job of the same connection runs, it is not; the end of that one rings for it.
    """
    _execute(session, _QUEUE_UP, job=command.job_id)
    found = _execute(session, _CLAIM, job=command.job_id)
    if found is None:
        return None
    lease = Lease(*found[:9])
    ctx = working_on(ctx, lease)
    _execute(session, _RING_AFTER_LEASE, job=command.job_id)
    if found.cancel_requested:
        _end(session, ctx, lease, "canceled", None)
        return None
    if found.exhausted:
        message = "The job's worker died several times. Start a new sync to try again."
        _end(session, ctx, lease, "dead", Failure("attempts_exhausted", message, again=False))
        return None
    if found.attempts == 1:
        record(session, ctx, Event("job", "job_started", "job", str(lease.job_id),
                                   payload={"kind": lease.kind}))  # fmt: skip
    return lease


def working_on(ctx: Context, lease: Lease) -> Context:
    """The context of a job's work: its own correlation id, in the name of whoever asked for it."""
    return replace(
        ctx,
        correlation_id=lease.correlation_id,
        actor=Actor(lease.requested_by, lease.requested_by_label),
    )


def advance(
    connection: Connection[Any], lease: Lease, progress: Progress, *, durable: bool = True
) -> None:
    """Add ``progress`` and hold the job longer. Raises LeaseLostError, JobCanceledError.

    What is not ``durable`` is committed without waiting for the disk: if the server crashes in
    the next second, this transaction may never have been.
    """
    hold = {"job": lease.job_id, "fence": lease.fence, "lease": get_settings().job_lease_seconds}
    values = {**hold, **asdict(progress), "durable": durable}
    _still_ours(connection.execute(_ADVANCE, values).fetchone())


def enter_phase(session: Session, ctx: Context, command: tuple[Lease, Phase]) -> None:
    """Begin a phase. Raises LeaseLostError, JobCanceledError."""
    lease, phase = command
    found = _execute(
        session, _PHASE, job=lease.job_id, fence=lease.fence,
        label=phase.label, number=phase.number, count=phase.count,
    )  # fmt: skip
    _still_ours(found)
    _execute(session, _RING_AFTER_LEASE, job=lease.job_id)


def renew(session: Session, ctx: Context, lease: Lease) -> None:
    """Hold the job longer while it waits. Raises LeaseLostError, JobCanceledError."""
    _still_ours(_execute(session, _RENEW, job=lease.job_id, fence=lease.fence))
    _execute(session, _RING_AFTER_LEASE, job=lease.job_id)


def complete(session: Session, ctx: Context, lease: Lease) -> None:
    """The job is done. Raises LeaseLostError."""
    _end(session, ctx, lease, "completed", None)


def cancel(session: Session, ctx: Context, lease: Lease) -> None:
    """The job stopped because a person asked. Raises LeaseLostError."""
    _end(session, ctx, lease, "canceled", None)


def fail(session: Session, ctx: Context, command: tuple[Lease, Failure]) -> None:
    """The job cannot go on: it waits for its next attempt, or ends. Raises LeaseLostError."""
    lease, failure = command
    if failure.again:
        delay = _BACKOFF[min(lease.attempt, len(_BACKOFF)) - 1]
        put_back = _execute(
            session, _PUT_BACK, job=lease.job_id, fence=lease.fence, delay=delay,
            code=failure.code, message=failure.message,
        )  # fmt: skip
        if put_back is not None:
            _execute(session, _RING_AFTER, job=lease.job_id, delay=delay)
            return
    _end(session, ctx, lease, "dead" if failure.again else "failed", failure)


def _end(
    session: Session, ctx: Context, lease: Lease, status: str, failure: Failure | None
) -> None:
    found = _execute(
        session, _END, job=lease.job_id, fence=lease.fence, status=status,
        code=failure.code if failure else None, message=failure.message if failure else None,
    )  # fmt: skip
    _still_ours(found, heed_cancel=False)
    _execute(session, _RING_NEVER, job=lease.job_id)
    _execute(session, _RING_NEXT, job=lease.job_id)
    payload = dict(found._mapping) | ({"code": failure.code, "message": failure.message}
                                      if failure else {})  # fmt: skip
    event = {"completed": "job_completed", "canceled": "job_canceled"}.get(status, "job_failed")
    outcome: Status = "error" if failure else "success"
    record(session, ctx, Event("job", event, "job", str(lease.job_id), outcome, payload))
    tell(session, ctx)


def _still_ours(found: Any, *, heed_cancel: bool = True) -> None:
    if found is None:
        raise LeaseLostError("Another worker has taken this job over.")
    if heed_cancel and found[0]:
        raise JobCanceledError("The job was canceled.")


def _execute(session: Session, statement: Any, *, job: UUID, **values: Any) -> Any:
    lease = get_settings().job_lease_seconds
    wanted = {"job": job, "lease": lease} | values
    done: Any = session.execute(statement, {name: wanted[name] for name in statement._bindparams})
    return done.first() if done.returns_rows else None
