"""Browsing: every page of every table, in every order, through every filter."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from ecomops import runtime
from ecomops.domains.tables.catalog import TABLES
from ecomops.domains.tables.export import begin_export, export_file
from ecomops.domains.tables.filters import LARGEST_PAGE
from ecomops.domains.tables.queries import COUNTED_TO, count_rows, list_rows, table_counts
from ecomops.domains.tables.schemas import Count, Export, TableQuery
from ecomops.kit.context import Context
from ecomops.kit.errors import InvalidInputError, NotFoundError
from ecomops.kit.keyset import Place
from ecomops.models import metadata
from tests.conftest import Workspace
from tests.integration.provider import Stored, connect
from tests.integration.rows import KEY, ROWS, START, add_payments

StoredOf = Callable[[Workspace], Stored]


def begin(session: Session, ctx: Context, query: TableQuery) -> str:
    """An export of what a page shows."""
    return begin_export(session, ctx, Export(query))


def pages(ctx: Context, query: TableQuery) -> Iterator[list[str]]:
    """The pages from the first to the last, as source ids; each seen again on the way back."""
    forward, cursor = [], None
    while True:
        page = runtime.run(ctx, list_rows, _with(query, cursor))
        forward.append([row["source_id"] for row in page.rows])
        if page.next_cursor is None:
            break
        assert len(forward) < ROWS, "the pages go round in circles"
        cursor = page.next_cursor
    yield from forward
    backward = [forward[-1]]
    while page.previous_cursor is not None:
        assert len(backward) < ROWS, "the pages go round in circles"
        page = runtime.run(ctx, list_rows, _with(query, page.previous_cursor))
        backward.append([row["source_id"] for row in page.rows])
    assert [row for page in reversed(backward) for row in page] == [
        row for page in forward for row in page
    ]
    assert page.previous_cursor is None


def _with(query: TableQuery, cursor: str | None) -> TableQuery:
    return replace(query, cursor=cursor)


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
        query = TableQuery(table, sort_by=column, sort_dir=direction, page_size=7)
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
    connection = connect(workspace.ctx, KEY)
    add_payments(admin_engine, workspace, connection, [START] * 10)
    query = TableQuery("payments", page_size=4)
    first = runtime.run(workspace.ctx, list_rows, query)
    add_payments(admin_engine, workspace, connection, [START + timedelta(days=1)] * 5)
    second = runtime.run(workspace.ctx, list_rows, _with(query, first.next_cursor))
    assert not {row["source_id"] for row in first.rows} & {row["source_id"] for row in second.rows}
    back = runtime.run(workspace.ctx, list_rows, _with(query, second.previous_cursor))
    assert back.rows == first.rows
    assert back.previous_cursor is not None, "the new rows lie before it"


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
    connection = connect(workspace.ctx, KEY)
    with admin_engine.begin() as database:
        database.execute(
            text("UPDATE tenant_configs SET timezone = :zone WHERE tenant_id = :t"),
            {"zone": zone, "t": workspace.ctx.tenant},
        )
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=40)
    moments = [begin + timedelta(minutes=30 * step, microseconds=-(step % 2))
               for step in range(220)]  # fmt: skip
    add_payments(admin_engine, workspace, connection, moments)
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
    connection = connect(workspace.ctx, KEY)
    add_payments(admin_engine, workspace, connection, [START])
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
        with suppress(InvalidInputError):
            assert len(runtime.run(shop.ctx, list_rows, query).rows) <= ROWS


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
    use_cases: list[Any] = [list_rows, count_rows, begin]
    for use_case in use_cases:
        with pytest.raises(InvalidInputError) as error:
            runtime.run(shop.ctx, use_case, query)
        assert set(error.value.fields) == {field}
    with pytest.raises(InvalidInputError):
        list(runtime.stream(shop.ctx, export_file, Export(query)))


@pytest.mark.parametrize("name", ["", "users", "audit_events", "payments; --", "PAYMENTS"])
def test_there_are_no_other_tables(shop: Workspace, name: str) -> None:
    use_cases: list[Any] = [list_rows, count_rows, begin]
    for use_case in use_cases:
        with pytest.raises(NotFoundError):
            runtime.run(shop.ctx, use_case, TableQuery(name))


def test_counts_stop_at_ten_thousand(workspace: Workspace, admin_engine: Engine) -> None:
    connection = connect(workspace.ctx, KEY)
    add_payments(admin_engine, workspace, connection, [START] * COUNTED_TO)
    assert runtime.run(workspace.ctx, count_rows, TableQuery("payments")) == Count(10_000, False)
    add_payments(admin_engine, workspace, connection, [START])
    assert runtime.run(workspace.ctx, count_rows, TableQuery("payments")) == Count(10_000, True)
    counts = runtime.run(workspace.ctx, table_counts)
    assert counts["payments"] == Count(10_000, True)
    assert counts["orders"] == Count(0, False)
