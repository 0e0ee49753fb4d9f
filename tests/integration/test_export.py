"""The CSV file: every row to the last decimal, no formula, and an audit event of what left."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from ecomops import runtime
from ecomops.core.money import plain
from ecomops.domains.tables import export
from ecomops.domains.tables.catalog import TABLES, Column
from ecomops.domains.tables.export import begin_export, export_file, is_large
from ecomops.domains.tables.filters import LARGEST_PAGE
from ecomops.domains.tables.queries import list_rows
from ecomops.domains.tables.schemas import Export, TableQuery
from ecomops.kit.context import Context, Plan
from tests.conftest import Workspace
from tests.integration.formulas import FORMULAS, HARMLESS
from tests.integration.provider import Stored, connect
from tests.integration.rows import KEY, ROWS, SOLD_IN, START, add_payments

StoredOf = Callable[[Workspace], Stored]


def exported(ctx: Context, query: TableQuery) -> tuple[bytes, list[dict[str, str]]]:
    data = b"".join(runtime.stream(ctx, export_file, Export(query)))
    return data, list(csv.DictReader(io.StringIO(data.decode(), newline="")))


@pytest.mark.parametrize("table", sorted(TABLES))
def test_the_file_holds_the_rows_to_the_last_decimal(shop: Workspace, table: str) -> None:
    _, found = exported(shop.ctx, TableQuery(table))
    page = runtime.run(shop.ctx, list_rows, TableQuery(table, page_size=LARGEST_PAGE))
    assert list(found[0]) == [column.name for column in TABLES[table].columns]
    assert len(found) == ROWS
    for line, row in zip(found, page.rows, strict=True):
        assert line == {c.name: _as_text(c, row) for c in TABLES[table].columns}


def _as_text(column: Column, row: dict[str, Any]) -> str:
    value = row[column.name]
    if value is None:
        return ""
    match column.kind:
        case "money":
            return plain(value, row[column.currency_of or "currency"])
        case "time":
            return _postgres_time(value)
        case "bool":
            return "t" if value else "f"
        case "text" | "id":
            return f"'{value}" if value.startswith("=") else str(value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _postgres_time(moment: datetime) -> str:
    text_ = f"{moment:%Y-%m-%d %H:%M:%S}"
    return text_ + (f".{moment.microsecond:06}".rstrip("0") if moment.microsecond else "") + "+00"


def test_the_file_follows_the_filter_and_the_order(shop: Workspace) -> None:
    query = TableQuery("payouts", status=("completed", "failed"), date_from=date(2026, 10, 1),
                       date_to=date(2026, 10, 1), sort_by="amount", sort_dir="asc",
                       page_size=LARGEST_PAGE)  # fmt: skip
    _, found = exported(shop.ctx, query)
    page = runtime.run(shop.ctx, list_rows, query)
    assert [line["source_id"] for line in found] == [row["source_id"] for row in page.rows]
    assert 0 < len(found) < ROWS


@pytest.mark.parametrize("units", [2**63 - 1, -(2**63 - 1), 1, -1, 0, 10**18, 99990000, 123456789])
def test_amounts_are_exact_at_any_size(
    workspace: Workspace, admin_engine: Engine, units: int
) -> None:
    connection = connect(workspace.ctx, KEY)
    amount = Decimal(units).scaleb(-4)
    for currency in SOLD_IN:
        add_payments(admin_engine, workspace, connection, [START], amount=amount,
                      currency=currency)  # fmt: skip
    _, found = exported(workspace.ctx, TableQuery("payments"))
    assert {line["currency"]: line["amount"] for line in found} == {
        currency: plain(units, currency) for currency in SOLD_IN
    }


def test_no_text_is_a_formula(workspace: Workspace, admin_engine: Engine) -> None:
    connection = connect(workspace.ctx, KEY)
    for payload in FORMULAS + HARMLESS:
        add_payments(admin_engine, workspace, connection, [START], description=payload,
                      customer_email=payload, failure_code=payload)  # fmt: skip
    _, found = exported(workspace.ctx, TableQuery("payments"))
    assert len(FORMULAS) >= 200
    for column in ("description", "customer_email", "failure_code"):
        assert sorted(line[column] for line in found) == sorted(
            [f"'{payload}" for payload in FORMULAS] + HARMLESS
        )


def test_the_file_has_the_chosen_columns_in_their_order(shop: Workspace) -> None:
    columns = ("currency", "amount", "source_id", "amount")
    data = b"".join(runtime.stream(shop.ctx, export_file, Export(TableQuery("payouts"),
                    columns=columns)))  # fmt: skip
    found = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    page = runtime.run(shop.ctx, list_rows, TableQuery("payouts", page_size=LARGEST_PAGE))
    assert data.startswith(b"currency,amount,source_id\r\n")
    assert [line["source_id"] for line in found] == [row["source_id"] for row in page.rows]


def test_lines_end_as_the_rfc_says_and_text_keeps_its_own_line_feeds(
    workspace: Workspace, admin_engine: Engine
) -> None:
    connection = connect(workspace.ctx, KEY)
    add_payments(admin_engine, workspace, connection, [START] * 3, description="two\nlines")
    data, found = exported(workspace.ctx, TableQuery("payments"))
    assert [line["description"] for line in found] == ["two\nlines"] * 3
    assert data.count(b"\r\n") == 4
    assert data.count(b"\n") == 7
    assert data.endswith(b"\r\n")


@pytest.mark.parametrize("bom", [False, True])
def test_a_byte_order_mark_comes_when_it_is_asked_for(shop: Workspace, bom: bool) -> None:
    export = Export(TableQuery("payouts"), bom=bom)
    data = b"".join(runtime.stream(shop.ctx, export_file, export))
    assert data.startswith(b"\xef\xbb\xbfsource_id," if bom else b"source_id,")


def test_negative_amounts_stay_numbers(workspace: Workspace, admin_engine: Engine) -> None:
    connection = connect(workspace.ctx, KEY)
    add_payments(admin_engine, workspace, connection, [START], amount=Decimal("-12.50"))
    _, ((line),) = exported(workspace.ctx, TableQuery("payments"))
    assert line["amount"] == "-12.50"


def test_an_export_is_audited_with_what_left_the_house(
    workspace: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    connection = connect(workspace.ctx, KEY)
    add_payments(admin_engine, workspace, connection, [START] * 12)
    query = TableQuery("payments", status=("completed",), date_from=date(2026, 10, 1))
    runtime.run(workspace.ctx, begin_export, Export(query))
    data, _ = exported(workspace.ctx, query)
    events = stored(workspace).rows(
        "SELECT category, action, resource_type, resource_id, status, payload FROM audit_events"
        " WHERE tenant_id = :tenant AND category = 'table' ORDER BY xid, id"
    )
    filters = {"status": ["completed"], "date_from": "2026-10-01", "date_to": None,
               "sort": "created_at desc"}  # fmt: skip
    columns = [column.name for column in TABLES["payments"].columns]
    begun = {"table": "payments", "format": "csv", "filters": filters, "columns": columns}
    whole = begun | {"row_count": 12, "sha256": hashlib.sha256(data).hexdigest()}
    assert events == [
        ("table", "table_export_started", "table", "payments", "success", begun),
        ("table", "table_exported", "table", "payments", "success", whole),
    ]


def test_a_download_that_is_broken_off_gives_its_connection_back(
    workspace: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    connection = connect(workspace.ctx, KEY)
    add_payments(admin_engine, workspace, connection, [START] * 6000, description="x" * 90)
    for _ in range(12):
        chunks = runtime.stream(workspace.ctx, export_file, Export(TableQuery("payments")))
        assert next(chunks)
        chunks.close()  # type: ignore[attr-defined]  # a generator
    assert runtime.engine().pool.checkedout() == 0  # type: ignore[attr-defined]  # a queue pool
    busy = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active'"
    assert stored(workspace).one(busy) == 0
    actions = stored(workspace).rows(
        "SELECT action FROM audit_events WHERE tenant_id = :tenant AND category = 'table'"
    )
    assert actions == [], "a file that never was whole is not told as one"


def test_a_large_file_comes_in_large_pieces(workspace: Workspace, admin_engine: Engine) -> None:
    connection = connect(workspace.ctx, KEY)
    add_payments(admin_engine, workspace, connection, [START] * 6000, description="x" * 90)
    sizes = [
        len(c) for c in runtime.stream(workspace.ctx, export_file, Export(TableQuery("payments")))
    ]
    assert sum(sizes) > 1_000_000
    assert min(sizes[:-1]) >= 256 * 1024


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_what_is_large_is_for_the_background(
    workspace: Workspace, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch, file_format: Any
) -> None:
    ctx = replace(workspace.ctx, plan=Plan("pro"))
    add_payments(admin_engine, workspace, connect(workspace.ctx, KEY), [START] * 12)
    monkeypatch.setitem(export.AT_ONCE, file_format, 11)
    command = Export(TableQuery("payments"), file_format)
    assert runtime.run(ctx, is_large, command)
    monkeypatch.setitem(export.AT_ONCE, file_format, 12)
    assert not runtime.run(ctx, is_large, command)
