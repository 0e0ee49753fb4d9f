"""A worker's hold on a job: claim it, do it, and say truly how it ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import structlog
from sqlmodel import Session

from ecomops import runtime
from ecomops.domains.connections.schemas import RecordTest
from ecomops.domains.connections.service import open_connection, record_health, record_sync
from ecomops.domains.jobs import lifecycle
from ecomops.domains.jobs.errors import JobCanceledError, LeaseLostError
from ecomops.domains.jobs.schemas import Claim, Failure, Lease
from ecomops.domains.sync.schemas import Target
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError, OperationalError, ProviderAuthError, ProviderError
from ecomops.kit.logging import get_logger
from ecomops.operations.backfill import backfill
from ecomops.operations.completeness import check_completeness
from ecomops.operations.follow_deliveries import follow_deliveries
from ecomops.operations.heartbeat import Heartbeat
from ecomops.operations.imports import run_import
from ecomops.operations.prepare_export import prepare_export
from ecomops.operations.provider import connector_for
from ecomops.operations.sync_connection import SyncRun

log = get_logger(__name__)


def run_job(ctx: Context, job_id: UUID) -> str:
    """Do the job if it is to be had; how it ended, or ``not_taken``. Raises nothing it can name."""
    lease = runtime.run(ctx, lifecycle.claim, Claim(job_id))
    if lease is None:
        return "not_taken"
    working = lifecycle.working_on(ctx, lease)
    structlog.contextvars.bind_contextvars(
        correlation_id=lease.correlation_id, user_id=str(lease.requested_by)
    )
    try:
        with Heartbeat(working, lease) as heartbeat:
            ending = _do(working, lease, heartbeat)
        runtime.run(working, _completed, (lease, ending))
    except LeaseLostError:
        log.warning("lease lost", job_id=str(job_id), fence=lease.fence)
        return "lease_lost"
    except JobCanceledError:
        runtime.run(working, lifecycle.cancel, lease)
        return "canceled"
    except EcomopsError as error:
        return _stopped(working, lease, error)
    except Exception:
        log.exception("job crashed", job_id=str(job_id))
        broken = EcomopsError("Something went wrong on our side.")
        return _stopped(working, lease, broken)
    return "completed"


Ending = Callable[[Session, Context], None]
"""What else is written in the transaction that completes a job."""
Work = Callable[[Context, Lease, Heartbeat], Ending]


def _with_connection(read: Callable[[SyncRun], str | None]) -> Work:
    """Work that reads the job's connection; returns what a person should know of how it went."""

    def work(ctx: Context, lease: Lease, heartbeat: Heartbeat) -> Ending:
        if lease.connection_id is None:
            raise EcomopsError(f"A job of the kind '{lease.kind}' needs a connection.")
        opened = runtime.run(ctx, open_connection, lease.connection_id)
        connector = connector_for(ctx, opened, heartbeat.stop_asked)
        try:
            note = read(SyncRun(ctx, connector, Target(opened.id, opened.provider, lease)))
        finally:
            connector.close()
        return partial(_note_sync, lease, note)

    return work


def _import(ctx: Context, lease: Lease, heartbeat: Heartbeat) -> Ending:
    """An import is one transaction of its own, which shows the job's fence."""
    run_import(ctx, lease)
    return _nothing


KINDS: Mapping[str, Work] = {
    "sync": _with_connection(SyncRun.execute),
    "deliveries": _with_connection(follow_deliveries),
    "backfill": _with_connection(backfill),
    "completeness": _with_connection(check_completeness),
    "export": prepare_export,
    "import": _import,
}
"""What each kind of job does."""


def _do(ctx: Context, lease: Lease, heartbeat: Heartbeat) -> Ending:
    if lease.kind not in KINDS:
        raise EcomopsError(f"Nothing here can do a job of the kind '{lease.kind}'.")
    try:
        return KINDS[lease.kind](ctx, lease, heartbeat)
    except ProviderError:
        # A wait that was cut short looks like a provider's failure; the person's Cancel is why.
        if heartbeat.reason is not None:
            raise heartbeat.reason from None
        raise


def _nothing(session: Session, ctx: Context) -> None:
    """All was written before."""


def _note_sync(lease: Lease, note: str | None, session: Session, ctx: Context) -> None:
    if lease.connection_id is not None and lease.kind == "sync":
        record_sync(session, lease.connection_id, note)


def _completed(session: Session, ctx: Context, command: tuple[Lease, Ending]) -> None:
    lease, ending = command
    ending(session, ctx)
    lifecycle.complete(session, ctx, lease)


@dataclass(frozen=True, slots=True)
class _Stop:
    lease: Lease
    failure: Failure
    needs_attention: bool


def _stopped(ctx: Context, lease: Lease, error: EcomopsError) -> str:
    failure = Failure(error.code, error.message, again=_may_pass(error))
    log.warning("job stopped", job_id=str(lease.job_id), code=error.code, detail=error.detail)
    try:
        stop = _Stop(lease, failure, isinstance(error, ProviderAuthError))
        runtime.run(ctx, _record_stop, stop)
    except LeaseLostError:
        return "lease_lost"
    return "put_back" if failure.again else "failed"


def _may_pass(error: EcomopsError) -> bool:
    if isinstance(error, ProviderError):
        return error.retryable
    return isinstance(error, OperationalError) or error.code == "internal"


def _record_stop(session: Session, ctx: Context, command: _Stop) -> None:
    lease = command.lease
    if command.needs_attention and lease.connection_id is not None:
        health = RecordTest(lease.connection_id, command.failure.message, command.failure.code)
        record_health(session, ctx, health)
    lifecycle.fail(session, ctx, (lease, command.failure))
