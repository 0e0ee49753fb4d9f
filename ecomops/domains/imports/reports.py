"""Payout reports become canonical rows through the merge that syncs use."""

from collections.abc import Sequence

from sqlmodel import Session

from ecomops.connectors.records import PayoutLineRecord, StoredRecord
from ecomops.connectors.reports import Report
from ecomops.domains.imports.schemas import Counts
from ecomops.domains.sync.mappings import FEES, MAPPINGS
from ecomops.domains.sync.merge import Driver, Origin, empty_stage
from ecomops.domains.sync.schemas import Stored
from ecomops.domains.sync.store import refresh_statistics, store_records
from ecomops.domains.sync.uploaded import better_told, renew
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of

ANALYZE_FROM = 1000
PART = 10_000
_CLOSE_PAYOUTS = (
    "UPDATE payouts p SET contents_read_at = now(), fee_total = l.fee FROM ("
    " SELECT l.payout_id, sum(l.fee)::bigint AS fee"
    " FROM payouts o JOIN payout_lines l ON l.payout_id = o.id"
    " WHERE o.connection_id = %s AND o.dedupe_key = ANY(%s) GROUP BY 1) l"
    " WHERE p.id = l.payout_id AND (p.contents_read_at IS NULL OR p.fee_total <> l.fee)"
)


def store_report(session: Session, ctx: Context, origin: Origin, report: Report) -> Counts:
    """Store what an account did not tell better. A line counts, or a payout that has none."""
    connection = driver_of(session)
    records: list[StoredRecord] = [*report.payouts, *report.lines]
    told = better_told(connection, origin, records)
    payouts = renew(connection, origin, [it for it in report.payouts if it.source_id not in told])
    lines = [it for it in report.lines if it.source_id not in told]
    stored_payouts = store_records(connection, origin, payouts)
    _refresh(session, ctx, stored_payouts, "payouts")
    stored_lines = Stored()
    for start in range(0, len(lines), PART):
        part = _store_part(connection, origin, lines[start : start + PART])
        _refresh(session, ctx, part, "payout_lines", "fees")
        stored_lines = stored_lines.plus(part)
    _close_payouts(connection, origin, report, told)
    counted = stored_lines.plus(stored_payouts) if _counts_payouts(report) else stored_lines
    return Counts(
        rows=report.rows,
        inserted=counted.inserted,
        updated=counted.updated,
        unchanged=report.rows - report.ignored - counted.written,
        ignored=report.ignored,
    )


def _counts_payouts(report: Report) -> bool:
    """Whether each payout is a row of the file, and not the sum of its lines."""
    return len(report.payouts) + len(report.lines) + report.ignored == report.rows


def _store_part(connection: Driver, origin: Origin, lines: Sequence[PayoutLineRecord]) -> Stored:
    """Some of the lines, so that no one statement takes too long."""
    for mapping in (MAPPINGS[PayoutLineRecord], FEES):
        empty_stage(connection, mapping)
    return store_records(connection, origin, lines)


def _refresh(session: Session, ctx: Context, stored: Stored, *tables: str) -> None:
    """Tell the planner of many new rows before it looks for them."""
    for table in tables if stored.written >= ANALYZE_FROM else ():
        refresh_statistics(session, ctx, table)


def _close_payouts(
    connection: Driver, origin: Origin, report: Report, told: frozenset[str]
) -> None:
    """The report holds its payouts whole: keep when their lines were read, and their fees.

    Lines that an account told are linked by it alone, and so are not all of them yet.
    """
    elsewhere = {it.payout_ref for it in report.lines if it.source_id in told}
    whole = {it.payout_ref for it in report.lines} - elsewhere
    keys = [origin.key(it) for it in whole if it]
    connection.execute(_CLOSE_PAYOUTS, [origin.connection_id, keys])
