"""What the Exports page shows."""

from datetime import UTC, datetime
from uuid import UUID

from sqlmodel import Session, col, select

from ecomops.domains.access.rules import require
from ecomops.domains.exports.schemas import ExportView, ListExports, Status
from ecomops.domains.exports.service import export_in, may_remove
from ecomops.domains.jobs.service import ACTIVE_STATUSES
from ecomops.kit.context import Context
from ecomops.models.connections import Connection
from ecomops.models.exports import ExportFile
from ecomops.models.jobs import Job


def list_exports(session: Session, ctx: Context, command: ListExports) -> tuple[ExportView, ...]:
    """The workspace's exports, newest first."""
    require(ctx, "tables.view")
    query = (
        select(ExportFile, Job)
        .join(Job, col(Job.id) == ExportFile.job_id)
        .where(col(ExportFile.hidden).is_(False))
        .order_by(col(ExportFile.created_at).desc(), col(ExportFile.id).desc())
        .limit(command.limit)
    )
    labels = dict(session.exec(select(Connection.id, Connection.label)).all())
    now = datetime.now(UTC)
    return tuple(_view(ctx, row, job, labels, now) for row, job in session.exec(query))


def _view(
    ctx: Context, row: ExportFile, job: Job, labels: dict[UUID, str], now: datetime
) -> ExportView:
    export = export_in(row)
    connection_id = export.query.connection_id
    return ExportView(
        id=row.id,
        job_id=job.id,
        export=export,
        status=_status(row, job, now),
        file_name=row.file_name,
        rows=row.row_count,
        size=row.size,
        error=job.error_message or "",
        reference=job.correlation_id,
        requested_by=row.requested_by_label,
        mine=row.requested_by == ctx.actor.user_id,
        removable=may_remove(ctx, row),
        connection_label=labels.get(connection_id, "") if connection_id else "",
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def _status(row: ExportFile, job: Job, now: datetime) -> Status:
    if job.status in ACTIVE_STATUSES:
        return "preparing"
    if row.expires_at <= now:
        return "expired"
    if job.status == "completed":
        return "ready"
    return "canceled" if job.status == "canceled" else "failed"
