"""One page of one table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import reflex as rx

from ecomops.domains.tables.catalog import TABLES
from ecomops.domains.tables.queries import read_table
from ecomops.domains.tables.schemas import TablePage
from ecomops.ui import format as fmt
from ecomops.ui.components.chips import Chip
from ecomops.ui.handlers import handler
from ecomops.ui.layouts.activity import AFTER_A_JOB
from ecomops.ui.operation import current_path
from ecomops.ui.pages.tables import address
from ecomops.ui.pages.tables.rows import cells, chips, total
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import perform
from ecomops.ui.state import AppState

_SORTED = {"asc": "ascending", "desc": "descending"}


@dataclass
class StatusChoice:
    """A status to filter by."""

    value: str
    words: str
    chosen: bool


class TablesState(AppState):
    """The rows of one page as text, and the addresses that lead on from it."""

    table: str = ""
    shown_address: str = ""
    rows: list[list[str]] = []  # noqa: RUF012 - Reflex copies the default for each State
    total: str = ""
    outdated: bool = False
    table_problem: str = ""
    table_reference: str = ""

    filtered: bool = False
    filters_open: bool = False
    chips: list[Chip] = []  # noqa: RUF012
    statuses: list[StatusChoice] = []  # noqa: RUF012
    date_from: str = ""
    date_to: str = ""
    size: str = str(address.SIZE)

    sort_address: dict[str, str] = {}  # noqa: RUF012
    sort_order: dict[str, str] = {}  # noqa: RUF012
    next_address: str = ""
    previous_address: str = ""
    first_address: str = ""
    clear_address: str = ""
    csv_address: str = ""

    @handler("tables.view")
    async def load_table(self) -> None:
        """Show what the page's address asks for."""
        view = _view(current_path())
        if view is None:
            return
        self._show_filters(view)
        self.outdated = False
        with shown_on_page(self, "table"):
            query = address.query_of(view)
            page, count = await perform(read_table, query)
            self._show(view, page)
            self.total = total(count.value, count.capped)
        if self.table_problem:
            self.rows, self.total, self.next_address, self.previous_address = [], "", "", ""
        self.table, self.shown_address = view.table, address.page_address(view)

    @handler("tables.view")
    async def look_again(self) -> Any:
        """A sync has ended: fill a table that is empty, offer what is new to one that is not.

        Rows do not change under the eyes of whoever reads them.
        """
        view = _view(current_path())
        if view is None or address.page_address(view) != self.shown_address:
            return None
        if not self.rows:
            return TablesState.load_table
        query = address.query_of(view)
        page, count = await perform(read_table, query)
        rows = _texts(view, page, self.timezone)
        self.outdated = (rows, total(count.value, count.capped)) != (self.rows, self.total)
        return None

    @handler("tables.view")
    async def toggle_filters(self) -> None:
        """Open or close the panel of filters."""
        self.filters_open = not self.filters_open

    @handler("tables.view")
    async def apply_filters(self, form: dict[str, Any]) -> Any:
        """Go to the address with the chosen filters."""
        view = _view(self.shown_address)
        if view is None:
            return None
        chosen = tuple(s for s in TABLES[view.table].statuses if form.get(f"status:{s}"))
        first, last = address.day(str(form.get("from"))), address.day(str(form.get("to")))
        if first and last and first > last:
            first, last = last, first
        self.filters_open = False
        filtered = replace(view, status=chosen, date_from=first, date_to=last, cursor=None)
        return rx.redirect(address.page_address(filtered))

    @handler("tables.view")
    async def change_size(self, size: str) -> Any:
        """Show another number of rows on a page, from the first row on."""
        view = _view(self.shown_address)
        if view is None or size not in map(str, address.SIZES):
            return None
        return rx.redirect(address.page_address(replace(view, size=int(size), cursor=None)))

    def _show(self, view: address.View, page: TablePage) -> None:
        spec = TABLES[view.table]
        self.rows = _texts(view, page, self.timezone)
        self.size = str(view.size)
        self.next_address = _page_at(view, page.next_cursor)
        self.previous_address = _page_at(view, page.previous_cursor)
        self.sort_order = {view.sort: _SORTED[view.direction]} if view.sort else {}
        self.sort_address = {
            column.name: address.page_address(address.next_sort(view, column.name))
            for column in spec.columns
        }

    def _show_filters(self, view: address.View) -> None:
        statuses = TABLES[view.table].statuses
        self.statuses = [StatusChoice(s, fmt.words(s), s in view.status) for s in statuses]
        self.date_from = view.date_from.isoformat() if view.date_from else ""
        self.date_to = view.date_to.isoformat() if view.date_to else ""
        self.filtered, self.chips = view.filtered, chips(view)
        first = address.page_address(replace(view, cursor=None))
        self.first_address = first if view.cursor else ""
        self.clear_address = address.page_address(address.without_filters(view))
        self.csv_address = address.csv_address(view)


def _view(page_address: str) -> address.View | None:
    table = urlsplit(page_address).path.rstrip("/").rpartition("/")[2]
    spec = TABLES.get(table)
    if spec is None:
        return None
    columns = {column.name for column in spec.columns}
    return address.parse(table, page_address, columns, spec.statuses)


def _texts(view: address.View, page: TablePage, zone: str) -> list[list[str]]:
    return [cells(TABLES[view.table], row, zone) for row in page.rows]


def _page_at(view: address.View, cursor: str | None) -> str:
    return address.page_address(replace(view, cursor=cursor)) if cursor else ""


AFTER_A_JOB.append(TablesState.look_again)
