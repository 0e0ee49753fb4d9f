"""From an AuditQuery to the events it means: conditions and order."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, and_
from sqlalchemy import Uuid as SqlUuid
from sqlalchemy import select as select_columns
from sqlmodel import Session, select

from ecomops.core.days import span
from ecomops.domains.audit.schemas import AuditQuery, Direction
from ecomops.kit.errors import InvalidInputError
from ecomops.kit.keyset import Order
from ecomops.kit.statements import Filters, Values, bound
from ecomops.models import metadata
from ecomops.models.audit import CATEGORIES, STATUSES
from ecomops.models.base import UTC_TIME
from ecomops.models.identity import TenantConfig

EVENTS = metadata.tables["audit_events"]
LARGEST_PAGE = 500
LONGEST_TEXT = 200
EXACT = (
    "category", "action", "actor", "status", "resource_type", "resource_id", "correlation_id",
)  # fmt: skip
"""Filters that name a column and its value."""


def check(query: AuditQuery) -> None:
    """Raises InvalidInputError by field."""
    wrong = {}
    if query.category and query.category not in CATEGORIES:
        wrong["category"] = f"There is no category '{query.category[:40]}'."
    if query.status and query.status not in STATUSES:
        wrong["status"] = f"There is no status '{query.status[:40]}'."
    for name in (*EXACT, "search"):
        if len(getattr(query, name)) > LONGEST_TEXT or "\x00" in getattr(query, name):
            wrong.setdefault(name, f"At most {LONGEST_TEXT} characters of text.")
    if query.date_from and query.date_to and query.date_from > query.date_to:
        wrong["date_from"] = "The first day must not be after the last."
    if query.sort_dir not in get_args(Direction):
        wrong["sort_dir"] = "Sort ascending (asc) or descending (desc)."
    if not 1 <= query.page_size <= LARGEST_PAGE:
        wrong["page_size"] = f"A page has 1 to {LARGEST_PAGE} rows."
    if wrong:
        raise InvalidInputError(wrong)


def filters_of(session: Session, query: AuditQuery) -> Filters:
    """What the query lets through. Row-level security names the tenant."""
    values: dict[str, Any] = {name: value for name in EXACT if (value := getattr(query, name))}
    if query.date_from or query.date_to:
        values |= _days(session, query)
    search = query.search.strip()
    if not search:
        return Filters(tuple(values), values)
    ranged = {"search_from": search, "search_to": f"{search}\U0010ffff"}
    if event_id := _uuid(search):
        return Filters((*values, "begins_or_is"), {**values, **ranged, "event_id": event_id})
    return Filters((*values, "begins"), {**values, **ranged})


def _days(session: Session, query: AuditQuery) -> dict[str, datetime]:
    zone = ZoneInfo(session.exec(select(TenantConfig.timezone)).one())
    begins, ends = span(query.date_from, query.date_to, zone)
    return {name: at for name, at in (("begin", begins), ("end", ends)) if at is not None}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


Condition = Callable[[Values], ColumnElement[bool]]


def _equal(name: str) -> Condition:
    return lambda it: EVENTS.c[name] == bound(it, name, String)


def _found_by(it: Values, *ways: ColumnElement[bool]) -> ColumnElement[bool]:
    """An id that begins so, or one of ``ways``.

    Ids first, each by its own index, in a list that is done before any order is thought of.
    """
    begin = [_begins(EVENTS.c[name], it) for name in ("correlation_id", "resource_id")]
    found = [select_columns(EVENTS.c.id).where(way) for way in (*begin, *ways)]
    listed = (
        found[0].union(*found[1:]).cte("found").prefix_with("MATERIALIZED", dialect="postgresql")
    )
    return EVENTS.c.id.in_(select_columns(listed.c.id))


def _begins(column: Any, it: Values) -> ColumnElement[bool]:
    """As a range: LIKE is not leakproof, so no index would serve it."""
    low, high = (bound(it, f"search_{name}", String) for name in ("from", "to"))
    return and_(column >= low, column < high)


_CONDITIONS: dict[str, Condition] = {
    **{name: _equal(name) for name in EXACT},
    "begin": lambda it: EVENTS.c.occurred_at >= bound(it, "begin", UTC_TIME),
    "end": lambda it: EVENTS.c.occurred_at < bound(it, "end", UTC_TIME),
    "begins": _found_by,
    "begins_or_is": lambda it: _found_by(it, EVENTS.c.id == bound(it, "event_id", SqlUuid)),
}


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions of ``filters``, with its values where it has any."""
    return [_CONDITIONS[name](filters.values) for name in filters.names]


def order_of(query: AuditQuery) -> Order:
    """Newest first, but a trace is read from its beginning; ties by id."""
    direction = query.sort_dir or ("asc" if query.correlation_id else "desc")
    return by_time(descending=direction == "desc")


def by_time(*, descending: bool) -> Order:
    """The only order that the log is read in."""
    return Order(EVENTS.c.occurred_at, EVENTS.c.id, descending)
