"""What the Jobs page shows."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import aliased, load_only
from sqlmodel import Session, col, select

from ecomops.domains.access.rules import require
from ecomops.domains.jobs.schemas import JobView, ListJobs
from ecomops.kit.context import Context
from ecomops.models.connections import Connection
from ecomops.models.jobs import Job

_CONNECTION: Any = Connection
_SHOWN_OF_CONNECTION = load_only(_CONNECTION.label, _CONNECTION.provider, _CONNECTION.status)


def list_jobs(session: Session, ctx: Context, command: ListJobs) -> tuple[JobView, ...]:
    """The newest jobs first."""
    require(ctx, "jobs.view")
    retried = aliased(Job)
    query = (
        select(Job, Connection, col(retried.created_at))
        .join(Connection, col(Connection.id) == Job.connection_id, isouter=True)
        .join(retried, col(retried.id) == Job.retry_of, isouter=True)
        .options(_SHOWN_OF_CONNECTION)
        .order_by(col(Job.created_at).desc(), col(Job.id).desc())
        .limit(command.limit)
    )
    now = datetime.now(UTC)
    return tuple(_view(*found, now) for found in session.exec(query))


def _view(
    job: Job, connection: Connection | None, retried_at: datetime | None, now: datetime
) -> JobView:
    shared = job.model_dump(include=set(JobView.__dataclass_fields__) - {"requested_by"})
    return JobView(
        **shared,
        connection_label=connection.label if connection else str(job.arguments.get("label", "")),
        provider=connection.provider if connection else "",
        connection_revoked=connection is not None and connection.status == "revoked",
        rows_total=job.rows_done if job.status == "completed" else None,
        rows_per_second=_rate(job, now),
        seconds_left=_seconds_left(job, now),
        requested_by=job.requested_by_label,
        retried_at=retried_at,
    )


def _rate(job: Job, now: datetime) -> int | None:
    if job.started_at is None or not job.rows_done:
        return None
    seconds = ((job.finished_at or now) - job.started_at).total_seconds()
    return round(job.rows_done / max(seconds, 1))


def _seconds_left(job: Job, now: datetime) -> int | None:
    """Of the phase it is in: what has passed, scaled to what is left."""
    if job.status != "running" or not job.phase_fraction or job.phase_started_at is None:
        return None
    passed = (now - job.phase_started_at).total_seconds()
    return round(passed * (1000 - job.phase_fraction) / job.phase_fraction)
