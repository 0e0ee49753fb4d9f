"""What the audit log's page shows is all in its address, so that a link reproduces it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

from ecomops.domains.audit.schemas import CATEGORIES, STATUSES, AuditQuery
from ecomops.ui import routes

SIZES = (25, 50, 100, 250, 500)
SIZE = 50
LONGEST = 200
TEXTS = ("action", "actor", "resource_type", "resource_id", "correlation_id", "search")
"""Filters that are typed. Each means the whole of it, but for ``search``."""
PRESETS = {"1": "Last 24 hours", "7": "Last 7 days", "30": "Last 30 days"}
"""Days back → its name. They are days of the workspace, the one they begin in whole."""


@dataclass(frozen=True, slots=True)
class View:
    """One screen of the log. Dates are the workspace's days; both are included.

    ``search`` is an id, or how one begins. ``direction`` None: the newest first, and the trace of
    one operation as it went on. ``event`` is the id of the event that is open beside the list.
    """

    category: str = ""
    status: str = ""
    action: str = ""
    actor: str = ""
    resource_type: str = ""
    resource_id: str = ""
    correlation_id: str = ""
    search: str = ""
    date_from: date | None = None
    date_to: date | None = None
    direction: Literal["asc", "desc"] | None = None
    cursor: str | None = None
    size: int = SIZE
    event: str = ""

    @property
    def filtered(self) -> bool:
        return bool(filter_pairs(self))

    @property
    def ascending(self) -> bool:
        return (self.direction or self.natural_direction) == "asc"

    @property
    def natural_direction(self) -> Literal["asc", "desc"]:
        return "asc" if self.correlation_id else "desc"


def parse(address: str) -> View:
    """The view that ``address`` asks for; what makes no sense in it is left out."""
    given = parse_qs(urlsplit(address).query)

    def one(name: str) -> str:
        return given.get(name, [""])[-1]

    size = one("size")
    plain = View(
        **{name: typed(one(name)) for name in TEXTS},
        category=one("category") if one("category") in CATEGORIES else "",
        status=one("status") if one("status") in STATUSES else "",
        date_from=day(one("from")),
        date_to=day(one("to")),
        cursor=one("cursor") or None,
        size=int(size) if size in map(str, SIZES) else SIZE,
        event=_uuid(one("event")),
    )
    return ordered(plain, one("dir"))


def ordered(view: View, direction: str) -> View:
    """The same screen in this order; the order that it has anyway is not named."""
    named = direction if direction in ("asc", "desc") else view.natural_direction
    return replace(view, direction=None if named == view.natural_direction else named)


def typed(text: str) -> str:
    """What somebody typed or pasted, as a filter takes it."""
    return "".join(letter for letter in text if letter.isprintable()).strip()[:LONGEST].strip()


def day(text: str) -> date | None:
    """An ISO date, or None if it is not one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def page_address(view: View) -> str:
    """The address of the page that shows the view."""
    more = {
        "size": str(view.size) if view.size != SIZE else "",
        "cursor": view.cursor or "",
        "event": view.event,
    }
    pairs = [*filter_pairs(view), *_order(view), *((k, v) for k, v in more.items() if v)]
    return _with_query(routes.AUDIT, pairs)


def export_address(view: View, form: str) -> str:
    """The download of all events that the view's filters let through: ``csv`` or ``ndjson``.

    They stand in it in the order of the log, which is what proves them.
    """
    return _with_query(f"{routes.AUDIT}/export.{form}", filter_pairs(view))


def list_of(view: View) -> View:
    """The list alone, with no event open beside it."""
    return replace(view, event="")


def is_whole_trace(view: View) -> bool:
    """Whether all events of one operation are shown, and none but them."""
    return [name for name, _ in filter_pairs(view)] == ["correlation_id"]


def without_filters(view: View) -> View:
    """Every event, newest first."""
    return View(size=view.size)


def changed(view: View, **changes: Any) -> View:
    """The view with other filters, from its first row on, in the order that suits them."""
    other = replace(view, cursor=None, event="", **changes)
    return ordered(other, view.direction or "")


def days_back(days: int, today: date) -> tuple[date, date]:
    """The first and the last day of a preset."""
    return today - timedelta(days=days), today


def query_of(view: View) -> AuditQuery:
    """The view as the service takes it."""
    return AuditQuery(
        **{name: getattr(view, name) for name in (*TEXTS, "category", "status")},
        date_from=view.date_from,
        date_to=view.date_to,
        sort_dir=view.direction or "",
        cursor=view.cursor,
        page_size=view.size,
    )


def filter_pairs(view: View) -> list[tuple[str, str]]:
    """The filters that are on, as the address has them."""
    pairs = [(name, getattr(view, name)) for name in ("category", "status", *TEXTS)]
    days = (("from", view.date_from), ("to", view.date_to))
    pairs += [(name, value.isoformat()) for name, value in days if value]
    return [(name, value) for name, value in pairs if value]


def _order(view: View) -> list[tuple[str, str]]:
    return [("dir", view.direction)] if view.direction else []


def _with_query(path: str, pairs: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(pairs)}" if pairs else path
