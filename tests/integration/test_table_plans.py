"""How the database reads what the explorer asks: as the app role, under row-level security, in a
table of several workspaces. Each filter, search and order is read from its index, and nothing
reads all of a workspace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from bench.recorded import recorded
from ecomops import runtime
from ecomops.domains.tables.catalog import TABLES
from ecomops.domains.tables.detail import get_row, list_row_events
from ecomops.domains.tables.queries import list_rows, read_table
from ecomops.domains.tables.schemas import RowAddress, TableQuery
from ecomops.kit.database import driver_of
from ecomops.models import metadata
from ecomops.models.money import Money
from tests.conftest import Workspace, make_workspace
from tests.integration.provider import connect
from tests.integration.rows import KEY

pytestmark = pytest.mark.slow

ROWS, OTHERS = 60_000, 5_000
_EXPLAIN = b"EXPLAIN (ANALYZE, TIMING OFF, BUFFERS OFF) "

_COMMON = (
    # One in a thousand is of the rare status, currency and connection.
    "INSERT INTO {table} (tenant_id, id, connection_id, source, source_id, dedupe_key,"
    " source_status, currency, created_at, content_hash, {columns})"
    " SELECT :t, uuidv7(), CASE WHEN n % 1000 = 0 THEN cast(:rare AS uuid)"
    " ELSE cast(:often AS uuid) END, cast(:source AS text), s,"
    " concat(cast(:source AS text), ':', s), 'said',"
    " CASE WHEN n % 1000 = 0 THEN 'JPY' ELSE 'USD' END,"
    " timestamptz '2026-01-01' + n * interval '5 min', 'x', {values}"
    " FROM generate_series(1, :rows) n, concat('{prefix}', lpad(n::text, 12, '0')) s"
)
_STATUS = "CASE WHEN n % 1000 = 0 THEN '{rare}' ELSE '{often}' END"
_AMOUNT = "n * 7919 % 1000003"
_PARTS = [
    column.name
    for column in metadata.tables["orders"].columns
    if isinstance(column.type, Money) and not column.nullable and column.name != "amount"
]
_MADE: dict[str, tuple[str, str, str]] = {
    "orders": (
        "gid://shopify/Order/7", f"status, order_number, amount, {', '.join(_PARTS)},"
        " customer_email",
        f"{_STATUS.format(rare='voided', often='paid')}, '#' || n, {_AMOUNT},"
        f" {', '.join('0' * len(_PARTS))}, 'p' || n || '@example.com'",
    ),
    "payments": (
        "ch_", "status, amount, kind, gateway, charge_ref, order_ref, customer_email",
        f"{_STATUS.format(rare='failed', often='completed')}, {_AMOUNT}, 'sale', 'stripe',"
        " CASE WHEN n % 2 = 0 THEN s ELSE 'pi_' || n END, 'A-' || n, 'p' || n || '@example.com'",
    ),
    "refunds": (
        "re_", "status, amount, payment_ref, order_ref",
        f"{_STATUS.format(rare='failed', often='completed')}, {_AMOUNT},"
        " 'ch_' || lpad(n::text, 12, '0'), 'A-' || n",
    ),
    "payouts": (
        "po_", "status, amount, kind, itemizable, contents_complete, initiated_at, arrival_date,"
        " trace_id",
        f"{_STATUS.format(rare='failed', often='completed')}, {_AMOUNT}, 'automatic', true, true,"
        " timestamptz '2026-01-01', date '2026-01-01' + n % 300, 'TR' || n",
    ),
    "disputes": (
        "dp_", "status, amount, fee, fee_currency, payment_ref, opened_at",
        f"{_STATUS.format(rare='lost', often='won')}, {_AMOUNT}, 0, 'USD',"
        " 'ch_' || lpad(n::text, 12, '0'), timestamptz '2026-01-01'",
    ),
    "payout_lines": (
        "txn_", "gross, fee, net, line_type, reporting_category, payout_ref, object_ref, order_ref,"
        " payout_id",
        f"{_AMOUNT}, 0, {_AMOUNT}, 'charge', 'charge', CASE WHEN n % 1000 > 0 THEN"
        " 'po_' || lpad((n / 10 + 1)::text, 12, '0') END, 'ch_' || lpad(n::text, 12, '0'),"
        " 'A-' || n, CASE WHEN n % 1000 > 1 THEN (SELECT id FROM payouts WHERE tenant_id = :t"
        " AND dedupe_key = 'stripe:po_' || lpad((n / 10 + 1)::text, 12, '0')) END",
    ),
    "fees": (
        "txn_", "amount, kind, position, line_ref",
        f"CASE WHEN n % 1000 = 0 THEN -1 ELSE 1 END * (1 + {_AMOUNT}), 'processing', 0, s",
    ),
    "netsuite_transactions": (
        "1234567:", "status, internal_id, external_id, record_type, tran_id, tran_date,"
        " account_id, amount",
        f"{_STATUS.format(rare='open', often='posted')}, '8' || n, 'EXT' || n, 'Journal',"
        " 'JE' || n, date '2026-01-01' + n % 300, '1', " + _AMOUNT,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def large(runtime_started: None, admin_engine: Engine) -> Iterator[tuple[Workspace, UUID]]:
    """A workspace with many rows in every table beside others', and its rare connection."""
    made = [(make_workspace(), rows) for rows in (ROWS, OTHERS, OTHERS)]
    rare = {}
    with admin_engine.begin() as database:
        # References are right by construction; checking each row's would take most of the time.
        database.execute(text("SET LOCAL session_replication_role = replica"))
        for workspace, rows in made:
            size = {"t": workspace.ctx.tenant, "rows": rows}
            with_ids = _connections(workspace, admin_engine)
            rare[workspace.slug] = with_ids["rare"]
            for table, (prefix, columns, values) in _MADE.items():
                statement = _COMMON.format(
                    table=table, columns=columns, values=values, prefix=prefix
                )
                source = {"source": TABLES[table].sources[0]}
                database.execute(text(statement), size | with_ids | source)
        for table in _MADE:
            database.execute(text(f"ANALYZE {table}"))
    yield made[0][0], rare[made[0][0].slug]
    with admin_engine.begin() as database:
        database.execute(text("SET LOCAL session_replication_role = replica"))
        for table in ("fees", "payout_lines", "disputes", "refunds", "payments", "payouts",
                      "orders", "netsuite_transactions"):  # fmt: skip
            for workspace, _ in made:
                database.execute(
                    text(f"DELETE FROM {table} WHERE tenant_id = :t"), {"t": workspace.ctx.tenant}
                )


