"""The same rows stored by hand: what a person writes who knows PostgreSQL and only this task.

For each page a staging table filled by COPY, one INSERT … SELECT … ON CONFLICT, and a commit. No
jobs, cursors, rejects, retries or generality; the tables, indexes and policies are the product's.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Self
from uuid import UUID

import psycopg

from ecomops.connectors.base import Page
from ecomops.connectors.records import PaymentRecord, PayoutLineRecord, PayoutRecord, Record

Row = tuple[Any, ...]

BEGINNING = (
    "dedupe_key", "content_hash", "raw_data", "created_at", "source_id", "source_updated_at",
    "source_status", "currency",
)  # fmt: skip
PAYMENTS = (
    "status", "amount", "kind", "gateway", "charge_ref", "order_ref", "settlement_ref",
    "customer_email", "description", "failure_code",
)  # fmt: skip
PAYOUTS = (
    "status", "amount", "kind", "itemizable", "contents_complete", "initiated_at",
    "arrival_date", "trace_id", "failure_code", "bank_ref", "statement_descriptor",
)  # fmt: skip
LINES = (
    "gross", "fee", "net", "line_type", "reporting_category", "available_on", "object_ref",
    "description", "fx_rate", "payout_ref",
)  # fmt: skip
FEES = ("amount", "kind", "position", "line_ref", "description")
LINE_PARENTS = (
    ("payout_id", "payouts", "payout_ref"), ("payment_id", "payments", "object_ref"),
    ("refund_id", "refunds", "object_ref"), ("dispute_id", "disputes", "object_ref"),
)  # fmt: skip
FEE_PARENTS = (("payout_line_id", "payout_lines", "line_ref"),)
Parents = tuple[tuple[str, str, str], ...]


class ByHand:
    """One connection as the application's role, under row-level security."""

    def __init__(self, url: str, tenant_id: UUID, connection_id: UUID) -> None:
        self._db = psycopg.connect(url)
        self._db.execute("SELECT set_config('app.current_tenant_id', %s, false)", [str(tenant_id)])
        self._db.execute("SET plan_cache_mode = force_custom_plan")
        self._owner = (tenant_id, connection_id)
        self._merges = {
            "payments": self._prepare("payments", PAYMENTS, ()),
            "payouts": self._prepare("payouts", PAYOUTS, ()),
            "payout_lines": self._prepare("payout_lines", LINES, LINE_PARENTS),
            "fees": self._prepare("fees", FEES, FEE_PARENTS),
        }
        self._db.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def _prepare(self, table: str, columns: Row, parents: Parents) -> tuple[bytes, bytes]:
        names = ", ".join(map(str, (*BEGINNING, *columns)))
        self._db.execute(
            f"CREATE TEMP TABLE s_{table} ON COMMIT DELETE ROWS"
            f" AS SELECT {names} FROM {table} WITH NO DATA".encode()
        )
        links = "".join(f", {link}" for link, _, _ in parents)
        found = "".join(f", {link}.id" for link, _, _ in parents)
        joins = "".join(
            f" LEFT JOIN {parent} {link} ON {link}.dedupe_key = 'stripe:' || s.{ref}"
            for link, parent, ref in parents
        )
        staged = ", ".join(f"s.{name}" for name in (*BEGINNING, *columns))
        written = (*BEGINNING[1:], *columns, *(link for link, _, _ in parents))
        update = ", ".join(f"{name} = excluded.{name}" for name in written)
        merge = (
            f"INSERT INTO {table} AS t (tenant_id, connection_id, source, {names}{links})"
            f" SELECT %s, %s, 'stripe', {staged}{found} FROM s_{table} s{joins}"
            f" ON CONFLICT (tenant_id, dedupe_key) DO UPDATE SET {update}"
            " WHERE t.content_hash <> excluded.content_hash"
        )
        return f"COPY s_{table} ({names}) FROM STDIN".encode(), merge.encode()

    def store(self, page: Page) -> None:
        """Insert or update one page."""
        self._store(_canonical(page))
        self._db.commit()

    def _store(self, records: Sequence[Record]) -> None:
        table, rows = _rows(records)
        self._merge(table, rows)
        if fees := _fees(records):
            self._merge("fees", fees)

    def store_changed(self, page: Page) -> None:
        """Keys and hashes first, then what changed."""
        records = _canonical(page)
        table, rows = _rows(records)
        found = self._db.execute(
            f"SELECT dedupe_key, content_hash FROM {table} WHERE dedupe_key = ANY(%s)".encode(),
            [[row[0] for row in rows]],
        )
        known: dict[str, bytes] = dict(found.fetchall())
        changed = [r for r, row in zip(records, rows, strict=True) if known.get(row[0]) != row[1]]
        if changed:
            self._store(changed)
        self._db.commit()

    def _merge(self, table: str, rows: list[Row]) -> None:
        copy_in, merge = self._merges[table]
        with self._db.cursor() as cursor:
            with cursor.copy(copy_in) as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(merge, self._owner)


def _canonical(page: Page) -> list[Record]:
    return [record for record in page.records if isinstance(record, Record)]


def _rows(records: Sequence[Record]) -> tuple[str, list[Row]]:
    """The table, and a row of it for each record."""
    table, rows = "", []
    for record in records:
        table, values = _values(record)
        rows.append((f"stripe:{record.source_id}", _hash(values, record.raw), record.raw, *values))
    return table, rows


def _values(r: Record) -> tuple[str, Row]:
    begin = (r.source_created_at, r.source_id, r.source_updated_at, r.source_status, r.currency)
    match r:
        case PaymentRecord():
            return "payments", (
                *begin, r.status, r.amount, r.kind, r.gateway, r.charge_ref, r.order_ref,
                r.settlement_ref, r.customer_email, r.description, r.failure_code,
            )  # fmt: skip
        case PayoutRecord():
            return "payouts", (
                *begin, r.status, r.amount, r.kind, r.itemizable, r.contents_complete,
                r.initiated_at, r.arrival_date, r.trace_id, r.failure_code, r.bank_ref,
                r.statement_descriptor,
            )  # fmt: skip
        case PayoutLineRecord():
            return "payout_lines", (
                *begin, r.gross, r.fee, r.net, r.line_type, r.reporting_category,
                r.available_on, r.object_ref, r.description, r.exchange_rate, r.payout_ref,
            )  # fmt: skip
    raise TypeError(f"No table is known for {type(r).__name__}.")


def _fees(records: Sequence[Record]) -> list[Row]:
    rows: list[Row] = []
    for line in records:
        for part in line.fees if isinstance(line, PayoutLineRecord) else ():
            source_id = f"{line.source_id}:{part.position}"
            values = (
                line.source_created_at, source_id, None, line.source_status, part.currency,
                part.amount, part.kind, part.position, line.source_id, part.description,
            )  # fmt: skip
            rows.append((f"stripe:{source_id}", _hash(values, None), None, *values))
    return rows


def _hash(values: Row, raw: str | None) -> bytes:
    return blake2b(f"{values!r}{raw}".encode(), digest_size=16).digest()
