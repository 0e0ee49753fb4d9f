"""What a database holds, in figures: two with equal manifests hold the same rows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[Any, ...]]

_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
ORDER BY relname
"""
# A sum of digests, so that rows may come in any order; md5 is the same in every PostgreSQL.
_CONTENT = """
SELECT count(*),
       coalesce(sum(('x' || substr(md5(whole::text), 1, 15))::bit(60)::bigint), 0)::text
FROM {} AS whole
"""
# How a row looks as text hangs on these.
_AS_TEXT = """
SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'iso_8601';
SET bytea_output = 'hex'; SET extra_float_digits = 1
"""


@dataclass(frozen=True)
class Content:
    """Rows of one table, and a digest of them all."""

    rows: int
    digest: str


@dataclass(frozen=True)
class Manifest:
    """`audit_trail` is the SHA-256 of the ids of all audit events, in the order of the ids."""

    made_at: str
    revision: str
    server_major: int
    audit_trail: str
    tables: dict[str, Content]

    @property
    def rows(self) -> int:
        """Rows of all tables together."""
        return sum(content.rows for content in self.tables.values())

    def differences(self, other: Manifest) -> list[str]:
        """The names of what is not the same in both: tables, revision, audit trail."""
        names = sorted(self.tables.keys() | other.tables.keys())
        found = [name for name in names if self.tables.get(name) != other.tables.get(name)]
        if self.revision != other.revision:
            found.append("schema revision")
        if self.audit_trail != other.audit_trail:
            found.append("audit trail")
        return found

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(line: str) -> Manifest:
        """The opposite of `to_json`. Raises ValueError, KeyError or TypeError."""
        told = json.loads(line)
        tables = {name: Content(**content) for name, content in told.pop("tables").items()}
        return Manifest(**told, tables=tables)


def take(database: Connection, made_at: str) -> Manifest:
    """The manifest of a database, by a role that sees all rows, in the transaction it is in."""
    database.execute(_AS_TEXT)
    names = [name for (name,) in database.execute(_TABLES).fetchall()]
    return Manifest(
        made_at=made_at,
        revision=revision_of(database),
        server_major=database.info.server_version // 10000,
        audit_trail=_audit_trail(database) if "audit_events" in names else "",
        tables={name: _content(database, name) for name in names},
    )


def revision_of(database: Connection) -> str:
    """The schema's revision; empty when there is none."""
    if not database.execute("SELECT to_regclass('public.alembic_version')").fetchall()[0][0]:
        return ""
    row = database.execute("SELECT version_num FROM public.alembic_version").fetchone()
    return str(row[0]) if row else ""


def _content(database: Connection, table: str) -> Content:
    query = sql.SQL(_CONTENT).format(sql.Identifier("public", table))
    ((rows, digest),) = database.execute(query).fetchall()
    return Content(rows, digest)


def _audit_trail(database: Connection) -> str:
    digest = hashlib.sha256()
    with database.cursor(name="audit_trail") as events:
        events.itersize = 10_000
        events.execute("SELECT id FROM public.audit_events ORDER BY id, tenant_id")
        for (event,) in events:
            digest.update(event.bytes)
    return digest.hexdigest()
