"""Importing a file, all of it or nothing, and taking a statement back."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete, select

from ecomops.connectors.reports import Report
from ecomops.core.files.bank import StatementLine
from ecomops.core.money import plain
from ecomops.domains.access.rules import require
from ecomops.domains.access.turns import take_turn
from ecomops.domains.audit.service import Event, record
from ecomops.domains.connections.files import connection_of_files
from ecomops.domains.imports.drafts import hold_for_job
from ecomops.domains.imports.errors import DraftGoneError, ImportedBeforeError
from ecomops.domains.imports.reports import store_report
from ecomops.domains.imports.schemas import Counts, Imported, Rejected, StoreImport
from ecomops.domains.imports.statements import Place, remove_lines, store_lines
from ecomops.domains.jobs.lifecycle import advance
from ecomops.domains.jobs.schemas import Enqueue, Progress
from ecomops.domains.jobs.service import enqueue
from ecomops.domains.plans.rules import require_writable
from ecomops.domains.sync.merge import Origin
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of
from ecomops.kit.errors import ConflictError, InvalidInputError, NotFoundError
from ecomops.kit.ids import new_id
from ecomops.models.imports import BankAccount, Import, ImportDraft, ImportMapping

KIND = "import"


def complete_import(session: Session, ctx: Context, command: StoreImport) -> Imported:
    """Store a file that was read without a mistake; its upload is forgotten.

    Raises DraftGoneError, ImportedBeforeError, InvalidInputError without an account.
    """
    require(ctx, "imports.run")
    require_writable(ctx)
    return store_import(session, ctx, command)


def start_import_job(session: Session, ctx: Context, draft_id: UUID) -> UUID:
    """Have a worker import the person's upload; the job's id. Raises DraftGoneError."""
    require(ctx, "imports.run")
    require_writable(ctx)
    hold_for_job(session, ctx, draft_id)
    job = enqueue(session, ctx, Enqueue(KIND, "default", arguments={"draft_id": str(draft_id)}))
    assert job is not None, "no index keeps two imports from running"
    return job.id


def store_import(session: Session, ctx: Context, command: StoreImport) -> Imported:
    """As ``complete_import``, for a job as well, whose fence is shown in the same transaction."""
    _take_draft(session, command)
    import_id = new_id()
    row = Import(
        tenant_id=ctx.tenant,
        id=import_id,
        kind=command.draft.kind,
        layout=command.layout,
        file_name=command.draft.file_name,
        file_hash=command.draft.file_hash,
        file_bytes=len(command.draft.content),
        options=_options(command),
        created_by=ctx.actor.user_id,
        created_by_label=ctx.actor.label,
        job_id=command.lease.job_id if command.lease else None,
    )
    _place(session, ctx, command, row)
    _refuse_twice(session, row)
    counts = _store(session, ctx, command, row)
    _remember(session, ctx, command)
    session.flush()
    payload = asdict(counts) | {"kind": row.kind, "layout": row.layout, "file": row.file_name,
                                "sha256": row.file_hash.hex(), "sums": row.sums}  # fmt: skip
    record(session, ctx, Event("table", "import_completed", "import", str(import_id),
                               payload=payload))  # fmt: skip
    return Imported(import_id, counts)


def reject_import(session: Session, ctx: Context, command: Rejected) -> None:
    """Leave in the audit log that a file was not imported, and why."""
    require(ctx, "imports.run")
    require_writable(ctx)
    draft = session.exec(select(ImportDraft).where(ImportDraft.id == command.draft_id)).first()
    if draft is None:
        raise DraftGoneError
    payload = {"kind": draft.kind, "file": draft.file_name, "sha256": draft.file_hash.hex(),
               "problems": command.problems, "first": command.first}  # fmt: skip
    record(session, ctx, Event("table", "import_rejected", "import", str(draft.id), "error",
                               payload))  # fmt: skip


def undo_import(session: Session, ctx: Context, import_id: UUID) -> int:
    """Take back the lines that one statement alone told; how many. Its record stays.

    Raises NotFoundError, ConflictError when it was undone before, is no statement, or something
    uses its lines.
    """
    require(ctx, "imports.run")
    require_writable(ctx)
    take_turn(session, ctx)  # an import that overlaps says first which lines it tells too
    row = session.exec(select(Import).where(Import.id == import_id)).first()
    if row is None:
        raise NotFoundError("This import does not exist.")
    if row.kind != "bank":
        raise ConflictError("A payout report cannot be undone: its rows are in the tables.")
    if row.status == "undone":
        raise ConflictError("This import was undone before.")
    row.status, row.undone_at = "undone", datetime.now(UTC)
    session.flush()
    removed = remove_lines(driver_of(session), {
        "import": row.id, "account": row.account_id, "first": row.first_day, "last": row.last_day,
    })  # fmt: skip
    payload = {"file": row.file_name, "sha256": row.file_hash.hex(), "lines": removed}
    record(session, ctx, Event("table", "import_undone", "import", str(row.id),
                               payload=payload))  # fmt: skip
    return removed


def find_import_of_job(session: Session, ctx: Context, job_id: UUID) -> bool:
    """Whether this job has imported its file already."""
    return session.exec(select(Import.id).where(Import.job_id == job_id)).first() is not None


def _take_draft(session: Session, command: StoreImport) -> None:
    """Whoever deletes the upload imports it: a second click finds nothing."""
    status = "importing" if command.lease else "open"
    taken = session.exec(
        delete(ImportDraft).where(
            col(ImportDraft.id) == command.draft.id,
            col(ImportDraft.status) == status,
        )
    )
    if taken.rowcount == 0:
        raise DraftGoneError


def _place(session: Session, ctx: Context, command: StoreImport, row: Import) -> None:
    """The account or the connection that the rows belong to."""
    if command.report is not None:
        row.connection_id = connection_of_files(session, ctx, row.kind).id
        return
    # Statements of one workspace wait for each other, so that each line is counted truly.
    take_turn(session, ctx)
    query = select(BankAccount.id).where(BankAccount.id == command.account_id)
    if command.account_id is None or session.exec(query).first() is None:
        raise InvalidInputError({"account": "Choose the bank account of this statement."})
    row.account_id = command.account_id


def _refuse_twice(session: Session, row: Import) -> None:
    before = session.exec(
        select(Import).where(
            Import.kind == row.kind,
            Import.file_hash == row.file_hash,
            Import.status == "completed",
            Import.account_id == row.account_id,
            Import.connection_id == row.connection_id,
        )
    ).first()
    if before is not None:
        raise ImportedBeforeError(before.file_name, f"{before.created_at:%Y-%m-%d %H:%M}")


def _store(session: Session, ctx: Context, command: StoreImport, row: Import) -> Counts:
    if command.report is not None:
        counts = _store_payouts(session, ctx, row, command.report)
    else:
        counts = _store_statement(session, ctx, row, command.statement)
    row.rows, row.inserted, row.updated = counts.rows, counts.inserted, counts.updated
    row.unchanged, row.ignored = counts.unchanged, counts.ignored
    session.add(row)
    if command.lease is not None:
        progress = Progress(counts.rows, counts.inserted, counts.updated, counts.unchanged,
                            ignored=counts.ignored, phase_fraction=1000)  # fmt: skip
        advance(driver_of(session), command.lease, progress)
    return counts


def _store_payouts(session: Session, ctx: Context, row: Import, report: Report) -> Counts:
    _tell(row, [(it.arrival_date, it.currency, it.amount) for it in report.payouts])
    origin = Origin(ctx.tenant, _known(row.connection_id), row.kind, yields=True)
    return store_report(session, ctx, origin, report)


def _store_statement(
    session: Session, ctx: Context, row: Import, lines: Sequence[StatementLine]
) -> Counts:
    _tell(row, [(it.booked_on, it.currency, it.amount) for it in lines])
    row.rows = row.unchanged = len(lines)  # until it is known how many are new
    session.add(row)
    session.flush()
    place = Place(ctx.tenant, _known(row.account_id), row.id)
    new = store_lines(driver_of(session), place, lines)
    return Counts(len(lines), new, 0, len(lines) - new, 0)


def _tell(row: Import, money: Sequence[tuple[date, str, int]]) -> None:
    """What the file is about: its days, and its sums."""
    days = [day for day, _, _ in money]
    row.first_day, row.last_day = min(days, default=None), max(days, default=None)
    row.sums = sums_of((currency, units) for _, currency, units in money)


def sums_of(amounts: Iterable[tuple[str, int]]) -> dict[str, str]:
    """Currency → the sum of its amounts, as exact decimal text."""
    sums: Counter[str] = Counter()
    for currency, units in amounts:
        sums[currency] += units
    return {currency: plain(units, currency) for currency, units in sorted(sums.items())}


def _options(command: StoreImport) -> dict[str, object]:
    choices = command.choices
    return asdict(choices) | {"mapping": dict(choices.mapping or {})}


def _remember(session: Session, ctx: Context, command: StoreImport) -> None:
    """The next file with these headers is read alike."""
    kept = {"mapping": dict(command.choices.mapping or {}), "updated_at": datetime.now(UTC)}
    made = insert(ImportMapping).values(
        tenant_id=ctx.tenant, kind=command.draft.kind, headers_hash=command.headers_hash, **kept
    )
    session.execute(
        made.on_conflict_do_update(index_elements=["tenant_id", "kind", "headers_hash"], set_=kept)
    )


def _known(row_id: UUID | None) -> UUID:
    assert row_id is not None
    return row_id
