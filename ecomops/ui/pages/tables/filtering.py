"""The filters of a table's page: as a form, as chips, as a view. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from ecomops.domains.tables.catalog import TABLES, TIES
from ecomops.domains.tables.filters import arrives
from ecomops.ui import format as fmt
from ecomops.ui.components.chips import Chip
from ecomops.ui.components.providers import NAMES
from ecomops.ui.pages.tables import address
from ecomops.ui.pages.tables.address import View

_GROUPED = re.compile(r"[-+]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


@dataclass
class Choice:
    """A value to filter by; ``words`` is what people read."""

    value: str
    words: str
    chosen: bool


@dataclass
class Preset:
    """A span of days that people often want, as the date fields take it."""

    words: str
    first: str
    last: str


@dataclass
class FilterForm:
    """What the panel of filters shows for a view."""

    statuses: list[Choice]
    sources: list[Choice]
    currency: str = ""
    connection: str = ""
    date_from: str = ""
    date_to: str = ""
    amount_min: str = ""
    amount_max: str = ""
    search: str = ""
    arrives_from: str = ""
    arrives_to: str = ""
    ties: str = ""


def form_of(view: View) -> FilterForm:
    """The fields, filled in with what the view filters by."""
    spec = TABLES[view.table]
    return FilterForm(
        statuses=[Choice(s, fmt.words(s), s in view.status) for s in spec.statuses],
        sources=[Choice(s, NAMES[s], s in view.source) for s in spec.sources],
        currency=", ".join(view.currency),
        connection=str(view.connection or ""),
        date_from=_iso(view.date_from),
        date_to=_iso(view.date_to),
        amount_min=_plain(view.amount_min),
        amount_max=_plain(view.amount_max),
        search=view.search,
        arrives_from=_iso(view.arrives_from),
        arrives_to=_iso(view.arrives_to),
        ties=view.ties,
    )


def read_form(view: View, form: Mapping[str, Any]) -> tuple[View, dict[str, str]]:
    """The first page of the view with the form's filters, and what cannot be read, by field."""
    spec = TABLES[view.table]
    wrong: dict[str, str] = {}

    def text(name: str) -> str:
        return str(form.get(name) or "").strip()

    def read(name: str, reader: Any, problem: str) -> Any:
        value = reader(text(name)) if text(name) else None
        if text(name) and value is None:
            wrong[name] = problem
        return value

    amount = "Enter an amount such as 1,250.50."
    filtered = replace(
        view,
        status=tuple(s for s in spec.statuses if form.get(f"status:{s}")),
        source=tuple(s for s in spec.sources if form.get(f"source:{s}")),
        currency=tuple(dict.fromkeys(re.findall(r"[^\s,;]+", text("currency").upper()))),
        connection=read("connection", address.identifier, "Choose a connection of the list."),
        date_from=read("from", address.day, "Enter a day."),
        date_to=read("to", address.day, "Enter a day."),
        amount_min=read("min", _amount, amount),
        amount_max=read("max", _amount, amount),
        search=text("q"),
        cursor=None,
        row=None,
    )
    if arrives(spec):
        filtered = replace(
            filtered,
            arrives_from=read("arrives_from", address.day, "Enter a day."),
            arrives_to=read("arrives_to", address.day, "Enter a day."),
            ties=text("ties") if text("ties") in TIES else "",
        )
    return filtered, wrong


FIELDS = {
    "date_from": "from",
    "date_to": "to",
    "amount_min": "min",
    "amount_max": "max",
    "connection_id": "connection",
    "search": "q",
}
"""Field of a ``TableQuery`` → its name in the form and the address, where they differ."""


def _amount(text: str) -> Decimal | None:
    """What a person writes: thousands may be separated by commas, minus may be a true one."""
    written = text.replace("\N{MINUS SIGN}", "-").replace(" ", "").removeprefix("+")
    return address.amount(written.replace(",", "") if _GROUPED.fullmatch(written) else written)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"


def presets(today: date) -> list[Preset]:
    """Spans that end with, or lie before, the workspace's day."""
    month = today.replace(day=1)
    last_month = month - timedelta(days=1)
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    spans = (
        ("Today", today, today),
        ("Last 7 days", today - timedelta(days=6), today),
        ("This month", month, today),
        ("Last month", last_month.replace(day=1), last_month),
        ("This quarter", quarter, today),
    )
    return [Preset(words, first.isoformat(), last.isoformat()) for words, first, last in spans]


def chips(view: View, connections: Mapping[UUID, str]) -> list[Chip]:
    """The active filters, each with the address that lacks only it."""
    several = (("status", fmt.words), ("source", NAMES.__getitem__), ("currency", str))
    found = [
        Chip(write(value), _without(view, **{name: _but(getattr(view, name), value)}))
        for name, write in several
        for value in getattr(view, name)
    ]
    if view.connection:
        label = connections.get(view.connection, "One connection")
        found.append(Chip(label, _without(view, connection=None)))
    if view.date_from or view.date_to:
        span = fmt.days(view.date_from, view.date_to)
        found.append(Chip(span, _without(view, date_from=None, date_to=None)))
    if view.amount_min is not None or view.amount_max is not None:
        found.append(Chip(_amounts(view), _without(view, amount_min=None, amount_max=None)))
    if view.arrives_from or view.arrives_to:
        span = f"Arrives {fmt.lowered(fmt.days(view.arrives_from, view.arrives_to))}"
        found.append(Chip(span, _without(view, arrives_from=None, arrives_to=None)))
    if view.ties:
        found.append(Chip(TIES[view.ties], _without(view, ties="")))
    if view.search:
        found.append(Chip(f"ID {view.search}", _without(view, search="")))
    return found


def _but(values: Iterable[str], one: str) -> tuple[str, ...]:
    return tuple(value for value in values if value != one)


def _amounts(view: View) -> str:
    low, high = (_grouped(value) for value in (view.amount_min, view.amount_max))
    if low and high:
        return f"Amount {low} to {high}"
    return f"Amount from {low}" if low else f"Amount up to {high}"


def _grouped(value: Decimal | None) -> str:
    return "" if value is None else f"{value:,f}".replace("-", "\N{MINUS SIGN}")


def _without(view: View, **changes: Any) -> str:
    return address.page_address(replace(view, cursor=None, row=None, **changes))
