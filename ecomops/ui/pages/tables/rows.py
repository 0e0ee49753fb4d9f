"""Rows, counts and sums as a table's page writes them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ecomops.domains.tables.catalog import Column, TableSpec
from ecomops.domains.tables.schemas import CurrencySum
from ecomops.ui import format as fmt
from ecomops.ui.components.providers import NAMES


def cells(spec: TableSpec, rows: Sequence[Mapping[str, Any]], zone: str) -> list[list[str]]:
    """Rows as text: our id, then their columns in their order."""
    ids = [str(row["id"]) for row in rows]
    columns = [_written(column, rows, zone) for column in spec.columns]
    return [list(row) for row in zip(ids, *columns, strict=True)]


def cell(column: Column, row: Mapping[str, Any], zone: str) -> str:
    """One value of the row as text; empty where there is none."""
    return _written(column, [row], zone)[0]


def _written(column: Column, rows: Sequence[Mapping[str, Any]], zone: str) -> list[str]:
    """A column of all rows: a page has near a thousand cells, so each does as little as it may."""
    values = [row.get(column.name) for row in rows]
    if column.kind == "money":
        currencies = [row.get(column.currency_of or "currency") or "" for row in rows]
        pairs = zip(values, currencies, strict=True)
        return ["" if value is None else fmt.amount(value, code) for value, code in pairs]
    write = _writer(column, zone)
    return ["" if value is None or value == "" else write(value) for value in values]


def _writer(column: Column, zone: str) -> Callable[[Any], str]:
    if column.kind == "time":
        return lambda value: fmt.moment(value, zone)
    if column.name == "source":
        return lambda value: NAMES.get(value) or fmt.words(value)
    return _WRITERS.get(column.kind, str)


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
