"""Browsing and exporting: every page, every filter, every byte of the file."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, Numeric, insert, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session

from ecomops import runtime
from ecomops.core.money import plain
from ecomops.domains.tables.catalog import TABLES, Column
from ecomops.domains.tables.export import begin_export, export_csv
from ecomops.domains.tables.filters import LARGEST_PAGE
from ecomops.domains.tables.keyset import Place
from ecomops.domains.tables.queries import COUNTED_TO, count_rows, list_rows, table_counts
from ecomops.domains.tables.schemas import Count, TableQuery
from ecomops.kit.context import Context
from ecomops.kit.errors import InvalidInputError, NotFoundError
from ecomops.models import metadata
from tests.conftest import Workspace, make_workspace
from tests.integration.provider import Stored, connect

ROWS = 40
START = datetime(2026, 10, 1, tzinfo=UTC)
SOLD_IN = ("USD", "JPY", "KWD", "CLF", "EUR")
NASTY = ("plain", "a,b", 'say "hi"', "two\nlines", "", "é", "=1+1", "zwölf € 🙂", "\\.")

StoredOf = Callable[[Workspace], Stored]


@pytest.fixture(scope="module")
def shop(runtime_started: None, admin_engine: Engine) -> Workspace:
    """A workspace with forty rows in every table: many ties, many NULLs, odd text and amounts."""
    workspace = make_workspace()
    connection = connect(workspace.ctx, SecretStr("sk_test_0123456789abcdef"))
    chance = random.Random(4)
    with admin_engine.begin() as database:
        for name in TABLES:
            rows = [_row(name, workspace, connection, number, chance) for number in range(ROWS)]
            database.execute(insert(metadata.tables[name]), rows)
    return workspace


def _row(
    name: str, workspace: Workspace, connection: UUID, number: int, chance: random.Random
) -> dict[str, Any]:
    table = metadata.tables[name]
    row = {
        column.name: _value(column, number, chance)
        for column in table.columns
        if column.computed is None and column.name != "raw_data" and not column.foreign_keys
    }
    row |= {"tenant_id": workspace.ctx.tenant, "id": uuid4(), "connection_id": connection,
            "source": "stripe", "dedupe_key": f"stripe:{name}{number}",
            "source_id": f"{name}_{number:03}"}  # fmt: skip
    currency = SOLD_IN[number % len(SOLD_IN)]
    row |= {n: currency for n in ("currency", "fee_currency", "settlement_currency") if n in row}
    if "status" in row:
        row["status"] = TABLES[name].statuses[number % len(TABLES[name].statuses)]
    row |= {column: word for column, word in _WORDS.get(name, {}).items()}
    if name == "payout_lines":
        row["net"] = row["gross"] - row["fee"]
    return row


_WORDS = {
    "payments": {"kind": "sale"},
    "payouts": {"kind": "automatic"},
    "fees": {"kind": "processing"},
}


def _value(column: Any, number: int, chance: random.Random) -> Any:
    """Few different values, so that there are ties; a third of what may be NULL is."""
    if column.nullable and chance.randrange(3) == 0:
        return None
    few = chance.randrange(7)
    kind = column.type
    if isinstance(kind, TypeDecorator) and isinstance(kind.impl_instance, Numeric | type(kind)):
        return Decimal(few)
    match type(kind).__name__:
        case "Money":
            return Decimal(chance.randrange(-999, 999)) * (Decimal("0.01"), Decimal(1))[few % 2]
        case "DateTime":
            return START + timedelta(hours=7 * few, microseconds=few)
        case "Date":
            return START.date() + timedelta(days=few)
        case "Boolean":
            return bool(few % 2)
        case "Numeric":
            return Decimal(few) / 8
        case "Integer":
            return few
        case "Uuid":
            return None if column.nullable else uuid4()
        case "LargeBinary":
            return b"x"
        case _:
            return NASTY[(few + number) % len(NASTY)]


def pages(ctx: Context, query: TableQuery) -> Iterator[list[str]]:
    """The pages from the first to the last, as source ids; each seen again on the way back."""
    forward, cursor = [], None
    while True:
        page = runtime.run(ctx, list_rows, _with(query, cursor))
        forward.append([row["source_id"] for row in page.rows])
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    yield from forward
    backward = [forward[-1]]
    while page.previous_cursor is not None:
        page = runtime.run(ctx, list_rows, _with(query, page.previous_cursor))
        backward.append([row["source_id"] for row in page.rows])
    assert [row for page in reversed(backward) for row in page] == [
        row for page in forward for row in page
    ]
    assert page.previous_cursor is None


def _with(query: TableQuery, cursor: str | None) -> TableQuery:
    return TableQuery(query.table, query.status, query.date_from, query.date_to, query.sort_by,
                      query.sort_dir, cursor, query.page_size)  # fmt: skip


ORDERS = [(spec.name, column.name) for spec in TABLES.values() for column in spec.columns]


@pytest.mark.parametrize(("table", "column"), ORDERS)
def test_pages_are_the_plain_order_cut_in_pieces(
    shop: Workspace, stored: StoredOf, table: str, column: str
) -> None:
    for direction in ("asc", "desc"):
        wanted = stored(shop).rows(
            f"SELECT source_id FROM {table} WHERE tenant_id = :tenant"
            f" ORDER BY {column} {direction} NULLS LAST, id {direction}"
        )
        query = TableQuery(table, sort_by=column, sort_dir=direction, page_size=7)  # type: ignore[arg-type]
        found = [source_id for page in pages(shop.ctx, query) for source_id in page]
        assert found == [source_id for (source_id,) in wanted], (column, direction)
        assert len(found) == ROWS


def test_every_column_of_the_table_can_be_sorted_by(shop: Workspace) -> None:
    assert len(ORDERS) > 90
    for spec in TABLES.values():
        assert {"source", "source_id", "status", "amount", "currency", "created_at"} <= {
            column.name for column in spec.columns
        }


def test_newest_first_is_the_default(shop: Workspace, stored: StoredOf) -> None:
    wanted = stored(shop).rows(
        "SELECT source_id FROM payouts WHERE tenant_id = :tenant ORDER BY created_at DESC, id DESC"
    )
    page = runtime.run(shop.ctx, list_rows, TableQuery("payouts"))
    assert [row["source_id"] for row in page.rows] == [source_id for (source_id,) in wanted]
    assert (page.next_cursor, page.previous_cursor) == (None, None)


def test_rows_that_arrive_meanwhile_move_no_page(
    workspace: Workspace, admin_engine: Engine
) -> None:
    connection = connect(workspace.ctx, SecretStr("sk_test_0123456789abcdef"))
    _add_payments(admin_engine, workspace, connection, [START] * 10)
    query = TableQuery("payments", page_size=4)
    first = runtime.run(workspace.ctx, list_rows, query)
    _add_payments(admin_engine, workspace, connection, [START + timedelta(days=1)] * 5)
    second = runtime.run(workspace.ctx, list_rows, _with(query, first.next_cursor))
    assert not {row["source_id"] for row in first.rows} & {row["source_id"] for row in second.rows}
    back = runtime.run(workspace.ctx, list_rows, _with(query, second.previous_cursor))
    assert back.rows == first.rows
    assert back.previous_cursor is not None, "the new rows lie before it"


def _add_payments(
    engine: Engine, workspace: Workspace, connection: UUID, moments: list[datetime], **more: Any
) -> list[str]:
    rows = []
    for moment in moments:
        source_id = f"ch_{uuid4().hex}"
        rows.append(
            {
                "tenant_id": workspace.ctx.tenant, "id": uuid4(), "connection_id": connection,
                "source": "stripe", "source_id": source_id, "dedupe_key": f"stripe:{source_id}",
                "source_status": "succeeded", "currency": "USD", "created_at": moment,
                "content_hash": b"x", "status": "completed", "amount": Decimal("12.34"),
                "kind": "sale", "gateway": "stripe", "charge_ref": source_id, **more,
            }
        )  # fmt: skip
    with engine.begin() as database:
        database.execute(insert(metadata.tables["payments"]), rows)
    return [row["source_id"] for row in rows]


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_status_filter_lets_through_what_it_names(
    shop: Workspace, stored: StoredOf, table: str
) -> None:
    statuses = TABLES[table].statuses
    for chosen in [(status,) for status in statuses] + [statuses[:2], statuses]:
        wanted = stored(shop).rows(
            f"SELECT source_id FROM {table} WHERE tenant_id = :tenant AND status = ANY(:chosen)",
            chosen=list(chosen),
        )
        query = TableQuery(table, status=chosen, page_size=LARGEST_PAGE)
        page = runtime.run(shop.ctx, list_rows, query)
        assert {row["source_id"] for row in page.rows} == {source_id for (source_id,) in wanted}
        assert runtime.run(shop.ctx, count_rows, query) == Count(len(wanted), False)


# Days when clocks change, some of them at midnight, which then does not exist or exists twice.
BORDERS = [
    ("UTC", date(2026, 10, 25)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/Havana", date(2026, 11, 1)),
    ("America/Havana", date(2026, 3, 8)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("America/Santiago", date(2026, 9, 6)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Asia/Kathmandu", date(2026, 10, 4)),
    ("Pacific/Kiritimati", date(2026, 10, 4)),
]


@pytest.mark.parametrize(("zone", "day"), BORDERS)
def test_a_date_filter_means_the_workspaces_day(
    workspace: Workspace, admin_engine: Engine, stored: StoredOf, zone: str, day: date
) -> None:
    connection = connect(workspace.ctx, SecretStr("sk_test_0123456789abcdef"))
    with admin_engine.begin() as database:
        database.execute(
            text("UPDATE tenant_configs SET timezone = :zone WHERE tenant_id = :t"),
            {"zone": zone, "t": workspace.ctx.tenant},
        )
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=40)
    moments = [begin + timedelta(minutes=30 * step, microseconds=-(step % 2))
               for step in range(220)]  # fmt: skip
    _add_payments(admin_engine, workspace, connection, moments)
    for first, last in ((day, day), (day, None), (None, day), (day, day + timedelta(days=1))):
        wanted = stored(workspace).rows(
            "SELECT source_id FROM payments WHERE tenant_id = :tenant"
            " AND (created_at AT TIME ZONE :zone)::date"
            " BETWEEN coalesce(:first, date '1000-01-01') AND coalesce(:last, date '3000-01-01')",
            zone=zone, first=first, last=last,
        )  # fmt: skip
        query = TableQuery("payments", date_from=first, date_to=last, page_size=LARGEST_PAGE)
        page = runtime.run(workspace.ctx, list_rows, query)
        assert {row["source_id"] for row in page.rows} == {source_id for (source_id,) in wanted}
        assert wanted


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("days", [(date.min, date.max), (date.max, date.max), (None, date.min),
                                  (date(2, 1, 1), date(9999, 12, 30))])  # fmt: skip
def test_the_ends_of_the_calendar_are_days_too(
    workspace: Workspace, admin_engine: Engine, zone: str, days: tuple[date | None, date]
) -> None:
    with admin_engine.begin() as database:
        database.execute(
            text("UPDATE tenant_configs SET timezone = :zone WHERE tenant_id = :t"),
            {"zone": zone, "t": workspace.ctx.tenant},
        )
    connection = connect(workspace.ctx, SecretStr("sk_test_0123456789abcdef"))
    _add_payments(admin_engine, workspace, connection, [START])
    query = TableQuery("payments", date_from=days[0], date_to=days[1])
    wide = days in ((date.min, date.max), (date(2, 1, 1), date(9999, 12, 30)))
    if wide:
        assert runtime.run(workspace.ctx, count_rows, query).value == 1
    else:
        assert runtime.run(workspace.ctx, count_rows, query).value in (0, 1)


def cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


SOME_ID = str(UUID(int=1))
HOSTILE_CURSORS = [
    "x", "%%%", "é", "\x00", "AAAA", "W10", "e30", "bnVsbA", "'; DROP TABLE payments; --", "=" * 50,
    "A" * 10_000, base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    cursor("2026-01-01", "not an id", 0), cursor("2026-01-01", None, 0), cursor("2026-01-01"),
    cursor("2026-01-01", SOME_ID, 0, 0), cursor("yesterday", SOME_ID, 0),
    cursor(None, SOME_ID, 0), cursor(12, SOME_ID, 0), cursor({}, SOME_ID, 0),
    cursor("2026-13-01T00:00:00", SOME_ID, 0), cursor("99999-01-01", SOME_ID, 0),
    base64.urlsafe_b64encode(f'[Infinity, "{SOME_ID}", 0]'.encode()).decode(),
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE_CURSORS)
def test_a_cursor_that_is_none_is_refused(shop: Workspace, hostile: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        runtime.run(shop.ctx, list_rows, TableQuery("payouts", cursor=hostile))
    assert set(error.value.fields) == {"cursor"}


@pytest.mark.parametrize("column", ["gateway", "amount", "fx_rate", "status", "created_at"])
@pytest.mark.parametrize(
    "value",
    ["\x00", "\ud800", "1e999999", "NaN", "sNaN", "-Infinity", "9" * 400, "9" * 5000, "0x10",
     [1], {"a": 1}, True, 10**30, "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"],
)  # fmt: skip
def test_a_cursor_with_any_value_is_answered_or_refused(
    shop: Workspace, column: str, value: Any
) -> None:
    for backwards in (0, 1):
        query = TableQuery("payments", sort_by=column, cursor=cursor(value, SOME_ID, backwards))
        try:
            page = runtime.run(shop.ctx, list_rows, query)
        except InvalidInputError as error:
            assert set(error.fields) == {"cursor"}
        else:
            assert len(page.rows) <= ROWS


def test_a_cursor_leads_back_to_its_place(shop: Workspace) -> None:
    columns = metadata.tables["payments"].columns
    for column in columns:
        if column.name in {spec.name for spec in TABLES["payments"].columns}:
            page = runtime.run(
                shop.ctx, list_rows, TableQuery("payments", sort_by=column.name, page_size=3)
            )
            assert page.next_cursor is not None
            place = Place.decoded(page.next_cursor, column)
            assert place.encoded() == page.next_cursor


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sort_by": "password_hash"}, "sort"),
        ({"sort_by": "tenant_id"}, "sort"),
        ({"sort_by": "id"}, "sort"),
        ({"sort_by": ""}, "sort"),
        ({"sort_by": "amount; DROP TABLE payments"}, "sort"),
        ({"sort_dir": "sideways"}, "sort_dir"),
        ({"status": ("completed", "won")}, "status"),
        ({"status": ("' OR 1=1 --",)}, "status"),
        ({"status": ("\x00",)}, "status"),
        ({"page_size": 0}, "page_size"),
        ({"page_size": -1}, "page_size"),
        ({"page_size": LARGEST_PAGE + 1}, "page_size"),
        ({"date_from": date(2026, 2, 2), "date_to": date(2026, 2, 1)}, "date_from"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_field(
    shop: Workspace, changes: dict[str, Any], field: str
) -> None:
    query = TableQuery("payouts", **changes)
    use_cases: list[Any] = [list_rows, count_rows, begin_export]
    for use_case in use_cases:
        with pytest.raises(InvalidInputError) as error:
            runtime.run(shop.ctx, use_case, query)
        assert set(error.value.fields) == {field}
    with pytest.raises(InvalidInputError):
        list(runtime.stream(shop.ctx, export_csv, query))


@pytest.mark.parametrize("name", ["", "users", "audit_events", "payments; --", "PAYMENTS"])
def test_there_are_no_other_tables(shop: Workspace, name: str) -> None:
    use_cases: list[Any] = [list_rows, count_rows, begin_export]
    for use_case in use_cases:
        with pytest.raises(NotFoundError):
            runtime.run(shop.ctx, use_case, TableQuery(name))


def test_counts_stop_at_ten_thousand(workspace: Workspace, admin_engine: Engine) -> None:
    connection = connect(workspace.ctx, SecretStr("sk_test_0123456789abcdef"))
    _add_payments(admin_engine, workspace, connection, [START] * COUNTED_TO)
    assert runtime.run(workspace.ctx, count_rows, TableQuery("payments")) == Count(10_000, False)
    _add_payments(admin_engine, workspace, connection, [START])
    assert runtime.run(workspace.ctx, count_rows, TableQuery("payments")) == Count(10_000, True)
    counts = runtime.run(workspace.ctx, table_counts)
    assert counts["payments"] == Count(10_000, True)
    assert counts["orders"] == Count(0, False)


def exported(ctx: Context, query: TableQuery) -> tuple[bytes, list[dict[str, str]]]:
    data = b"".join(runtime.stream(ctx, export_csv, query))
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
    connection = connect(workspace.ctx, SecretStr("sk_test_0123456789abcdef"))
    amount = Decimal(units).scaleb(-4)
    for currency in SOLD_IN:
        _add_payments(admin_engine, workspace, connection, [START], amount=amount,
                      currency=currency)  # fmt: skip
    _, found = exported(workspace.ctx, TableQuery("payments"))
    assert {line["currency"]: line["amount"] for line in found} == {
        currency: plain(units, currency) for currency in SOLD_IN
    }


_CALL = "cmd|' /C calc'!A0"
FORMULAS = [
    f"{blank}{sign}{rest}"
    for blank in ("", " ", "  \t", "\u00a0", "\u3000", "\n", "\r\n")
    for sign in ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001
    for rest in ("1+1", _CALL)
] + ["\tx", "\rx", " \tx", '=HYPERLINK("http://x","y")', "-2+3", "+49 30 1234", "@SUM(1)"]
HARMLESS = ["a=b", "1-2", "x@y.z", "'=1", "0", "é", " plain", "", "ch_1", "5+5"]


def test_no_text_is_a_formula(workspace: Workspace, admin_engine: Engine) -> None:
    connection = connect(workspace.ctx, SecretStr("sk_test_0123456789abcdef"))
    for payload in FORMULAS + HARMLESS:
        _add_payments(admin_engine, workspace, connection, [START], description=payload,
                      customer_email=payload, failure_code=payload)  # fmt: skip
    _, found = exported(workspace.ctx, TableQuery("payments"))
    assert len(FORMULAS) >= 100
    for column in ("description", "customer_email", "failure_code"):
        assert sorted(line[column] for line in found) == sorted(
            [f"'{payload}" for payload in FORMULAS] + HARMLESS
        )


def test_negative_amounts_stay_numbers(workspace: Workspace, admin_engine: Engine) -> None:
    connection = connect(workspace.ctx, SecretStr("sk_test_0123456789abcdef"))
    _add_payments(admin_engine, workspace, connection, [START], amount=Decimal("-12.50"))
    _, ((line),) = exported(workspace.ctx, TableQuery("payments"))
    assert line["amount"] == "-12.50"


def test_an_export_is_audited_with_what_left_the_house(
    workspace: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    connection = connect(workspace.ctx, SecretStr("sk_test_0123456789abcdef"))
    _add_payments(admin_engine, workspace, connection, [START] * 12)
    query = TableQuery("payments", status=("completed",), date_from=date(2026, 10, 1))
    runtime.run(workspace.ctx, begin_export, query)
    data, _ = exported(workspace.ctx, query)
    events = stored(workspace).rows(
        "SELECT category, action, resource_type, resource_id, status, payload FROM audit_events"
        " WHERE tenant_id = :tenant AND category = 'table' ORDER BY xid, id"
    )
    filters = {"status": ["completed"], "date_from": "2026-10-01", "date_to": None,
               "sort": "created_at desc"}  # fmt: skip
    begun = {"table": "payments", "format": "csv", "filters": filters}
    whole = begun | {"row_count": 12, "sha256": hashlib.sha256(data).hexdigest()}
    assert events == [
        ("table", "table_export_started", "table", "payments", "success", begun),
        ("table", "table_exported", "table", "payments", "success", whole),
    ]


def test_a_download_that_is_broken_off_gives_its_connection_back(
    workspace: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    connection = connect(workspace.ctx, SecretStr("sk_test_0123456789abcdef"))
    _add_payments(admin_engine, workspace, connection, [START] * 6000, description="x" * 90)
    for _ in range(12):
        chunks = runtime.stream(workspace.ctx, export_csv, TableQuery("payments"))
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
    connection = connect(workspace.ctx, SecretStr("sk_test_0123456789abcdef"))
    _add_payments(admin_engine, workspace, connection, [START] * 6000, description="x" * 90)
    sizes = [len(c) for c in runtime.stream(workspace.ctx, export_csv, TableQuery("payments"))]
    assert sum(sizes) > 1_000_000
    assert min(sizes[:-1]) >= 256 * 1024


EXPLAINED = [
    ({}, "ix_payments_created_at"),
    ({"sort_by": "created_at", "sort_dir": "asc"}, "ix_payments_created_at"),
    ({"status": ("failed",)}, "ix_payments_status"),
    ({"sort_by": "amount"}, "ix_payments_amount"),
    ({"date_from": date(2026, 10, 1), "date_to": date(2026, 10, 1)}, "ix_payments_created_at"),
]


@pytest.fixture(scope="module")
def large(runtime_started: None, admin_engine: Engine) -> Workspace:
    """A workspace with fifty thousand payments among others' rows."""
    workspace = make_workspace()
    connection = connect(workspace.ctx, SecretStr("sk_test_0123456789abcdef"))
    with admin_engine.begin() as database:
        database.execute(
            text(
                "INSERT INTO payments (tenant_id, connection_id, source, source_id, dedupe_key,"
                " source_status, currency, created_at, content_hash, status, amount, kind,"
                " gateway, charge_ref) SELECT :t, :c, 'stripe', 'ch_' || n, 'stripe:ch_' || n,"
                " 'succeeded', 'USD', timestamptz '2026-01-01' + n * interval '9 min', 'x',"
                " CASE WHEN n % 100 = 0 THEN 'failed' ELSE 'completed' END, n * 7919 % 1000003,"
                " 'sale', 'stripe', 'ch_' || n FROM generate_series(1, 50000) n"
            ),
            {"t": workspace.ctx.tenant, "c": connection},
        )
        database.execute(text("ANALYZE payments"))
    return workspace


@pytest.mark.parametrize(("changes", "index"), EXPLAINED)
@pytest.mark.parametrize("place", ["first", "deep"])
def test_a_page_is_read_from_its_index_as_the_app_role(
    large: Workspace, changes: dict[str, Any], index: str, place: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    query = TableQuery("payments", **changes)
    if place == "deep":
        for _ in range(3):
            page = runtime.run(large.ctx, list_rows, query)
            query = _with(query, page.next_cursor)
    plans: list[str] = []
    real = Session.execute

    def explained(self: Session, statement: Any, *given: Any, **named: Any) -> Any:
        if "FROM payments" in str(statement):
            compiled = statement.compile(self.connection(), compile_kwargs={"literal_binds": True})
            told = real(self, text(f"EXPLAIN {str(compiled).replace(':', chr(92) + ':')}"))
            plans.append("\n".join(told.scalars()))
        return real(self, statement, *given, **named)

    monkeypatch.setattr(Session, "execute", explained)
    assert runtime.run(large.ctx, list_rows, query).rows
    (plan,) = plans
    assert f"using {index}" in plan, plan
    assert "Seq Scan" not in plan
    assert "Sort" not in plan, plan
