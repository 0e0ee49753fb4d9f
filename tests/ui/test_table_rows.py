"""Rows and chips of a table's page."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from ecomops.domains.tables.catalog import TABLES, Column, TableSpec
from ecomops.ui.format import days
from ecomops.ui.pages.tables.address import View
from ecomops.ui.pages.tables.rows import cells, chips, total

MOMENT = datetime(2026, 2, 16, 13, 3, tzinfo=UTC)


def one(column: Column, **row: Any) -> str:
    [text] = cells(TableSpec("any", "Any", (column,), ()), row, "Europe/Berlin")
    return text


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
    assert cells(spec, {}, "UTC") == [""] * len(spec.columns)


def test_each_chip_leads_to_the_screen_without_it() -> None:
    view = View("payouts", ("failed", "in_transit"), date(2026, 1, 1), cursor="here")
    assert [(chip.text, chip.without) for chip in chips(view)] == [
        ("Failed", "/tables/payouts?status=in_transit&from=2026-01-01"),
        ("In transit", "/tables/payouts?status=failed&from=2026-01-01"),
        ("From 1 Jan 2026", "/tables/payouts?status=failed&status=in_transit"),
    ]


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
