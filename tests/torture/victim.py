"""A workspace with rows in every table and a word in them that nobody else may ever read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, Connection, Engine, Table, insert, text
from sqlalchemy.exc import DBAPIError

from ecomops import runtime
from ecomops.connectors.base import Page
from ecomops.connectors.records import Reject
from ecomops.domains.jobs.schemas import Lease
from ecomops.domains.sync.schemas import StorePage, Target
from ecomops.domains.sync.store import store_page
from ecomops.domains.tables.catalog import TABLES
from ecomops.domains.tables.queries import list_rows
from ecomops.domains.tables.schemas import TableQuery
from ecomops.models import GLOBAL_TABLES, metadata
from tests.conftest import Workspace
from tests.integration.imports import account, bring, statement
from tests.integration.provider import begin_sync
from tests.integration.rows import fill_every_table
from tests.integration.test_jobs import claimed

CANARY = "canary7f3a"
TENANT_TABLES = tuple(sorted(set(metadata.tables) - GLOBAL_TABLES))
# What the code compares with words of its own: with the canary in it, a probe would miss the row.
_MEANT = {"kind", "stream", "timezone", "locale"}
_OF_THE_PERSON = "IN (SELECT user_id FROM memberships WHERE tenant_id = :tenant)"
_TEXTS = {"AutoString", "String", "Text"}
_ONE_OF = re.compile(r"(\w+) IN \('(\w+)'")
_GLOBAL = {
    "tenants": "id = :tenant",
    "users": f"id {_OF_THE_PERSON}",
    "sessions": f"user_id {_OF_THE_PERSON}",
    "outbox": "tenant_id = :tenant",
}


@dataclass(frozen=True)
class Victim:
    """Whose rows are to stay theirs. ``ids``: a few of every table; ``cursors``: of its pages."""

    workspace: Workspace
    engine: Engine
    ids: dict[str, list[UUID]]
    cursors: dict[str, list[str]]

    @property
    def tenant(self) -> UUID:
        return self.workspace.ctx.tenant

    @property
    def all_ids(self) -> list[UUID]:
        return [self.tenant, *(one for ids in self.ids.values() for one in ids)]

    def leaks(self, answer: str, sent: object = "") -> bool:
        """Whether an answer tells what is the victim's, beyond what the asker said."""
        slug = self.workspace.slug
        return CANARY in answer or (slug in answer and slug not in str(sent))

    def fingerprint(self) -> dict[str, str]:
        """Every row with its place and the transaction that wrote it: equal if untouched."""
        conditions = dict.fromkeys(TENANT_TABLES, "tenant_id = :tenant") | _GLOBAL
        with self.engine.connect() as connection:
            return {
                table: _digest(connection, table, condition, self.tenant)
                for table, condition in conditions.items()
            }


def _digest(connection: Connection, table: str, condition: str, tenant: UUID) -> str:
    query = text(
        "SELECT count(*) || ':' || coalesce(md5(string_agg(t::text || t.xmin::text || t.ctid::text,"
        f" '|' ORDER BY t.ctid)), '') FROM {table} t WHERE {condition}"
    )
    return str(connection.scalar(query, {"tenant": tenant}))


def make_victim(engine: Engine, *, per_table: int) -> Victim:
    """A victim whose every table has rows, and ``per_table`` ids of each to be asked for."""
    workspace = fill_every_table(engine)
    _give_a_job_in_hand(workspace)
    line = statement("2026-11-02,12.50,USD,Payout,")
    bring(workspace.ctx, line, account_id=account(workspace.ctx))
    cursors = {table: _cursors(workspace, table) for table in TABLES}
    with engine.begin() as connection:
        for table in TENANT_TABLES:
            if not _ids(connection, table, workspace, 1):
                _make_up_a_row(connection, metadata.tables[table], workspace.ctx.tenant)
            _mark(connection, table, workspace.ctx.tenant)
        connection.execute(
            text("UPDATE tenants SET name = :canary WHERE id = :tenant"),
            {"canary": CANARY, "tenant": workspace.ctx.tenant},
        )
        ids = {table: _ids(connection, table, workspace, per_table) for table in TENANT_TABLES}
    assert all(ids.values()), f"The victim needs rows of its own: {ids}"
    victim = Victim(workspace, engine, ids, cursors)
    assert victim.leaks(str(runtime.run(workspace.ctx, list_rows, TableQuery("payments")).rows))
    return victim


def _give_a_job_in_hand(workspace: Workspace) -> None:
    """With a cursor and a reject; whoever saw it could take it over when its lease is out."""

    def first(session: Any, ctx: Any, command: None) -> UUID:
        found: UUID = session.scalar(text("SELECT id FROM connections"))
        return found

    connection = runtime.run(workspace.ctx, first)
    lease: Lease = claimed(workspace, begin_sync(workspace.ctx, connection))
    reject = Reject(stream="charges", source_id="ch_rejected", reason_code="bad_integer",
                    message="amount is no number", payload="{}")  # fmt: skip
    page = Page("charges", (), (reject,), {"since": 1}, 1)
    runtime.run(workspace.ctx, store_page, StorePage(Target(connection, "stripe", lease), page))


def _cursors(workspace: Workspace, table: str) -> list[str]:
    first = runtime.run(workspace.ctx, list_rows, TableQuery(table, page_size=5))
    second = runtime.run(workspace.ctx, list_rows, TableQuery(table, cursor=first.next_cursor))
    return [cursor for cursor in (first.next_cursor, second.previous_cursor) if cursor]


def _make_up_a_row(connection: Connection, table: Table, tenant: UUID) -> None:
    """A row of a table that nobody has filled yet; what it refers to need not exist."""
    words = dict(_ONE_OF.findall(" ".join(str(c.sqltext) for c in table.constraints
                                          if isinstance(c, CheckConstraint))))  # fmt: skip
    row = {
        column.name: words.get(column.name, _example(column))
        for column in table.columns
        if not column.nullable and column.server_default is None and column.computed is None
    }
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    connection.execute(insert(table), row | {"tenant_id": tenant, "id": uuid4()})
    connection.execute(text("SET LOCAL session_replication_role = origin"))


def _example(column: Column[Any]) -> Any:
    examples: dict[str, Any] = {
        "Integer": 1, "BigInteger": 1, "Boolean": True, "JSONB": {}, "Date": date(2026, 11, 2),
        "DateTime": datetime.now(UTC), "Uuid": uuid4(), "LargeBinary": b"x",
        "Money": Decimal(1), "Numeric": Decimal(1),
    }  # fmt: skip
    return examples.get(type(column.type).__name__, "x")


def _mark(connection: Connection, table: str, tenant: UUID) -> None:
    """The canary before every text that takes it."""
    for column in metadata.tables[table].columns:
        if type(column.type).__name__ not in _TEXTS or column.name in _MEANT or column.computed:
            continue
        statement = f"UPDATE {table} SET {column.name} = :canary || {column.name}"
        try:
            with connection.begin_nested():
                connection.execute(
                    text(f"{statement} WHERE tenant_id = :tenant"),
                    {"canary": CANARY, "tenant": tenant},
                )
        except DBAPIError:
            continue  # One of a few words, too short a column, or a log that only grows.


def _ids(connection: Connection, table: str, workspace: Workspace, most: int) -> list[UUID]:
    query = text(f"SELECT id FROM {table} WHERE tenant_id = :tenant ORDER BY id LIMIT :most")
    values = {"tenant": workspace.ctx.tenant, "most": most}
    return list(connection.scalars(query, values))
