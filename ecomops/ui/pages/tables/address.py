"""What a table's page shows is all in its address, so that a link reproduces it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

from ecomops.core.money import EXPONENTS
from ecomops.domains.tables.catalog import TABLES, TIES, TableSpec
from ecomops.domains.tables.filters import arrives
from ecomops.domains.tables.schemas import TableQuery
from ecomops.ui import routes
from ecomops.ui.pages.tables.layout import layout_text, parse_layout

SIZES = (25, 50, 100, 250, 500)
SIZE = 50
NO_VIEW = "none"
"""In the place of a saved view's id: as the table comes, though the person has a default view."""
_AMOUNT = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,10})?")


@dataclass(frozen=True, slots=True)
class View:
    """One screen of a table. Dates are the workspace's days; both are included.

    Amounts are major units. ``saved`` is the id of the saved view it came from. What follows
    ``cursor`` says how the rows are shown, and not which.
    """

    table: str
    status: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    currency: tuple[str, ...] = ()
    connection: UUID | None = None
    date_from: date | None = None
    date_to: date | None = None
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    search: str = ""
    arrives_from: date | None = None
    arrives_to: date | None = None
    ties: str = ""
    sort: str | None = None
    direction: str = "asc"
    size: int = SIZE
    cursor: str | None = None
    cols: str = ""
    compact: bool = False
    saved: str = ""
    row: UUID | None = None

    @property
    def filtered(self) -> bool:
        return without_filters(self) != replace(self, cursor=None)


def view_at(address: str) -> View | None:
    """The view that ``address`` asks for; None if it is not a table's page."""
    table = urlsplit(address).path.rstrip("/").rpartition("/")[2]
    return parse(TABLES[table], address) if table in TABLES else None


def parse(spec: TableSpec, address: str) -> View:
    """The view of the table that ``address`` asks for; what makes no sense in it is left out."""
    given = parse_qs(urlsplit(address).query)
    names = [column.name for column in spec.columns]

    def one(name: str) -> str:
        return given.get(name, [""])[-1]

    def several(name: str, known: Any) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for value in given.get(name, []) if value in known))

    size = one("size")
    return View(
        table=spec.name,
        status=several("status", spec.statuses),
        source=several("source", spec.sources),
        currency=several("currency", EXPONENTS),
        connection=identifier(one("connection")),
        date_from=day(one("from")),
        date_to=day(one("to")),
        amount_min=amount(one("min")),
        amount_max=amount(one("max")),
        search=one("q").strip(),
        arrives_from=day(one("arrives_from")) if arrives(spec) else None,
        arrives_to=day(one("arrives_to")) if arrives(spec) else None,
        ties=one("ties") if arrives(spec) and one("ties") in TIES else "",
        sort=one("sort") if one("sort") in names else None,
        direction="desc" if one("dir") == "desc" else "asc",
        size=int(size) if size in map(str, SIZES) else SIZE,
        cursor=one("cursor") or None,
        cols=layout_text(parse_layout(one("cols"), names), names) if one("cols") else "",
        compact=one("density") == "compact",
        saved=NO_VIEW if one("view") == NO_VIEW else str(identifier(one("view")) or ""),
        row=identifier(one("row")),
    )


def day(text: str) -> date | None:
    """An ISO date, or None if it is not one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def amount(text: str) -> Decimal | None:
    """A plain decimal in major units, or None if it is not one."""
    return Decimal(text) if _AMOUNT.fullmatch(text) else None


def identifier(text: str) -> UUID | None:
    """A UUID, or None if it is not one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def page_address(view: View) -> str:
    """The address of the page that shows the view."""
    how = {
        "cols": view.cols,
        "density": "compact" if view.compact else "",
        "view": view.saved,
        "row": str(view.row or ""),
    }
    pairs = [*_which(view), *((name, value) for name, value in how.items() if value)]
    return _with_query(routes.table(view.table), pairs)


def query_text(view: View) -> str:
    """What of the view's address a saved view keeps: all but the page and the open row."""
    kept = replace(view, cursor=None, row=None, saved="")
    return urlsplit(page_address(kept)).query


def without_filters(view: View) -> View:
    """The same screen with every row."""
    plain = View(view.table)
    return replace(view, cursor=None, **{name: getattr(plain, name) for name in _FILTERS})


def query_of(view: View) -> TableQuery:
    """The view as the service takes it."""
    return TableQuery(
        table=view.table,
        status=view.status,
        source=view.source,
        currency=view.currency,
        connection_id=view.connection,
        date_from=view.date_from,
        date_to=view.date_to,
        amount_min=view.amount_min,
        amount_max=view.amount_max,
        search=view.search,
        arrives_from=view.arrives_from,
        arrives_to=view.arrives_to,
        ties=view.ties,
        sort_by=view.sort,
        sort_dir="desc" if view.direction == "desc" else "asc",
        cursor=view.cursor,
        page_size=view.size,
    )


def _which(view: View) -> list[tuple[str, str]]:
    size = [("size", str(view.size))] if view.size != SIZE else []
    cursor = [("cursor", view.cursor)] if view.cursor else []
    return [*_filters(view), *size, *cursor]


def _filters(view: View) -> list[tuple[str, str]]:
    several = (("status", view.status), ("source", view.source), ("currency", view.currency))
    pairs = [(name, value) for name, values in several for value in values]
    single = {
        "connection": view.connection,
        "from": view.date_from,
        "to": view.date_to,
        "min": _plain(view.amount_min),
        "max": _plain(view.amount_max),
        "q": view.search or None,
        "arrives_from": view.arrives_from,
        "arrives_to": view.arrives_to,
        "ties": view.ties or None,
    }
    pairs += [(name, str(value)) for name, value in single.items() if value is not None]
    if view.sort:
        pairs += [("sort", view.sort), ("dir", view.direction)]
    return pairs


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _with_query(path: str, pairs: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(pairs)}" if pairs else path


_ORDER_ON = ("sort", "direction", "size", "cursor", "cols", "compact", "saved", "row")
_FILTERS = tuple(f.name for f in fields(View) if f.name not in ("table", *_ORDER_ON))
