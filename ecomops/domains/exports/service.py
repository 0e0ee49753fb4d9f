"""What people do with exports: ask for one, once more, fetch it, delete it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, func, select

from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.exports.schemas import (
    ExpiredFile,
    ExportStarted,
    RemoveExport,
    RetryExport,
    StoredFile,
)
from ecomops.domains.jobs.schemas import Enqueue
from ecomops.domains.jobs.service import ACTIVE_STATUSES, RETRIABLE, enqueue, stop, tell
from ecomops.domains.tables.catalog import get_table
from ecomops.domains.tables.export import checked_export, event_of, file_name, require_format
from ecomops.domains.tables.parameters import read_export, write_query
from ecomops.domains.tables.schemas import Export
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError, NotFoundError
from ecomops.kit.ids import new_id
from ecomops.models.exports import ExportFile
from ecomops.models.jobs import Job

KEPT = timedelta(days=7)
MOST_AT_ONCE = 5
"""Files of one person that are prepared at a time."""
FORMAT_NAMES = {"csv": "CSV", "xlsx": "Excel"}


def start_export(session: Session, ctx: Context, command: Export) -> ExportStarted:
    """Have a file prepared. An expired trial may, as CSV: its rows are only read.

    Raises NotFoundError, InvalidInputError, and ConflictError when too many are prepared already.
    """
    require(ctx, "exports.csv")
    require_format(ctx, command.format)
    checked_export(command)
    person = ctx.person
    _refuse_too_many(session, person)
    export_id = new_id()
    job = _job(session, ctx, export_id, command)
    session.add(
        ExportFile(
            tenant_id=ctx.tenant,
            id=export_id,
            job_id=job.id,
            requested_by=person,
            requested_by_label=ctx.actor.label,
            table_name=command.query.table,
            format=command.format,
            query=write_query(command),
            file_name=file_name(session, command),
            expires_at=datetime.now(UTC) + KEPT,
        )
    )
    return ExportStarted(export_id, job.id)


def retry_export(session: Session, ctx: Context, command: RetryExport) -> ExportStarted:
    """Have the same file prepared again, whose job failed, died or was canceled.

    Raises NotFoundError, and ConflictError when there is nothing to do over.
    """
    require(ctx, "exports.csv")
    row = _mine(session, ctx, command.export_id)
    export = export_in(row)
    require_format(ctx, export.format)
    old = session.exec(select(Job).where(Job.id == row.job_id)).one()
    if old.status not in RETRIABLE:
        raise ConflictError(f"This export is {old.status}: there is nothing to do over.")
    _refuse_too_many(session, ctx.person)
    job = _job(session, ctx, row.id, export, retry_of=old.id)
    row.job_id, row.expires_at, row.removed_at = job.id, datetime.now(UTC) + KEPT, None
    row.file_name = file_name(session, export)
    return ExportStarted(row.id, job.id)


def open_download(session: Session, ctx: Context, command: UUID) -> StoredFile:
    """The prepared file, for the person who asked for it alone; audited before it leaves.

    Raises NotFoundError to everybody else, and when it is not there yet or no more.
    """
    require(ctx, "exports.csv")
    row = _mine(session, ctx, command)
    export = export_in(row)
    require_format(ctx, export.format)
    if row.sha256 is None or row.file_key is None or row.expires_at <= datetime.now(UTC):
        raise NotFoundError("This file is not there, or no longer. Export the table again.")
    record(session, ctx, _event("export_downloaded", row))
    return StoredFile(row.file_key, row.file_name, export.format)


def remove_export(session: Session, ctx: Context, command: RemoveExport) -> ExpiredFile | None:
    """Take an export off the list: whoever asked for it, and admins, may.

    One that is being prepared is stopped. Returns the file that is to go; None while a worker may
    still be at it. Raises NotFoundError.
    """
    require(ctx, "tables.view")
    row = _shown(session, command.export_id)
    if not may_remove(ctx, row):
        raise NotFoundError("There is no such export.")
    job = session.exec(select(Job).where(Job.id == row.job_id).with_for_update()).one()
    if job.status in ACTIVE_STATUSES:
        stop(session, ctx, job)
    row.hidden, row.expires_at = True, datetime.now(UTC)
    record(session, ctx, _event("export_deleted", row))
    tell(session, ctx)
    return None if job.status in ACTIVE_STATUSES else ExpiredFile(row.id, row.file_key)


def may_remove(ctx: Context, row: ExportFile) -> bool:
    """Whether the person may delete it."""
    return row.requested_by == ctx.actor.user_id or "tenant.manage" in ctx.permissions


def export_in(row: ExportFile) -> Export:
    """What was asked for."""
    return read_export(row.table_name, "xlsx" if row.format == "xlsx" else "csv", row.query)


def _mine(session: Session, ctx: Context, export_id: UUID) -> ExportFile:
    row = _shown(session, export_id)
    if row.requested_by != ctx.actor.user_id:
        raise NotFoundError("There is no such export.")
    return row


def _shown(session: Session, export_id: UUID) -> ExportFile:
    query = select(ExportFile).where(ExportFile.id == export_id, col(ExportFile.hidden).is_(False))
    row = session.exec(query.with_for_update()).first()
    if row is None:
        raise NotFoundError("There is no such export.")
    return row


def _refuse_too_many(session: Session, person: UUID) -> None:
    query = (
        select(func.count())
        .select_from(ExportFile)
        .join(Job, col(Job.id) == ExportFile.job_id)
        .where(ExportFile.requested_by == person, col(Job.status).in_(ACTIVE_STATUSES))
    )
    if session.exec(query).one() >= MOST_AT_ONCE:
        raise ConflictError(
            f"{MOST_AT_ONCE} of your files are being prepared. Wait until one is ready."
        )


def _job(
    session: Session, ctx: Context, export_id: UUID, export: Export, retry_of: UUID | None = None
) -> Job:
    label = f"{get_table(export.query.table).label}, {FORMAT_NAMES[export.format]}"
    arguments = {"export_id": str(export_id), "label": label}
    job = enqueue(session, ctx, Enqueue("export", "export", None, retry_of, arguments))
    assert job is not None, "no index keeps two exports from being prepared"
    facts = {"export_id": str(export_id), "job_id": str(job.id)}
    record(session, ctx, event_of("table_export_started", export, **facts))
    return job


def _event(action: str, row: ExportFile) -> Event:
    payload = {"table": row.table_name, "format": row.format, "row_count": row.row_count,
               "sha256": row.sha256}  # fmt: skip
    return Event("table", action, "export", str(row.id), payload=payload)
