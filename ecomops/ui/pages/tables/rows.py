"""Rows, chips and counts as a table's page writes them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ecomops.domains.tables.catalog import Column, TableSpec
from ecomops.ui import format as fmt
from ecomops.ui.components.chips import Chip
from ecomops.ui.components.providers import NAMES
from ecomops.ui.pages.tables.address import View, page_address


def cells(spec: TableSpec, row: Mapping[str, Any], zone: str) -> list[str]:
    """One row as text, in the order of the columns."""
    return [_cell(column, row, zone) for column in spec.columns]


def _cell(column: Column, row: Mapping[str, Any], zone: str) -> str:
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


def _id(value: Any) -> str:
    """Of Shopify's ``gid://shopify/Order/1`` the number, which is what its admin shows."""
    text = str(value)
    return text.rpartition("/")[2] if text.startswith("gid://") else text


_WRITERS: dict[str, Callable[[Any], str]] = {
    "id": _id,
    "status": fmt.words,
    "date": _date,
    "bool": lambda value: "Yes" if value else "No",
    "number": lambda value: fmt.number(value) if isinstance(value, int) else _rate(value),
}


def chips(view: View) -> list[Chip]:
    """The active filters, each with the address that lacks only it."""
    found = [
        Chip(fmt.words(status), _address(view, status=tuple(s for s in view.status if s != status)))
        for status in view.status
    ]
    if view.date_from or view.date_to:
        span = fmt.days(view.date_from, view.date_to)
        found.append(Chip(span, _address(view, date_from=None, date_to=None)))
    return found


def _address(view: View, **changes: Any) -> str:
    return page_address(replace(view, cursor=None, **changes))


def total(value: int, is_capped: bool) -> str:
    """``1,284 rows``; ``10,000+ rows`` where counting stopped."""
    if is_capped:
        return f"{fmt.capped(value, True)} rows"
    return fmt.counted(value, "row")
