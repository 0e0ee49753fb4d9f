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


def cells(spec: TableSpec, row: Mapping[str, Any], zone: str) -> list[str]:
    """One row as text: our id, then its columns in their order."""
    return [str(row.get("id", "")), *(cell(column, row, zone) for column in spec.columns)]


def cell(column: Column, row: Mapping[str, Any], zone: str) -> str:
    """One value of the row as text; empty where there is none."""
    value = row.get(column.name)
    if value is None or value == "":
        return ""
    if column.kind == "money":
        return fmt.amount(value, str(row.get(column.currency_of or "currency") or ""))
    if column.kind == "time":
        return fmt.moment(value, zone)
    if column.name == "source":
        return NAMES.get(value, fmt.words(value))
    return _WRITERS.get(column.kind, str)(value)


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
