"""One page of records: rows, rejects, cursor and progress in the caller's one transaction."""

from collections.abc import Sequence
from hashlib import sha256

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlmodel import Session

from ecomops.connectors.records import PayoutLineRecord, Record, Reject
from ecomops.domains.jobs.lifecycle import advance
from ecomops.domains.jobs.schemas import Progress
from ecomops.domains.sync import links
from ecomops.domains.sync.mappings import FEES, MAPPINGS, fee_rows
from ecomops.domains.sync.merge import Incoming, Origin, merge, psycopg_of
from ecomops.domains.sync.schemas import Stored, StorePage
from ecomops.kit.context import Context
from ecomops.models import metadata

_CURSOR = (
    "INSERT INTO cursor_states (tenant_id, connection_id, stream, cursor)"
    " VALUES (%s, %s, %s, %s) ON CONFLICT (tenant_id, connection_id, stream)"
    " DO UPDATE SET cursor = excluded.cursor, updated_at = now()"
)
_REJECT = (
    "INSERT INTO ingest_rejects (tenant_id, connection_id, job_id, stream, source_id,"
    " reason_code, message, payload, payload_hash) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (tenant_id, connection_id, stream, payload_hash) DO UPDATE"
    " SET times_seen = ingest_rejects.times_seen + 1, job_id = excluded.job_id,"
    " reason_code = excluded.reason_code, message = excluded.message, resolved_at = NULL"
)
_RESOLVE = (
    "UPDATE ingest_rejects SET resolved_at = now() WHERE tenant_id = %s AND connection_id = %s"
    " AND stream = %s AND resolved_at IS NULL AND source_id = ANY(%s)"
)


def store_page(session: Session, ctx: Context, command: StorePage) -> Stored:
    """Store one page. Raises LeaseLostError, JobCanceledError: then nothing of it is kept."""
    target, page = command.target, command.page
    origin = Origin(ctx.tenant, target.connection_id, target.provider)
    stored = _store_records(session, origin, page.records)
    _store_rejects(session, origin, command)
    if command.moves_cursor:
        values = [ctx.tenant, target.connection_id, page.stream, Jsonb(dict(page.cursor))]
        psycopg_of(session).execute(_CURSOR, values)
    if command.payout_ref is not None and page.last:
        links.close_payout(session, origin, command.payout_ref)
    advance(session, target.lease, _progress(command, stored))
    return stored


def _progress(command: StorePage, stored: Stored) -> Progress:
    return Progress(
        received=command.page.received,
        inserted=stored.inserted,
        updated=stored.updated,
        unchanged=stored.unchanged,
        rejected=len(command.page.rejects),
        ignored=command.page.ignored,
        phase_fraction=command.fraction,
    )


def _store_records(session: Session, origin: Origin, records: Sequence[Record]) -> Stored:
    if not records:
        return Stored()
    kind = type(records[0])
    mapping = MAPPINGS[kind]
    rows = [
        Incoming(
            record.source_id,
            mapping.values(record),
            tuple([getattr(record, name) for name in mapping.sticky]),
            record.raw,
        )
        for record in records
    ]
    stored, changed = merge(session, origin, mapping, rows)
    if kind is PayoutLineRecord and changed:
        touched = {row.source_id for row in changed}
        lines = [r for r in records if isinstance(r, PayoutLineRecord) and r.source_id in touched]
        _store_fees(session, origin, lines)
        links.note_exchange(session, origin, [r.source_id for r in lines if r.exchange_rate])
    return stored


def _store_fees(session: Session, origin: Origin, lines: Sequence[PayoutLineRecord]) -> None:
    rows = [Incoming(values[1], values) for line in lines for values in fee_rows(line)]
    if rows:
        merge(session, origin, FEES, rows)


def _store_rejects(session: Session, origin: Origin, command: StorePage) -> None:
    page, connection = command.page, psycopg_of(session)
    common = (origin.tenant_id, origin.connection_id)
    if page.records:
        # A record that was rejected once and can be read now is no open reject any more.
        ids = [record.source_id for record in page.records]
        connection.execute(_RESOLVE, [*common, page.stream, ids])
    job = command.target.lease.job_id
    with connection.cursor() as cursor:
        cursor.executemany(_REJECT, [(*common, job, *_reject_values(r)) for r in page.rejects])


def _reject_values(reject: Reject) -> tuple[object, ...]:
    digest = sha256(reject.payload.encode("utf-8", "replace")).digest()
    return (
        reject.stream, reject.source_id, reject.reason_code,
        reject.message, reject.payload, digest,
    )  # fmt: skip


def refresh_statistics(session: Session, ctx: Context, command: str) -> None:
    """Tell the planner how large ``command``, a canonical table, has become."""
    session.execute(text(f"ANALYZE {metadata.tables[command].name}"))