def _connections(workspace: Workspace, engine: Engine) -> dict[str, UUID]:
    """One of Stripe's with most rows, one of Shopify's with few."""
    often = connect(workspace.ctx, KEY)
    with engine.begin() as database:
        rare = database.execute(
            text(
                "INSERT INTO connections (tenant_id, provider, label, environment, status,"
                " key_version) VALUES (:t, 'shopify', 'Shop', 'sandbox', 'active', '')"
                " RETURNING id"
            ),
            {"t": workspace.ctx.tenant},
        ).scalar_one()
    return {"often": often, "rare": rare}


@contextmanager
def plans_of(workspace: Workspace, table: str) -> Iterator[list[str]]:
    """Afterwards, the plans of the block's statements on ``table``, with what was really read."""
    plans: list[str] = []
    with recorded() as sent:
        yield plans
    asked = re.compile(rf"(?:FROM|JOIN) {table}\b".encode())
    with runtime.unit_of_work(workspace.ctx) as session:
        for statement, values in sent:
            if asked.search(statement):
                told = driver_of(session).execute(_EXPLAIN + statement, values)
                plans.append("\n".join(line for (line,) in told))


def rows_read(plan: str) -> int:
    """Rows that came out of the plan's scans or were thrown away by them."""
    read = 0
    for rows, loops in re.findall(r"Scan.*actual rows=([\d.]+) loops=(\d+)", plan):
        read += int(float(rows) * int(loops))
    removed = re.findall(r"Rows Removed by (?:Filter|Index Recheck): (\d+)", plan)
    return read + sum(map(int, removed))


STATUS = {
    "orders": "voided", "payments": "failed", "refunds": "failed", "payouts": "failed",
    "disputes": "lost", "payout_lines": "unsettled", "fees": "returned",
    "netsuite_transactions": "open",
}  # fmt: skip
FILTERS: list[tuple[dict[str, Any], str]] = [
    ({}, "ix_{}_created_at"),
    ({"sort_by": "created_at", "sort_dir": "asc"}, "ix_{}_created_at"),
    ({"sort_by": "amount", "sort_dir": "asc"}, "ix_{}_amount"),
    ({"sort_by": "amount"}, "ix_{}_amount"),
    ({"status": "rare"}, "ix_{}_status"),
    ({"currency": ("JPY",)}, "ix_{}_currency"),
    ({"currency": ("JPY", "KWD")}, "ix_{}_currency"),
    ({"source": ("shopify",)}, "ix_{}_connection"),
    ({"connection_id": "rare"}, "ix_{}_connection"),
    ({"amount_min": Decimal("1.2"), "amount_max": Decimal("1.22")}, "ix_{}_amount"),
    ({"date_from": date(2026, 3, 1), "date_to": date(2026, 3, 1)}, "ix_{}_created_at"),
    ({"date_to": date(2026, 1, 1)}, "ix_{}_created_at"),
    ({"currency": ("USD",)}, "ix_{}_c"),
    ({"source": ("stripe",)}, "ix_{}_c"),
]


@pytest.mark.parametrize("table", sorted(TABLES))
@pytest.mark.parametrize(("changes", "index"), FILTERS)
def test_a_page_and_its_count_are_read_from_the_index(
    large: tuple[Workspace, UUID], table: str, changes: dict[str, Any], index: str
) -> None:
    workspace, connection = large
    changes = dict(changes)
    if "status" in changes:
        changes["status"] = (STATUS[table],)
    if "connection_id" in changes:
        changes["connection_id"] = connection
    with plans_of(workspace, table) as plans:
        page, _ = runtime.run(workspace.ctx, read_table, TableQuery(table, **changes))
    assert page.rows
    assert len(plans) == 2
    for plan in plans:
        assert "Seq Scan" not in plan, plan
    assert index.format(table) in plans[0], plans[0]
    assert rows_read(plans[0]) <= 2_000, plans[0]
    assert rows_read(plans[1]) <= 12_000, plans[1]


