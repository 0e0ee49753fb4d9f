"""Rows, counts and sums as a table's page writes them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ecomops.domains.tables.catalog import Column, TableSpec
from ecomops.domains.tables.schemas import CurrencySum
from ecomops.ui import format as fmt
from ecomops.ui.components.providers import NAMES

Writer = Callable[[Any, Mapping[str, Any]], str]


def cells(spec: TableSpec, rows: Iterable[Mapping[str, Any]], zone: str) -> list[list[str]]:
    """Rows as text: our id, then their columns in their order."""
    written = [(column.name, _writer(column, zone)) for column in spec.columns]
    return [[str(row["id"]), *(_text(row, *one) for one in written)] for row in rows]


def cell(column: Column, row: Mapping[str, Any], zone: str) -> str:
    """One value of the row as text; empty where there is none."""
    return _text(row, column.name, _writer(column, zone))


def _text(row: Mapping[str, Any], name: str, write: Writer) -> str:
    value = row.get(name)
    return "" if value is None or value == "" else write(value, row)


def _writer(column: Column, zone: str) -> Writer:
    """How a column is written; for a whole page of its values."""
    if column.kind == "money":
        currency = column.currency_of or "currency"
        return lambda value, row: fmt.amount(value, row.get(currency) or "")
    if column.kind == "time":
        return lambda value, _: fmt.moment(value, zone)
    if column.name == "source":
        return lambda value, _: NAMES.get(value) or fmt.words(value)
    write = _WRITERS.get(column.kind, str)
    return lambda value, _: write(value)


def _date(value: date) -> str:
    return fmt.day(value.date() if isinstance(value, datetime) else value)


def _rate(value: Decimal) -> str:
    return f"{value.normalize():f}"


def shown_id(value: Any) -> str:
    """Of Shopify's ``gid://shopify/Order/1`` the number, which is what its admin shows."""
    text = str(value)
    return text.rpartition("/")[2] if text.startswith("gid://") else text


_WRITERS: dict[str, Callable[[Any], str]] = {
    "id": shown_id,
    "status": fmt.words,
    "date": _date,
    "bool": lambda value: "Yes" if value else "No",
    "number": lambda value: fmt.number(value) if isinstance(value, int) else _rate(value),
}


def total(value: int, is_capped: bool) -> str:
    """``1,284 rows``; ``10,000+ rows`` where counting stopped."""
    if is_capped:
        return f"{fmt.capped(value, True)} rows"
    return fmt.counted(value, "row")


def sums(found: Iterable[CurrencySum]) -> list[str]:
    """``EUR 1,234.50`` for each currency; they are never added."""
    return [f"{one.currency} {fmt.amount(one.amount, one.currency)}" for one in found]
