"""What a table's page shows is all in its address, so that a link reproduces it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import parse_qs, urlencode, urlsplit

from ecomops.domains.tables.schemas import TableQuery
from ecomops.ui import routes

SIZES = (25, 50, 100, 250, 500)
SIZE = 50


@dataclass(frozen=True, slots=True)
class View:
    """One screen of a table. Dates are the workspace's days; both are included."""

    table: str
    status: tuple[str, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    sort: str | None = None
    direction: str = "asc"
    cursor: str | None = None
    size: int = SIZE

    @property
    def filtered(self) -> bool:
        return bool(self.status or self.date_from or self.date_to)


def parse(table: str, address: str, columns: Collection[str], statuses: Collection[str]) -> View:
    """The view that ``address`` asks for; what makes no sense in it is left out."""
    given = parse_qs(urlsplit(address).query)

    def one(name: str) -> str:
        return given.get(name, [""])[-1]

    size = one("size")
    sort = one("sort")
    return View(
        table=table,
        status=tuple(dict.fromkeys(s for s in given.get("status", []) if s in statuses)),
        date_from=day(one("from")),
        date_to=day(one("to")),
        sort=sort if sort in columns else None,
        direction="desc" if one("dir") == "desc" else "asc",
        cursor=one("cursor") or None,
        size=int(size) if size in map(str, SIZES) else SIZE,
    )


def day(text: str) -> date | None:
    """An ISO date, or None if it is not one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def page_address(view: View) -> str:
    """The address of the page that shows the view."""
    more = [("size", str(view.size))] if view.size != SIZE else []
    cursor = [("cursor", view.cursor)] if view.cursor else []
    return _with_query(routes.table(view.table), [*_filters(view), *more, *cursor])


def csv_address(view: View) -> str:
    """The download of all rows that match the view's filters, in its order."""
    return _with_query(routes.export_csv(view.table), _filters(view))


def next_sort(view: View, column: str) -> View:
    """What a click on the column's header leads to: ascending, descending, then no sort."""
    if view.sort != column:
        return replace(view, sort=column, direction="asc", cursor=None)
    if view.direction == "asc":
        return replace(view, direction="desc", cursor=None)
    return replace(view, sort=None, direction="asc", cursor=None)


def without_filters(view: View) -> View:
    """The same screen with every row."""
    return replace(view, status=(), date_from=None, date_to=None, cursor=None)


def query_of(view: View) -> TableQuery:
    """The view as the service takes it."""
    return TableQuery(
        table=view.table,
        status=view.status,
        date_from=view.date_from,
        date_to=view.date_to,
        sort_by=view.sort,
        sort_dir=view.direction,
        cursor=view.cursor,
        page_size=view.size,
    )


def _filters(view: View) -> list[tuple[str, str]]:
    pairs = [("status", status) for status in view.status]
    days = (("from", view.date_from), ("to", view.date_to))
    pairs += [(name, value.isoformat()) for name, value in days if value]
    if view.sort:
        pairs += [("sort", view.sort), ("dir", view.direction)]
    return pairs


def _with_query(path: str, pairs: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(pairs)}" if pairs else path
