"""The bulk upsert: keys and hashes first, then only what changed, through a staging table.

COPY into a table under row-level security is refused, so rows are copied to a temporary table
and merged from there. Rows that did not change are not written at all. Row-level security names
the tenant wherever rows are read; a second condition would only mislead the planner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any
from uuid import UUID

from psycopg import Connection, sql
from sqlmodel import Session

from ecomops.domains.sync.mappings import Mapping, Row
from ecomops.domains.sync.schemas import Stored

HASH_BYTES = 16


@dataclass(frozen=True, slots=True)
class Incoming:
    """One row on its way in. ``sticky`` as in Mapping; ``raw`` is JSON text."""

    source_id: str
    values: Row
    sticky: Row = ()
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose rows they are."""

    tenant_id: UUID
    connection_id: UUID
    source: str


def merge(
    session: Session, origin: Origin, mapping: Mapping, rows: Sequence[Incoming]
) -> tuple[Stored, list[Incoming]]:
    """Store ``rows`` (each source id once); how many there were of each kind, and the changed."""
    connection = psycopg_of(session)
    known = _known(connection, origin, mapping, [row.source_id for row in rows])
    staged, changed = [], []
    for row in rows:
        digest = content_hash(row)
        if _differs(known.get(f"{origin.source}:{row.source_id}"), digest, row.sticky):
            staged.append((f"{origin.source}:{row.source_id}", digest, row.raw,
                           *row.values, *row.sticky))  # fmt: skip
            changed.append(row)
    inserted = _write(connection, origin, mapping, staged) if staged else 0
    return Stored(inserted, len(staged) - inserted, len(rows) - len(staged)), changed


def psycopg_of(session: Session) -> Connection[Any]:
    """The driver's own connection, in the session's transaction."""
    connection: Connection[Any] = session.connection().connection.driver_connection  # type: ignore[assignment]  # psycopg, always
    return connection


def content_hash(row: Incoming) -> bytes:
    """Changes when anything changes that the provider said."""
    text = f"{row.values!r}\x1f{row.raw}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=HASH_BYTES).digest()


def _differs(known: tuple[Any, ...] | None, digest: bytes, sticky: Row) -> bool:
    if known is None or bytes(known[0]) != digest:
        return True
    return any(new is not None and new != old
               for new, old in zip(sticky, known[1:], strict=True))  # fmt: skip


def _known(
    connection: Connection[Any], origin: Origin, mapping: Mapping, source_ids: list[str]
) -> dict[str, tuple[Any, ...]]:
    keys = [f"{origin.source}:{source_id}" for source_id in source_ids]
    found = connection.execute(_statements(mapping).known, [keys])
    return {row[0]: row[1:] for row in found}


def _write(connection: Connection[Any], origin: Origin, mapping: Mapping, staged: list[Row]) -> int:
    statements = _statements(mapping)
    with connection.cursor() as cursor:
        cursor.execute(statements.stage)
        with cursor.copy(statements.copy) as copy:
            for row in staged:
                copy.write_row(row)
        cursor.execute(statements.merge, {
            "tenant": origin.tenant_id, "connection": origin.connection_id,
            "source": origin.source,
        })  # fmt: skip
        inserted = sum(bool(new) for (new,) in cursor.fetchall())
        cursor.execute(statements.clear)
    return inserted


@dataclass(frozen=True, slots=True)
class _Statements:
    known: bytes
    stage: bytes
    copy: bytes
    merge: bytes
    clear: bytes


@cache
def _statements(mapping: Mapping) -> _Statements:
    table = mapping.table
    names = {"table": sql.Identifier(table), "stage": sql.Identifier(f"stage_{table}")}
    staged = _list("dedupe_key", "content_hash", "raw_data", *mapping.columns, *mapping.sticky)
    known = sql.SQL(
        "SELECT dedupe_key, content_hash{sticky} FROM {table} WHERE dedupe_key = ANY(%s)"
    ).format(sticky=_each(", {}", mapping.sticky), **names)
    stage = sql.SQL(
        "CREATE TEMP TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS"
        " AS SELECT {staged} FROM {table} WITH NO DATA"
    ).format(staged=staged, **names)
    copy = sql.SQL("COPY {stage} ({staged}) FROM STDIN").format(staged=staged, **names)
    clear = sql.SQL("TRUNCATE {stage}").format(**names)
    statements = (known, stage, copy, _merge_statement(mapping, names), clear)
    return _Statements(*[statement.as_bytes(None) for statement in statements])


def _merge_statement(mapping: Mapping, names: dict[str, sql.Identifier]) -> sql.Composed:
    plain = ("content_hash", "raw_data", *mapping.columns)
    parents = tuple(parent.column for parent in mapping.parents)
    kept = (*mapping.sticky, *parents)
    joins = [
        sql.SQL(
            " LEFT JOIN {parent} {alias} ON {alias}.dedupe_key = %(source)s || ':' || s.{ref}"
        ).format(
            parent=sql.Identifier(parent.table),
            alias=sql.Identifier(parent.column),
            ref=sql.Identifier(parent.ref),
        )
        for parent in mapping.parents
    ]
    return sql.SQL(
        "INSERT INTO {table} AS t (tenant_id, connection_id, source, dedupe_key{columns})"
        " SELECT %(tenant)s, %(connection)s, %(source)s, s.dedupe_key{values}{found}"
        " FROM {stage} s{joins} ORDER BY s.dedupe_key"
        " ON CONFLICT (tenant_id, dedupe_key) DO UPDATE SET connection_id = excluded.connection_id,"
        " ingested_at = now(){overwrite}{keep} RETURNING old.id IS NULL"
    ).format(
        columns=_each(", {}", (*plain, *kept)),
        values=_each(", s.{}", (*plain, *mapping.sticky)),
        found=_each(", {}.id", parents),
        joins=sql.SQL("").join(joins),
        overwrite=_each(", {0} = excluded.{0}", plain),
        keep=_each(", {0} = coalesce(excluded.{0}, t.{0})", kept),
        **names,
    )


def _each(template: str, names: Sequence[str]) -> sql.Composed:
    parts = [sql.SQL(template).format(sql.Identifier(name)) for name in names]  # type: ignore[arg-type]  # our own literals
    return sql.SQL("").join(parts)


def _list(*names: str) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
