"""The bulk upsert: keys and hashes first, then only what changed, through a staging table.

COPY into a table under row-level security is refused, so rows are copied to a temporary table
and merged from there. Rows that did not change are not written at all. Row-level security names
the tenant wherever rows are read; a second condition would only mislead the planner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, sql

from ecomops.domains.sync.mappings import Mapping, Row
from ecomops.kit.database import plan_anew

HASH_BYTES = 16
Driver = Connection[Any]


class Incoming(NamedTuple):
    """One row on its way in. ``key`` is its dedupe key, ``sticky`` as in Mapping, ``raw`` JSON."""

    key: str
    values: Row
    sticky: Row = ()
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose rows they are. ``yields``: rows of another connection are left as they are."""

    tenant_id: UUID
    connection_id: UUID
    source: str
    yields: bool = False

    @property
    def owner(self) -> tuple[UUID, UUID]:
        return self.tenant_id, self.connection_id

    def key(self, source_id: str) -> str:
        """The dedupe key of a record."""
        return f"{self.source}:{source_id}"


def changed_rows(
    connection: Driver, origin: Origin, mapping: Mapping, rows: Sequence[Incoming]
) -> list[Incoming]:
    """Those of ``rows`` that are not stored yet, or otherwise.

    So are rows of another connection to the same account: whoever reads them now looks after them.
    """
    keys = [row.key for row in rows]
    with connection.cursor(binary=True) as cursor:
        cursor.execute(_statements(mapping).known, [origin.connection_id, keys])
        stored = {found[0]: found for found in cursor.fetchall()}
    return [row for row in rows if _differs(row, stored.get(row.key))]


def merge(connection: Driver, origin: Origin, mapping: Mapping, rows: Sequence[Incoming]) -> int:
    """Store ``rows``, each key once; how many of them are new.

    Once per table and transaction: the commit is what empties the staging table, or
    ``empty_stage``.
    """
    statements = _statements(mapping)
    plan_anew(connection)
    with connection.cursor() as cursor:
        cursor.execute(statements.stage)
        with cursor.copy(statements.copy) as copy:
            for row in rows:
                copy.write_row((row.key, content_hash(row), row.raw, *row.values, *row.sticky))
        cursor.execute(statements.merge, {
            "tenant": origin.tenant_id, "connection": origin.connection_id,
            "source": origin.source, "yields": origin.yields,
        })  # fmt: skip
        return sum(new for (new,) in cursor.fetchall())


def empty_stage(connection: Driver, mapping: Mapping) -> None:
    """Let ``merge`` be called once more for this table, in the same transaction."""
    connection.execute(_statements(mapping).stage)
    connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(f"stage_{mapping.table}")))


def content_hash(row: Incoming) -> bytes:
    """Changes when anything changes that the provider said."""
    text = f"{row.values!r}\x1f{row.raw}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=HASH_BYTES).digest()


def _differs(row: Incoming, stored: Sequence[Any] | None) -> bool:
    if stored is None or stored[1] != content_hash(row):
        return True
    return bool(row.sticky) and any(map(_adds, row.sticky, stored[2:]))


def _adds(new: object, old: object) -> bool:
    return new is not None and new != old


@dataclass(frozen=True, slots=True)
class _Statements:
    known: bytes
    stage: bytes
    copy: bytes
    merge: bytes


@cache
def _statements(mapping: Mapping) -> _Statements:
    table = mapping.table
    names = {"table": sql.Identifier(table), "stage": sql.Identifier(f"stage_{table}")}
    staged = _list("dedupe_key", "content_hash", "raw_data", *mapping.columns, *mapping.sticky)
    known = sql.SQL(
        "SELECT dedupe_key, CASE WHEN connection_id = %s THEN content_hash END{sticky}"
        " FROM {table} WHERE dedupe_key = ANY(%s)"
    ).format(sticky=_each(", {}", mapping.sticky), **names)
    stage = sql.SQL(
        "CREATE TEMP TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS"
        " AS SELECT {staged} FROM {table} WITH NO DATA"
    ).format(staged=staged, **names)
    copy = sql.SQL("COPY {stage} ({staged}) FROM STDIN").format(staged=staged, **names)
    statements = (known, stage, copy, _merge_statement(mapping, names))
    return _Statements(*[statement.as_bytes(None) for statement in statements])


def _merge_statement(mapping: Mapping, names: dict[str, sql.Identifier]) -> sql.Composed:
    plain = ("content_hash", "raw_data", *mapping.columns)
    parents = tuple(parent.column for parent in mapping.parents)
    kept = (*mapping.sticky, *parents)
    found = [
        # Not a join: for one page the planner would read all of a small parent table.
        sql.SQL(
            ", (SELECT p.id FROM {} p WHERE p.dedupe_key = %(source)s::text || ':' || s.{})"
        ).format(sql.Identifier(parent.table), sql.Identifier(parent.ref))
        for parent in mapping.parents
    ]
    return sql.SQL(
        "INSERT INTO {table} AS t (tenant_id, connection_id, source, dedupe_key{columns})"
        " SELECT %(tenant)s, %(connection)s, %(source)s::text, s.dedupe_key{values}{found}"
        " FROM {stage} s ORDER BY s.dedupe_key"
        " ON CONFLICT (tenant_id, dedupe_key) DO UPDATE SET connection_id = excluded.connection_id,"
        " ingested_at = now(){overwrite}{keep}"
        " WHERE (t.connection_id, t.content_hash{old})"
        " IS DISTINCT FROM (excluded.connection_id, excluded.content_hash{new})"
        " AND (NOT %(yields)s OR t.connection_id = excluded.connection_id)"
        " RETURNING old.id IS NULL"
    ).format(
        columns=_each(", {}", (*plain, *kept)),
        values=_each(", s.{}", (*plain, *mapping.sticky)),
        found=sql.SQL("").join(found),
        overwrite=_each(", {0} = excluded.{0}", plain),
        keep=_each(", {0} = coalesce(excluded.{0}, t.{0})", kept),
        old=_each(", t.{}", mapping.sticky),
        new=_each(", coalesce(excluded.{0}, t.{0})", mapping.sticky),
        **names,
    )


def _each(template: str, names: Sequence[str]) -> sql.Composed:
    parts = [sql.SQL(template).format(sql.Identifier(name)) for name in names]
    return sql.SQL("").join(parts)


def _list(*names: str) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
