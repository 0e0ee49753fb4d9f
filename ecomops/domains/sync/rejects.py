"""Fetching one rejected record again: what may be fetched, and what came of it."""

from uuid import UUID

from sqlmodel import Session, col, select

from ecomops.connectors.records import PayoutLineRecord
from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, Status, record
from ecomops.domains.plans.rules import require_writable
from ecomops.domains.sync import links
from ecomops.domains.sync.merge import Driver, Origin
from ecomops.domains.sync.schemas import RefetchedRecord, RejectedRecord, RetryOutcome
from ecomops.domains.sync.store import add_rejects, store_records
from ecomops.domains.sync.uploaded import give_way
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of
from ecomops.kit.errors import ConflictError, NotFoundError
from ecomops.models.connections import IngestReject
from ecomops.models.jobs import Job

_RESOLVE = (
    "UPDATE ingest_rejects SET resolved_at = now() WHERE connection_id = %s AND stream = %s"
    " AND source_id = %s AND resolved_at IS NULL"
)


def find_for_retry(session: Session, ctx: Context, reject_id: UUID) -> RejectedRecord:
    """The record to fetch. Raises NotFoundError, ConflictError when it cannot be asked for now."""
    require(ctx, "jobs.run")
    require_writable(ctx)
    found = session.exec(select(IngestReject).where(IngestReject.id == reject_id)).first()
    if found is None:
        raise NotFoundError("This record does not exist.")
    if found.resolved_at is not None:
        raise ConflictError("This record has been read in the meantime. Nothing is left to do.")
    if found.source_id is None:
        raise ConflictError("This record came without an id, so it cannot be asked for by itself.")
    _require_no_sync(session, found.connection_id)
    return RejectedRecord(
        found.id, found.connection_id, found.job_id, found.stream, found.source_id
    )


def store_refetched(session: Session, ctx: Context, command: RefetchedRecord) -> RetryOutcome:
    """Store what came, or keep the record as rejected with what is wrong with it now.

    No cursor moves. Raises ConflictError when a sync has begun meanwhile.
    """
    reject, page = command.reject, command.page
    _require_no_sync(session, reject.connection_id)
    origin = Origin(ctx.tenant, reject.connection_id, command.provider)
    connection = driver_of(session)
    connection.execute(_RESOLVE, [reject.connection_id, reject.stream, reject.source_id])
    store_records(connection, origin, give_way(connection, origin, page.records))
    add_rejects(connection, origin, reject.job_id, page.rejects)
    links.link_late_parents(session, ctx, None)
    outcome = _outcome(command, _reopened(connection, origin, command))
    _record(session, ctx, reject, outcome)
    return outcome


def _reopened(connection: Driver, origin: Origin, command: RefetchedRecord) -> int:
    lines = [line for line in command.page.records if isinstance(line, PayoutLineRecord)]
    currencies = sorted({line.currency for line in lines})
    return links.reopen_payouts(connection, origin, currencies) if lines else 0


def _outcome(command: RefetchedRecord, reopened: int) -> RetryOutcome:
    page = command.page
    if page.rejects:
        return RetryOutcome(False, f"It still cannot be read: {page.rejects[0].message}")
    if not page.records:
        return RetryOutcome(True, "It can be read now and is nothing that the tables hold.")
    later = " The next sync puts it into its payout." if reopened else ""
    return RetryOutcome(True, f"The record is in the tables now.{later}")


def _record(session: Session, ctx: Context, reject: RejectedRecord, outcome: RetryOutcome) -> None:
    payload = {"stream": reject.stream, "source_id": reject.source_id, "stored": outcome.stored}
    status: Status = "success" if outcome.stored else "error"
    record(session, ctx, Event("job", "record_retried", "ingest_reject", str(reject.id),
                               status, payload))  # fmt: skip


def _require_no_sync(session: Session, connection_id: UUID) -> None:
    """A sync may have read something newer than what is about to be stored."""
    running = select(Job.id).where(
        Job.connection_id == connection_id, col(Job.status).in_(("pending", "running"))
    )
    if session.exec(running).first() is not None:
        raise ConflictError("A sync of this connection is running. Try again when it is done.")
