"""One page of records: rows, rejects, cursor and progress in the caller's one transaction."""

from collections.abc import Sequence
from functools import reduce
from hashlib import sha256
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlmodel import Session

from ecomops.connectors.base import Cursor, Page
from ecomops.connectors.records import PayoutLineRecord, Reject, StoredRecord
from ecomops.domains.jobs.lifecycle import advance
from ecomops.domains.jobs.schemas import Progress
from ecomops.domains.sync import links
from ecomops.domains.sync.mappings import FEES, MAPPINGS, Mapping, fee_rows
from ecomops.domains.sync.merge import (
    Driver,
    Incoming,
    Origin,
    changed_rows,
    merge,
)
from ecomops.domains.sync.schemas import Stored, StorePage
from ecomops.domains.sync.uploaded import give_way
from ecomops.domains.sync.whole import drop_missing_lines
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of, keep_plans, plan_anew
from ecomops.models import metadata

_MOVE_CURSOR = (
    "UPDATE cursor_states SET cursor = %(cursor)s, updated_at = now()"
    " WHERE connection_id = %(connection)s AND stream = %(stream)s"
)
_FIRST_CURSOR = (
    "INSERT INTO cursor_states (tenant_id, connection_id, stream, cursor)"
    " VALUES (%(tenant)s, %(connection)s, %(stream)s, %(cursor)s)"
)
_REJECT = (
    "INSERT INTO ingest_rejects (tenant_id, connection_id, job_id, stream, source_id,"
    " reason_code, message, payload, payload_hash) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (tenant_id, connection_id, stream, payload_hash) DO UPDATE"
    " SET times_seen = ingest_rejects.times_seen + 1, job_id = excluded.job_id,"
    " reason_code = excluded.reason_code, message = excluded.message, resolved_at = NULL"
)
_OPEN = "tenant_id = %s AND connection_id = %s AND stream = %s AND resolved_at IS NULL"
_ANY_OPEN_REJECT = f"SELECT 1 FROM ingest_rejects WHERE {_OPEN} LIMIT 1"
_RESOLVE = f"UPDATE ingest_rejects SET resolved_at = now() WHERE {_OPEN} AND source_id = ANY(%s)"

# A line that was left to another connection keeps the fees that are told there.
_OLD_FEES = (
    "DELETE FROM fees f USING payout_lines l WHERE f.payout_line_id = l.id"
    " AND l.connection_id = %s AND l.dedupe_key = ANY(%s) AND NOT f.dedupe_key = ANY(%s)"
)


def store_page(session: Session, ctx: Context, command: StorePage) -> Stored:
    """Store one page. Raises LeaseLostError, JobCanceledError: then nothing of it is kept."""
    target, page = command.target, command.page
    origin = Origin(ctx.tenant, target.connection_id, target.provider)
    keep_plans(session)
    connection = driver_of(session)
    stored = store_records(connection, origin, give_way(connection, origin, page.records))
    dropped = drop_missing_lines(connection, origin, page)
    resolved = _resolve_rejects(connection, origin, page)
    add_rejects(connection, origin, target.lease.job_id, page.rejects)
    closing = command.payout_ref if page.last else None
    if closing is not None:
        plan_anew(connection)
        links.close_payout(connection, origin, closing)
    if command.moves_cursor:
        _move_cursor(connection, origin, command.cursor_name or page.stream, page.cursor)
    # Should a crash take back nothing but a step of the cursor, the step is taken again.
    durable = bool(stored.written or dropped or resolved or page.rejects or closing)
    advance(connection, target.lease, _progress(command, stored), durable=durable)
    return stored


def _move_cursor(connection: Driver, origin: Origin, name: str, cursor: Cursor) -> None:
    # In two statements: an upsert would check the foreign key each time.
    values = {"tenant": origin.tenant_id, "connection": origin.connection_id, "stream": name,
              "cursor": Jsonb(dict(cursor))}  # fmt: skip
    if connection.execute(_MOVE_CURSOR, values).rowcount == 0:
        connection.execute(_FIRST_CURSOR, values)


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


def store_records(connection: Driver, origin: Origin, records: Sequence[StoredRecord]) -> Stored:
    """Store records, parents first, with what they tell beside themselves."""
    kinds = {type(record) for record in records}
    parts = [
        _store_kind(connection, origin, mapping, [it for it in records if type(it) is kind])
        for kind, mapping in MAPPINGS.items()
        if kind in kinds
    ]
    return reduce(Stored.plus, parts, Stored())


def _store_kind(
    connection: Driver, origin: Origin, mapping: Mapping, records: Sequence[StoredRecord]
) -> Stored:
    rows = [_incoming(origin, mapping, record) for record in records]
    changed = changed_rows(connection, origin, mapping, rows)
    inserted = merge(connection, origin, mapping, changed) if changed else 0
    if changed:
        keys = {row.key for row in changed}
        told = [record for record in records if origin.key(record.source_id) in keys]
        _store_contents(connection, origin, told, all_new=inserted == len(changed))
    return Stored(inserted, len(changed) - inserted, len(rows) - len(changed))


def _incoming(origin: Origin, mapping: Mapping, record: StoredRecord) -> Incoming:
    sticky = tuple([getattr(record, name) for name in mapping.sticky]) if mapping.sticky else ()
    return Incoming(origin.key(record.source_id), mapping.values(record), sticky, record.raw)


def _store_contents(
    connection: Driver, origin: Origin, changed: Sequence[StoredRecord], *, all_new: bool
) -> None:
    """What changed lines tell beside themselves: fees, and what payments settled for."""
    lines = [record for record in changed if isinstance(record, PayoutLineRecord)]
    fees = [Incoming(origin.key(row[1]), row) for line in lines for row in fee_rows(line)]
    if lines and not all_new:
        keys = [origin.key(line.source_id) for line in lines]
        connection.execute(_OLD_FEES, [origin.connection_id, keys, [fee.key for fee in fees]])
    if fees:
        merge(connection, origin, FEES, fees)
    links.note_exchange(connection, origin, [r.source_id for r in lines if r.exchange_rate])


def _resolve_rejects(connection: Driver, origin: Origin, page: Page) -> int:
    """A record that was rejected once and can be read now is no open reject any more."""
    stream = [*origin.owner, page.stream]
    if not page.records or connection.execute(_ANY_OPEN_REJECT, stream).fetchone() is None:
        return 0
    ids = [record.source_id for record in page.records]
    return connection.execute(_RESOLVE, [*stream, ids]).rowcount


def add_rejects(
    connection: Driver, origin: Origin, job_id: UUID, rejects: Sequence[Reject]
) -> None:
    """Keep what could not be read; what was seen before is counted once more."""
    if rejects:
        common = (*origin.owner, job_id)
        values = [(*common, *_reject_values(reject)) for reject in rejects]
        connection.cursor().executemany(_REJECT, values)


def _reject_values(reject: Reject) -> tuple[object, ...]:
    # With its id: what is gone at the provider has no payload to be told apart by.
    whole = f"{reject.source_id or ''}\0{reject.payload}"
    digest = sha256(whole.encode("utf-8", "replace")).digest()
    return (
        reject.stream, reject.source_id, reject.reason_code,
        reject.message, reject.payload, digest,
    )  # fmt: skip


def refresh_statistics(session: Session, ctx: Context, command: str) -> None:
    """Tell the planner how large ``command``, a canonical table, has become."""
    session.execute(text(f"ANALYZE {metadata.tables[command].name}"))
