"""The same rows stored by hand: what a person writes who knows PostgreSQL and only this task.

For each page a staging table filled by COPY, one INSERT … SELECT … ON CONFLICT, and a commit. No
jobs, cursors, rejects, retries or generality; the tables, indexes and policies are the product's.
"""

from collections import defaultdict
from collections.abc import Sequence
from hashlib import blake2b
from typing import Self
from uuid import UUID

import psycopg

from bench.by_hand_tables import BEGINNING, FEES, TABLES, Row, Table
from ecomops.connectors.base import Page
from ecomops.connectors.records import PayoutLineRecord, StoredRecord


class ByHand:
    """One connection as the application's role, under row-level security."""

    def __init__(self, url: str, tenant_id: UUID, connection_id: UUID, source: str) -> None:
        self._db = psycopg.connect(url)
        self._db.execute("SELECT set_config('app.current_tenant_id', %s, false)", [str(tenant_id)])
        self._db.execute("SET plan_cache_mode = force_custom_plan")
        self._owner = (tenant_id, connection_id)
        self._source = source
        self._merges = {table.name: self._prepare(table) for table in (*TABLES.values(), FEES)}
        self._db.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def _prepare(self, table: Table) -> tuple[bytes, bytes]:
        name = table.name
        names = ", ".join((*BEGINNING, *table.columns))
        self._db.execute(
            f"CREATE TEMP TABLE s_{name} ON COMMIT DELETE ROWS"
            f" AS SELECT {names} FROM {name} WITH NO DATA".encode()
        )
        links = "".join(f", {link}" for link, _, _ in table.parents)
        found = "".join(f", {link}.id" for link, _, _ in table.parents)
        joins = "".join(
            f" LEFT JOIN {parent} {link} ON {link}.dedupe_key = '{self._source}:' || s.{ref}"
            for link, parent, ref in table.parents
        )
        staged = ", ".join(f"s.{column}" for column in (*BEGINNING, *table.columns))
        written = (*BEGINNING[1:], *table.columns, *(link for link, _, _ in table.parents))
        update = ", ".join(f"{column} = excluded.{column}" for column in written)
        merge = (
            f"INSERT INTO {name} AS t (tenant_id, connection_id, source, {names}{links})"
            f" SELECT %s, %s, '{self._source}', {staged}{found} FROM s_{name} s{joins}"
            f" ON CONFLICT (tenant_id, dedupe_key) DO UPDATE SET {update}"
            " WHERE t.content_hash <> excluded.content_hash"
        )
        return f"COPY s_{name} ({names}) FROM STDIN".encode(), merge.encode()

    def store(self, page: Page) -> None:
        """Insert or update one page."""
        for table, records in _by_table(page.records):
            self._store(table, records, self._rows(table, records))
        self._db.commit()

    def store_changed(self, page: Page) -> None:
        """Keys and hashes first, then what changed."""
        for table, records in _by_table(page.records):
            rows = self._rows(table, records)
            found = self._db.execute(
                f"SELECT dedupe_key, content_hash FROM {table.name}"
                " WHERE dedupe_key = ANY(%s)".encode(),
                [[row[0] for row in rows]],
            )
            known: dict[str, bytes] = dict(found.fetchall())
            changed = [n for n, row in enumerate(rows) if known.get(row[0]) != row[1]]
            if changed:
                self._store(table, [records[n] for n in changed], [rows[n] for n in changed])
        self._db.commit()

    def _store(self, table: Table, records: Sequence[StoredRecord], rows: list[Row]) -> None:
        self._merge(table.name, rows)
        if fees := self._fees(records):
            self._merge("fees", fees)

    def _merge(self, name: str, rows: list[Row]) -> None:
        copy_in, merge = self._merges[name]
        with self._db.cursor() as cursor:
            with cursor.copy(copy_in) as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(merge, self._owner)

    def _rows(self, table: Table, records: Sequence[StoredRecord]) -> list[Row]:
        rows = []
        for record in records:
            values = table.values(record)
            key = f"{self._source}:{record.source_id}"
            rows.append((key, _hash(values, record.raw), record.raw, *values))
        return rows

    def _fees(self, records: Sequence[StoredRecord]) -> list[Row]:
        rows: list[Row] = []
        for line in (it for it in records if isinstance(it, PayoutLineRecord)):
            for part in line.fees:
                source_id = f"{line.source_id}:{part.position}"
                values = (
                    line.source_created_at, source_id, None, line.source_status, part.currency,
                    part.amount, part.kind, part.position, line.source_id, part.description,
                )  # fmt: skip
                key = f"{self._source}:{source_id}"
                rows.append((key, _hash(values, None), None, *values))
        return rows


def _by_table(records: Sequence[StoredRecord]) -> list[tuple[Table, list[StoredRecord]]]:
    """The records of a page for each table, parents first; usually there is one."""
    kinds: dict[type[StoredRecord], list[StoredRecord]] = defaultdict(list)
    for record in records:
        kinds[type(record)].append(record)
    return [(table, kinds[kind]) for kind, table in TABLES.items() if kind in kinds]


def _hash(values: Row, raw: str | None) -> bytes:
    return blake2b(f"{values!r}{raw}".encode(), digest_size=16).digest()