SORTED = [(table, "created_at") for table in TABLES] + [(table, "amount") for table in TABLES]
SORTED += [("payouts", "arrival_date"), ("orders", "order_number"),
           ("netsuite_transactions", "tran_date")]  # fmt: skip


@pytest.mark.parametrize(("table", "column"), SORTED)
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_a_page_further_on_is_read_from_its_place(
    large: tuple[Workspace, UUID], table: str, column: str, direction: Any
) -> None:
    workspace, _ = large
    query = TableQuery(table, sort_by=column, sort_dir=direction)
    for _ in range(4):
        with plans_of(workspace, table) as plans:
            page = runtime.run(workspace.ctx, list_rows, query)
        (plan,) = plans
        assert "Sort" not in plan, plan
        assert "Seq Scan" not in plan, plan
        assert rows_read(plan) == 51, plan
        query = replace(query, cursor=page.next_cursor)
    for cursor in (page.previous_cursor, page.next_cursor):
        with plans_of(workspace, table) as plans:
            runtime.run(workspace.ctx, list_rows, replace(query, cursor=cursor))
        assert rows_read(plans[0]) == 51, plans[0]


NUMBER = "000000031234"
SEARCHED = [
    ("orders", f"7{NUMBER}"), ("orders", f"gid://shopify/Order/7{NUMBER}"),
    ("orders", "31234"), ("orders", "#31234"), ("orders", "p31234@"),
    ("payments", f"ch_{NUMBER}"), ("payments", "pi_31233"), ("payments", "A-31234"),
    ("payments", "p31234@"),
    ("refunds", f"re_{NUMBER}"), ("refunds", f"ch_{NUMBER}"), ("refunds", "A-31234"),
    ("payouts", f"po_{NUMBER}"), ("payouts", "TR31234"),
    ("disputes", f"dp_{NUMBER}"), ("disputes", f"ch_{NUMBER}"),
    ("payout_lines", f"txn_{NUMBER}"), ("payout_lines", "po_000000003124"),
    ("payout_lines", f"ch_{NUMBER}"), ("payout_lines", "A-31234"),
    ("fees", f"txn_{NUMBER}"),
    ("netsuite_transactions", "JE31234"), ("netsuite_transactions", "EXT31234"),
    ("netsuite_transactions", "831234"), ("netsuite_transactions", f"1234567:{NUMBER}"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "search"), SEARCHED)
@pytest.mark.parametrize("sort_by", [None, "source_status"])
def test_a_search_probes_its_indexes_and_reads_what_they_found(
    large: tuple[Workspace, UUID], table: str, search: str, sort_by: str | None
) -> None:
    workspace, _ = large
    query = TableQuery(table, search=search, sort_by=sort_by)
    with plans_of(workspace, table) as plans:
        page, count = runtime.run(workspace.ctx, read_table, query)
    assert 1 <= len(page.rows) <= 12, [row["source_id"] for row in page.rows]
    assert count.value == len(page.rows)
    for plan in plans:
        assert "Seq Scan" not in plan, plan
        assert rows_read(plan) <= 40, plan


@pytest.mark.parametrize(
    ("table", "search"),
    [("payments", "ch_"), ("payments", "p"), ("payouts", "po_0000"), ("payout_lines", "po_"),
     ("payout_lines", "txn_0000000"), ("orders", "#"), ("fees", "t")],
)  # fmt: skip
def test_a_search_that_finds_very_much_is_quick_too(
    large: tuple[Workspace, UUID], table: str, search: str
) -> None:
    workspace, _ = large
    with plans_of(workspace, table) as plans:
        page = runtime.run(workspace.ctx, list_rows, TableQuery(table, search=search))
    assert len(page.rows) == 50
    probes, rows = plans
    assert rows_read(rows) <= 200, rows
    assert rows_read(probes) <= 5_000, probes
    assert "Seq Scan" not in probes + rows


@pytest.mark.parametrize("table", sorted(TABLES))
def test_what_belongs_to_a_row_is_looked_up_by_indexes(
    large: tuple[Workspace, UUID], table: str
) -> None:
    workspace, _ = large
    query = TableQuery(table, sort_by="created_at", sort_dir="asc", page_size=500)
    row = runtime.run(workspace.ctx, list_rows, query).rows[-1]
    at = RowAddress(table, row["id"])
    with plans_of(workspace, r"\w+") as plans:
        detail = runtime.run(workspace.ctx, get_row, at)
        runtime.run(workspace.ctx, list_row_events, at)
    assert detail.values["source_id"] == row["source_id"]
    assert len(plans) >= 2
    for plan in plans:
        # Others' connections are a handful; of rows that are looked up there may be many.
        assert not re.search(r"Seq Scan on (?!connections|jobs)", plan), plan
        assert rows_read(plan) <= 200, plan
