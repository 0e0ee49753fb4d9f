"""One page of the audit log."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import reflex as rx

from ecomops.domains.audit.queries import read_log
from ecomops.domains.audit.schemas import CATEGORIES, STATUSES
from ecomops.ui import routes
from ecomops.ui.components.chips import Chip
from ecomops.ui.handlers import SIGNED_IN, handler
from ecomops.ui.operation import current_path
from ecomops.ui.pages.audit import address
from ecomops.ui.pages.audit.event_state import EventState
from ecomops.ui.pages.audit.rows import NAMES, EventLine, chips, event_line, total
from ecomops.ui.pages.audit.seal_state import SealState
from ecomops.ui.pages.audit.views_state import AuditViews
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import perform
from ecomops.ui.state import AppState

DAYS = "days"
"""The choice of days that are given."""


class AuditState(AppState):
    """The events of one page as text, and the addresses that lead on from it."""

    events: list[EventLine] = []  # noqa: RUF012 - Reflex copies the default for each State
    shown_address: str = ""
    total: str = ""
    log_problem: str = ""
    log_reference: str = ""

    filtered: bool = False
    filters_open: bool = False
    chips: list[Chip] = []  # noqa: RUF012
    filters: dict[str, str] = {}  # noqa: RUF012
    preset: str = ""
    tracing: str = ""
    is_whole_trace: bool = False
    ascending: bool = False
    size: str = str(address.SIZE)

    turned_address: str = ""
    next_address: str = ""
    previous_address: str = ""
    first_address: str = ""
    clear_address: str = ""
    csv_address: str = ""
    ndjson_address: str = ""

    # The event that was open beside the list when it was last looked at.
    _open_event: str = ""
    _elsewhere: bool = True

    @handler("audit.view")
    async def load_log(self) -> Any:
        """Show what the page's address asks for.

        This alone is called as the page opens, so that a denial is one denial. Opening an event
        leaves the list beside it as it is: rows do not move under a reader's eyes. Who comes back
        from another page sees what has happened since.
        """
        view = _view()
        if view is None:
            return None
        listed = address.list_of(view)
        is_same = address.page_address(listed) == self.shown_address
        only_event = is_same and view.event != self._open_event
        stays = not (self._elsewhere or self.log_problem)
        self._open_event, self._elsewhere = view.event, False
        if only_event and stays:
            return EventState.load_event
        await self._read(listed)
        return [EventState.load_event, SealState.load_seal, AuditViews.load_views]

    @handler(SIGNED_IN)
    async def leave(self) -> None:
        """The person goes to another page; also one who was denied this one, which is no news."""
        self._elsewhere, self.filters_open = True, False

    @handler("audit.view")
    async def refresh(self) -> Any:
        """Read the events again: the log goes on all the time."""
        view = _view()
        if view is not None:
            await self._read(address.list_of(view))
        return SealState.load_seal

    @handler("audit.view")
    async def toggle_filters(self) -> None:
        """Open or close the panel of filters."""
        self.filters_open = not self.filters_open

    @handler("audit.view")
    async def apply_filters(self, form: dict[str, Any]) -> Any:
        """Go to the address with the chosen filters."""
        first, last = self._days(form)
        typed = {name: address.typed(str(form.get(name) or "")) for name in address.TEXTS}
        view = address.changed(
            address.parse(self.shown_address),
            category=_one_of(form.get("category"), CATEGORIES),
            status=_one_of(form.get("status"), STATUSES),
            date_from=first,
            date_to=last,
            **typed,
        )
        self.filters_open = False
        return rx.redirect(address.page_address(view))

    @handler("audit.view")
    async def change_size(self, size: str) -> Any:
        """Show another number of events on a page, from the first one on."""
        if size not in map(str, address.SIZES):
            return None
        view = address.changed(address.parse(self.shown_address), size=int(size))
        return rx.redirect(address.page_address(view))

    async def _read(self, view: address.View) -> None:
        self._show_filters(view)
        with shown_on_page(self, "log"):
            page, count = await perform(read_log, address.query_of(view))
            self.events = [event_line(event, self.timezone) for event in page.rows]
            self.total = total(count.value, count.capped)
            self.next_address = _page_at(view, page.next_cursor)
            self.previous_address = _page_at(view, page.previous_cursor)
        if self.log_problem:
            self.events, self.total, self.next_address, self.previous_address = [], "", "", ""
        self.shown_address = address.page_address(view)

    def _show_filters(self, view: address.View) -> None:
        first, last = view.date_from, view.date_to
        named = {name: str(getattr(view, name)) for name in NAMES}
        self.filters = named | {
            "from": first.isoformat() if first else "",
            "to": last.isoformat() if last else "",
        }
        self.preset = _preset(view, self._today())
        self.filtered, self.chips = view.filtered, chips(view)
        self.tracing, self.ascending = view.correlation_id, view.ascending
        self.is_whole_trace = address.is_whole_trace(view)
        self.size = str(view.size)
        self._show_ways(view)

    def _show_ways(self, view: address.View) -> None:
        turned = address.ordered(replace(view, cursor=None), "desc" if view.ascending else "asc")
        first = address.page_address(replace(view, cursor=None))
        self.turned_address = address.page_address(turned)
        self.first_address = first if view.cursor else ""
        self.clear_address = address.page_address(address.without_filters(view))
        self.csv_address = address.export_address(view, "csv")
        self.ndjson_address = address.export_address(view, "ndjson")

    def _days(self, form: dict[str, Any]) -> tuple[date | None, date | None]:
        chosen = str(form.get("when") or "")
        if chosen in address.PRESETS:
            return address.days_back(int(chosen), self._today())
        if chosen != DAYS:
            return None, None
        first, last = (address.day(str(form.get(name) or "")) for name in ("from", "to"))
        return (last, first) if first and last and first > last else (first, last)

    def _today(self) -> date:
        return datetime.now(UTC).astimezone(ZoneInfo(self.timezone)).date()


def _view() -> address.View | None:
    path = current_path()
    return address.parse(path) if urlsplit(path).path.rstrip("/") == routes.AUDIT else None


def _one_of(chosen: Any, known: Collection[str]) -> str:
    return str(chosen) if chosen in known else ""


def _preset(view: address.View, today: date) -> str:
    """Which choice of the time the view's days are."""
    days = (view.date_from, view.date_to)
    if days == (None, None):
        return ""
    named = (it for it in address.PRESETS if address.days_back(int(it), today) == days)
    return next(named, DAYS)


def _page_at(view: address.View, cursor: str | None) -> str:
    return address.page_address(replace(view, cursor=cursor)) if cursor else ""
