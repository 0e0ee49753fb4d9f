"""Rows and chips of a table's page."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from ecomops.domains.tables.catalog import TABLES, Column, TableSpec
from ecomops.domains.tables.schemas import CurrencySum
from ecomops.ui.format import days
from ecomops.ui.pages.tables.rows import cell, cells, sums, total

MOMENT = datetime(2026, 2, 16, 13, 3, tzinfo=UTC)


def one(column: Column, **row: Any) -> str:
    return cell(column, row, "Europe/Berlin")


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("id", "po_1QabcDEF", "po_1QabcDEF"),
        ("id", "gid://shopify/ShopifyPaymentsPayout/10000134217728", "10000134217728"),
        ("status", "in_transit", "In transit"),
        ("time", MOMENT, "16 Feb 2026, 14:03 CET"),
        ("date", date(2026, 2, 6), "6 Feb 2026"),
        ("bool", False, "No"),
        ("number", 12_345, "12,345"),
        ("number", Decimal("1.0850000000"), "1.085"),
        ("text", "requested_by_customer", "requested_by_customer"),
        ("text", None, ""),
        ("number", 0, "0"),
    ],
)
def test_each_kind_has_its_writing(kind: Any, value: object, shown: str) -> None:
    assert one(Column("x", "X", kind), x=value) == shown


def test_an_amount_has_the_places_of_its_own_currency() -> None:
    column = Column("fee", "Fee", "money", "fee_currency")
    assert one(column, fee=12_000_000, fee_currency="JPY", currency="USD") == "1,200"
    assert one(column, fee=-12_345_000, fee_currency="USD") == "−1,234.50"  # noqa: RUF001


def test_a_source_has_its_name() -> None:
    assert one(Column("source", "Source", "text"), source="netsuite") == "NetSuite"


@pytest.mark.parametrize("spec", TABLES.values(), ids=TABLES)
def test_every_table_writes_a_row_of_nothing(spec: TableSpec) -> None:
    assert cells(spec, [{"id": "1"}], "UTC") == [["1", *[""] * len(spec.columns)]]


def test_a_row_begins_with_our_id() -> None:
    spec = TABLES["payouts"]
    row = {"id": UUID(int=1), "source_id": "po_1", "amount": 12_500_000, "currency": "EUR"}
    (written,) = cells(spec, [row], "UTC")
    assert written[:4] == [str(UUID(int=1)), "po_1", "", "1,250.00"]


def test_sums_are_by_currency() -> None:
    found = (CurrencySum("EUR", 3, -12_345_000), CurrencySum("JPY", 1, 12_000_000))
    assert sums(found) == ["EUR −1,234.50", "JPY 1,200"]  # noqa: RUF001


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (date(2026, 1, 1), date(2026, 1, 31), "1–31 Jan 2026"),  # noqa: RUF001
        (date(2026, 1, 1), date(2026, 2, 3), "1 Jan – 3 Feb 2026"),  # noqa: RUF001
        (date(2025, 12, 31), date(2026, 1, 1), "31 Dec 2025 – 1 Jan 2026"),  # noqa: RUF001
        (date(2026, 1, 1), date(2026, 1, 1), "1 Jan 2026"),
        (None, date(2026, 1, 1), "Until 1 Jan 2026"),
        (None, None, ""),
    ],
)
def test_days(first: date | None, last: date | None, shown: str) -> None:
    assert days(first, last) == shown


def test_totals() -> None:
    assert [total(10_000, True), total(1, False)] == ["10,000+ rows", "1 row"]
