"""One page of one table."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import reflex as rx

from ecomops.domains.connections.schemas import ListConnections
from ecomops.domains.connections.service import list_connections
from ecomops.domains.tables.catalog import TABLES
from ecomops.domains.tables.filters import checked
from ecomops.domains.tables.queries import count_exactly, read_table, sum_by_currency
from ecomops.domains.tables.schemas import Count, TablePage
from ecomops.kit.errors import InvalidInputError
from ecomops.ui.components.chips import Chip
from ecomops.ui.handlers import handler
from ecomops.ui.layouts.activity import AFTER_A_JOB
from ecomops.ui.operation import current_path
from ecomops.ui.pages.tables import address, filtering
from ecomops.ui.pages.tables.filtering import Choice, FilterForm, Preset
from ecomops.ui.pages.tables.rows import cells, sums, total
from ecomops.ui.pages.tables.saved_views import SavedViews
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import perform


class TablesState(SavedViews):
    """The rows of one page as text, and the addresses that lead on from it.

    The browser arranges the columns and keeps their layout in the page's address, without asking;
    ``follow_layout`` only brings the other addresses up to it. A State below that of the views,
    so that both come out of Redis in one trip.
    """

    table: str = ""
    asked: str = ""
    shown_address: str = ""
    rows: list[list[str]] = []  # noqa: RUF012 - Reflex copies the default for each State
    total: str = ""
    capped: bool = False
    counting: bool = False
    sums: list[str] = []  # noqa: RUF012
    sums_offered: bool = False
    outdated: bool = False
    table_problem: str = ""
    table_reference: str = ""

    filtered: bool = False
    filters_open: bool = False
    chips: list[Chip] = []  # noqa: RUF012
    form: FilterForm = FilterForm([], [])
    form_errors: dict[str, str] = {}  # noqa: RUF012
    presets: list[Preset] = []  # noqa: RUF012
    connections: list[Choice] = []  # noqa: RUF012
    size: str = str(address.SIZE)

    next_address: str = ""
    previous_address: str = ""
    first_address: str = ""
    clear_address: str = ""

    # Where the pages beside the one that is shown begin.
    _next: str | None = None
    _previous: str | None = None

    @handler("tables.view")
    async def load_table(self) -> Any:
        """Show what the page's address asks for; without a query, the person's default view."""
        asked = current_path()
        view = address.view_at(asked)
        if view is None:
            return None
        with shown_on_page(self, "table"):
            if default := await self._opened(view, is_bare=not urlsplit(asked).query):
                return rx.redirect(default, replace=True)
            view = self._marked(view)
            if view.table != self.table:
                self.connections = []
            if view.connection:
                await self._know_connections()
            self.outdated = False
            page, count = await perform(read_table, address.query_of(view))
            self._show(view, page, count)
        if self.table_problem:
            self._show_nothing()
        self._show_filters(view)
        self._lead_on(view)
        self.table, self.asked, self.shown_address = view.table, asked, address.page_address(view)
        return TablesState.load_sums if self.rows and not self.capped else None

    @handler("tables.view")
    async def follow_layout(self) -> None:
        """The columns were arranged anew: let all that leads on from here keep that."""
        view = self._view()
        if view is not None:
            self._lead_on(view)

    @handler("tables.view")
    async def look_again(self) -> Any:
        """A sync has ended: fill a table that is empty, offer what is new to one that is not.

        Rows do not change under the eyes of whoever reads them.
        """
        view = address.view_at(current_path())
        shown = address.view_at(self.asked)
        if view is None or shown is None or address.query_of(view) != address.query_of(shown):
            return None
        if not self.rows:
            return TablesState.load_table
        page, count = await perform(read_table, address.query_of(view))
        rows = _texts(view, page, self.timezone)
        self.outdated = (rows, total(count.value, count.capped)) != (self.rows, self.total)
        return None

    @handler("tables.view")
    async def load_sums(self) -> None:
        """Sum what the filters let through, by currency."""
        view = self._view()
        if view is not None:
            self.sums_offered = False
            self.sums = sums(await perform(sum_by_currency, address.query_of(view)))

    @handler("tables.view")
    async def count_exactly(self) -> Any:
        """Count all rows, however many they are."""
        view = self._view()
        if view is None or not self.capped or self.counting:
            return
        self.counting = True
        yield
        try:
            found = await perform(count_exactly, address.query_of(view))
        finally:
            self.counting = False
        self.total, self.capped = total(found, False), False

    @handler("tables.view")
    async def toggle_filters(self) -> None:
        """Open or close the panel of filters."""
        self.filters_open, self.form_errors = not self.filters_open, {}
        if self.filters_open:
            today = datetime.now(ZoneInfo(self.timezone)).date()
            self.presets = filtering.presets(today)
            await self._know_connections()

    @handler("tables.view")
    async def apply_filters(self, form: dict[str, Any]) -> Any:
        """Go to the address with the chosen filters, or say what is wrong with them."""
        view = self._view()
        if view is None:
            return None
        filtered, wrong = filtering.read_form(view, form)
        try:
            checked(address.query_of(filtered))
        except InvalidInputError as error:
            wrong = {filtering.FIELDS.get(k, k): text for k, text in error.fields.items()} | wrong
        self.form_errors = wrong
        if wrong:
            return None
        self.filters_open = False
        return rx.redirect(address.page_address(filtered))

    @handler("tables.view")
    async def search(self, form: dict[str, Any]) -> Any:
        """Go to the rows with the id or reference, the other filters kept."""
        view = self._view()
        if view is None:
            return None
        found = replace(view, search=str(form.get("q") or "").strip(), cursor=None, row=None)
        return rx.redirect(address.page_address(found))

    @handler("tables.view")
    async def change_size(self, size: str) -> Any:
        """Show another number of rows on a page, from the first row on."""
        view = self._view()
        if view is None or size not in map(str, address.SIZES):
            return None
        return rx.redirect(address.page_address(replace(view, size=int(size), cursor=None)))

    def _view(self) -> address.View | None:
        """The screen as it is now, columns and all."""
        view = address.view_at(current_path())
        if view is None or view.table != self.table:
            return None
        return self._marked(view)

    async def _know_connections(self) -> None:
        if self.connections:
            return
        found = await perform(list_connections, ListConnections(include_revoked=True))
        self.connections = [Choice(str(card.id), card.label, False) for card in found]

    def _show(self, view: address.View, page: TablePage, count: Count) -> None:
        self.rows = _texts(view, page, self.timezone)
        self._next, self._previous = page.next_cursor, page.previous_cursor
        self.total, self.capped = total(count.value, count.capped), count.capped
        self.sums, self.sums_offered = [], count.capped

    def _show_nothing(self) -> None:
        self.rows, self.total, self.sums = [], "", []
        self.capped = self.sums_offered = False
        self._next = self._previous = None

    def _show_filters(self, view: address.View) -> None:
        self.size, self.filtered, self.form = str(view.size), view.filtered, filtering.form_of(view)
        self.form_errors = {}

    def _lead_on(self, view: address.View) -> None:
        """The addresses that lead on from the view, each with its columns as they are."""
        labels = {UUID(choice.value): choice.words for choice in self.connections}
        self.chips = filtering.chips(view, labels)
        self.next_address = _page_at(view, self._next)
        self.previous_address = _page_at(view, self._previous)
        first = address.page_address(replace(view, cursor=None, row=None))
        self.first_address = first if view.cursor else ""
        self.clear_address = address.page_address(replace(address.without_filters(view), row=None))


def _texts(view: address.View, page: TablePage, zone: str) -> list[list[str]]:
    return cells(TABLES[view.table], page.rows, zone)


def _page_at(view: address.View, cursor: str | None) -> str:
    return address.page_address(replace(view, cursor=cursor, row=None)) if cursor else ""


AFTER_A_JOB.append(TablesState.look_again)
