"""What a worker does to exports: begin a file, count its rows, finish it, let it expire.

Each write shows its lease, so a worker that was paused past it leaves no trace.
"""

import secrets
from datetime import UTC, datetime
from uuid import UUID

from sqlmodel import Session, col, select, update

from ecomops.domains.audit.service import Event, record
from ecomops.domains.exports.schemas import ExpiredFile, FileOrder, WrittenFile
from ecomops.domains.exports.service import KEPT, export_in
from ecomops.domains.jobs.lifecycle import advance, enter_phase, renew
from ecomops.domains.jobs.schemas import Lease, Phase, Progress
from ecomops.domains.tables.export import event_of
from ecomops.domains.tables.queries import count_up_to
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of
from ecomops.kit.errors import NotFoundError
from ecomops.models.exports import ExportFile
from ecomops.models.jobs import Job

BATCH = 100
_ALL = 10**9


def find_left(session: Session, ctx: Context, command: Lease) -> str | None:
    """The key of what an earlier attempt may have left, to be removed before ``begin_file``.

    Raises NotFoundError, LeaseLostError, JobCanceledError.
    """
    row = _of_job(session, command.job_id)
    renew(session, ctx, command)
    return row.file_key


def begin_file(session: Session, ctx: Context, command: Lease) -> FileOrder:
    """What to write, from its first row. Raises NotFoundError, LeaseLostError, JobCanceledError."""
    row = _of_job(session, command.job_id)
    enter_phase(session, ctx, (command, Phase("Writing rows", 1, 1)))
    export = export_in(row)
    row.file_key = f"{ctx.tenant}/{secrets.token_urlsafe(32)}"
    again = update(Job).where(col(Job.id) == command.job_id).values(rows_done=0)
    session.execute(again)
    rows = count_up_to(session, export.query, _ALL).value
    return FileOrder(row.id, export, row.file_key, rows)


def note_progress(session: Session, ctx: Context, command: tuple[Lease, Progress]) -> None:
    """More rows are written. Raises LeaseLostError, JobCanceledError."""
    lease, progress = command
    advance(driver_of(session), lease, progress, durable=False)


def finish_file(session: Session, ctx: Context, command: WrittenFile) -> None:
    """The file is whole and in the store; its job ends in the same transaction."""
    row = _of_job(session, command.lease.job_id)
    row.row_count, row.size, row.sha256 = command.rows, command.size, command.sha256
    row.expires_at = row.expires_at if row.hidden else datetime.now(UTC) + KEPT
    facts = {"row_count": command.rows, "sha256": command.sha256, "size": command.size,
             "export_id": str(row.id)}  # fmt: skip
    record(session, ctx, event_of("table_exported", export_in(row), **facts))


def list_expired(session: Session, ctx: Context, command: None) -> list[ExpiredFile]:
    """Files of the workspace whose time is over and that are not removed yet."""
    query = (
        select(ExportFile.id, ExportFile.file_key)
        .join(Job, col(Job.id) == ExportFile.job_id)
        .where(
            col(ExportFile.removed_at).is_(None),
            col(ExportFile.expires_at) <= datetime.now(UTC),
            col(Job.status).not_in(("pending", "running")),
        )
        .order_by(col(ExportFile.expires_at))
        .limit(BATCH)
    )
    return [ExpiredFile(row_id, key) for row_id, key in session.exec(query)]


def note_removed(session: Session, ctx: Context, command: UUID) -> None:
    """Its file is gone. The row stays, unless a person deleted it."""
    query = select(ExportFile).where(
        ExportFile.id == command,
        col(ExportFile.removed_at).is_(None),
        col(ExportFile.expires_at) <= datetime.now(UTC),
    )
    row = session.exec(query.with_for_update()).first()
    if row is None:
        return
    if row.hidden:
        session.delete(row)
        return
    row.removed_at, row.file_key = datetime.now(UTC), None
    record(session, ctx, Event("table", "export_expired", "export", str(row.id)))


def _of_job(session: Session, job_id: UUID) -> ExportFile:
    query = select(ExportFile).where(ExportFile.job_id == job_id).with_for_update()
    row = session.exec(query).first()
    if row is None:
        raise NotFoundError("What was to be exported is not there any more.")
    return row
